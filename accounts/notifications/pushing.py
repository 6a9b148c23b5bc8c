"""Pushes notifications to browsers: https://www.rfc-editor.org/rfc/rfc8030.

What is pushed passes a service of others and stands on locked screens. So it is the name of the kind, and the title of
what is public; of decisions nothing but that there is one.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.tasks import task
from django.utils import timezone, translation

from accounts.models import Notification, PushSubscription
from accounts.notifications import webpush
from accounts.notifications.preferences import Kind, chosen, kind_of
from accounts.notifications.telling_by_mail import SLACK, UNDONE, WAIT, undoable_until
from newsroom import webhooks

logger = logging.getLogger(__name__)
LIVES = timedelta(days=1)  # how long a service keeps a message for a browser that is off, and we one that has to wait
SECONDS = 10  # for an answer
SHORTEST, LONGEST = 60, 3600  # seconds to wait where a service says so
TITLE = 120  # characters
OVER = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
BUSY = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


def is_offered() -> bool:
    """Whether the site has a key."""
    return bool(settings.VAPID_PRIVATE_KEY)


def may_push_to(endpoint: str) -> bool:
    """Whether the address is one of a push service that the site trusts (PUSH_HOSTS)."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    origin = f"{parts.scheme}://{parts.netloc}"
    is_usual = parts.scheme == "https" and port in {None, 443} and "@" not in parts.netloc
    return any(
        origin == allowed if "://" in allowed else is_usual and fnmatchcase(host, allowed)
        for allowed in settings.PUSH_HOSTS
    )


def announce(rows: Sequence[Notification], job: int | None = None) -> None:
    """Queue what is to be pushed. The caller's transaction holds it back until it commits.

    `job`: see `accounts.notifications.telling_by_mail.wait_for_jobs`.
    """
    if not rows or not is_offered() or not push_about.get_backend().supports_defer:
        return
    found = PushSubscription.objects.filter(user__in={row.user_id for row in rows}).values_list("user_id", flat=True)
    people, of_job = set(found), () if job is None else (job,)
    for row in rows:
        if row.user_id in people:
            is_decision = kind_of(row.kind) == Kind.DECISION
            later = push_about.using(run_after=timezone.now() + WAIT) if is_decision else push_about
            later.enqueue(row.pk, *of_job)


@task
def push_about(notification: int, job: int | None = None) -> None:
    """Push it to all browsers of the person, once: the worker that claims it sends it, and if it dies then, it is lost.
    Not what was undone or read meanwhile.
    """
    later = undoable_until(job)
    if later is not None:
        push_about.using(run_after=later + SLACK).enqueue(notification, job)
        return
    row = Notification.objects.select_related("user").filter(pk=notification, read_at=None).first()
    if row is None or row.details.get(UNDONE) or not row.user.is_active:
        return
    kind = kind_of(row.kind)
    if chosen([row.user_id], [kind])[row.user_id, kind].push and Notification.objects.claim_push(row.pk):
        for each in PushSubscription.objects.filter(user=row.user):
            _push(each, row)


@task
def push_again(subscription: int, notification: int) -> None:
    """Push what had to wait, unless something newer waits instead."""
    row = Notification.objects.select_related("user").filter(pk=notification, read_at=None).first()
    there = PushSubscription.objects.filter(pk=subscription).first()
    if there and PushSubscription.objects.claim(subscription, notification) and row and row.user.is_active:
        there.wait_until = None
        _push(there, row)


def _push(there: PushSubscription, row: Notification) -> None:
    now = timezone.now()
    if there.wait_until and there.wait_until > now:
        _postpone(there, row, (there.wait_until - now).total_seconds())
        return
    try:
        answer = webhooks.send(there.endpoint, _headers(there, row), _sealed(there, row), seconds=SECONDS)
    except webhooks.Unanswered as unanswered:
        logger.warning("A push service did not answer: %s", unanswered)  # it may have taken it, so not once more
        return
    match answer.status:
        case status if status in OVER:
            PushSubscription.objects.forget(there.pk)
        case status if status in BUSY:
            _postpone(there, row, _seconds(answer.headers))
        case status if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:  # our key, our clock, our message
            logger.error("%s refused a push message: status %d", urlsplit(there.endpoint).hostname, status)


def _postpone(there: PushSubscription, row: Notification, seconds: float) -> None:
    until = timezone.now() + timedelta(seconds=min(max(seconds, SHORTEST), LONGEST))
    if until - row.created_at < LIVES:
        PushSubscription.objects.postpone(there.pk, row.pk, until)
        push_again.using(run_after=until).enqueue(there.pk, row.pk)


def _seconds(headers: Mapping[str, str]) -> int:
    given = headers.get("retry-after", "")
    return int(given) if given.isascii() and given.isdigit() else SHORTEST


def _headers(there: PushSubscription, row: Notification) -> dict[str, str]:
    about = hashlib.sha256(f"{row.kind} {row.subject}".encode()).digest()
    subject, key = settings.VAPID_SUBJECT, settings.VAPID_PRIVATE_KEY
    return {
        "Authorization": webpush.authorization(there.endpoint, key, subject, now=int(time.time())),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(int(LIVES.total_seconds())),
        "Topic": webpush.written(about)[:32],  # of what waits for a browser about the same, only the last one comes
        "Urgency": "normal",
    }


def _sealed(there: PushSubscription, row: Notification) -> bytes:
    kind = kind_of(row.kind)
    with translation.override(row.user.language or settings.LANGUAGE_CODE):
        told = {
            "id": row.pk,
            "title": str(kind.label),
            "body": "" if kind == Kind.DECISION else row.title[:TITLE],
            "url": row.url,
        }
    return webpush.sealed(msgspec.json.encode(told), webpush.read(there.key), webpush.read(there.secret))
