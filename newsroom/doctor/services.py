"""Examines what the site needs beside its database: Redis, the mail server, a worker."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import mailers
from django.db import Error
from django.utils import timezone

from newsroom.doctor.findings import Finding, error, ok, plain, warning
from newsroom.server.worker import TIDY_EVERY, backlog

OLDEST_REDIS = 6
PATIENCE = timedelta(minutes=1)  # for a task; longer and no worker takes it
SILENCE = TIDY_EVERY + timedelta(minutes=10)  # of a worker that is well
LOCAL = ("localhost", "127.0.0.1", "::1")


def redis() -> Iterator[Finding]:
    if not settings.REDIS_URL:
        yield ok("redis", "none is set: good for one `serve` process")
        return
    from redis import Redis, RedisError

    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3) as client:
            client.ping()
            told: dict[str, Any] = client.info()
    except (RedisError, OSError) as reason:
        remedy = "Look at REDIS_URL, and whether it runs; meanwhile pages are live within a second, not at once."
        yield error("redis", f"does not answer: {plain(reason)}", remedy)
        return
    version, policy = str(told["redis_version"]), told.get("maxmemory_policy", "")
    yield ok("redis", f"{version} answers; it needs neither persistence nor a backup")
    if int(version.partition(".")[0]) < OLDEST_REDIS:
        yield error("redis", f"{version} is too old", "Upgrade it to 6 or newer.")
    if told.get("maxmemory") and policy == "noeviction":
        yield warning("redis", "once full it refuses to count limits (noeviction)", "Set maxmemory-policy allkeys-lru.")
    if "err" in {told.get("rdb_last_bgsave_status"), told.get("aof_last_write_status")}:
        remedy = 'Set save "" and appendonly no, or make room on its disk.'
        yield error("redis", "it cannot save itself, and may refuse to write", remedy)


def mail() -> Iterator[Finding]:
    """Speaks with the mail server up to the login, as each mail does. No mail is sent."""
    mailer: Any = mailers.default
    if not hasattr(mailer, "host"):
        yield ok("mail", "goes to no mail server (EMAIL_URL)")
        return
    place = f"{mailer.host}:{mailer.port}"
    try:
        with closing(mailer):
            mailer.open()
            code, answer = mailer.connection.noop()
    except (OSError, smtplib.SMTPException) as reason:
        yield error("mail", f"{place} cannot be used: {plain(reason)}", "Look at EMAIL_URL; mails wait for a day.")
        return
    if code >= 400:
        yield error("mail", f"{place} answers {code} {answer.decode(errors='replace')}", "Ask its operator.")
    is_private = mailer.use_tls or mailer.use_ssl
    how = ("with TLS" if is_private else "without TLS") + (", logged in" if mailer.username else "")
    if is_private or mailer.host in LOCAL:
        yield ok("mail", f"{place} lets us in, {how}")
    else:
        remedy = "Use submission://… or smtps://… in EMAIL_URL: mails hold links that open accounts."
        yield warning("mail", f"{place} lets us in, {how}", remedy)


def worker() -> Iterator[Finding]:
    """Tasks that wait, and the last sign of life, tell whether a worker runs."""
    try:
        found = backlog()
    except Error:
        yield error("worker", "stands in the database, which cannot be read", "Mend that first.")
        return
    waited = timezone.now() - found.oldest if found.oldest else timedelta()
    seen = f", a worker was last heard of {_since(found.seen)}" if found.seen else ", no worker has ever run"
    remedy = "Start `manage.py worker`: mails and pictures wait."
    if waited > PATIENCE:
        yield error("worker", f"{found.waiting} tasks wait, the oldest since {_since(found.oldest)}{seen}", remedy)
    elif found.seen is None or timezone.now() - found.seen > SILENCE:
        yield error("worker", f"{found.waiting or 'no'} tasks wait{seen}", remedy)
    else:
        yield ok("worker", f"{found.waiting or 'no'} tasks wait{seen}")
    if found.failed:
        remedy = "Look into the log of `worker`, and at the tasks in the admin."
        yield warning("worker", f"{found.failed} tasks have failed in the last two days", remedy)


def _since(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else ""
