"""`/health/live`: the process answers. `/health/ready`: it can serve, since its database answers, too.

Without Redis the site still works, with delays: it is ready but "degraded". If it were not ready, a load balancer would
take out all machines at once.

Runs before all middleware that needs the site's host name or https: a probe sends neither (SECURE_REDIRECT_EXEMPT).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from newsroom.api.renderers import encode
from newsroom.database.fit import Fit, fit
from newsroom.database.statements import here
from newsroom.doctor.seen import seen
from newsroom.middleware.policies import NO_DOCUMENT

logger = logging.getLogger(__name__)
RETRY_SECONDS = 5
PATIENCE_SECONDS = 1.0  # for each statement: a probe waits for a few seconds only


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.fits = False  # a database that fits once is not checked again by this process

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == "/health/live":
            return _answer({})
        if request.path_info == "/health/ready":
            return _answer({"database": self._database(), "redis": _redis()}, seen(request))
        return self.get_response(request)

    def _database(self) -> str:
        try:
            with here().hurried(PATIENCE_SECONDS):
                if not self.fits:
                    self.fits = fit() is not Fit.BEHIND  # of a newer version: this process is about to be replaced
                    return "" if self.fits else "migrations are behind"
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
        except Error:  # the error names hosts and users: for the log only
            logger.warning("not ready: the database does not answer", exc_info=True)
            return "does not answer"
        return ""


def _redis() -> str:
    if not settings.REDIS_URL:
        return ""
    import redis

    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        logger.warning("not ready: Redis does not answer", exc_info=True)
        return "does not answer"
    return ""


def _answer(parts: dict[str, str], told: dict[str, Any] | None = None) -> HttpResponse:
    """`parts`: part → what is wrong with it, or "". `told`: what only `doctor` gets."""
    reasons = {name: reason for name, reason in parts.items() if reason}
    is_ready = not reasons.get("database")
    status = "ok" if not reasons else "degraded" if is_ready else "unavailable"
    body = {"status": status} | ({"reasons": reasons} if reasons else {}) | ({"seen": told} if told else {})
    response = HttpResponse(encode(body), status=200 if is_ready else 503, content_type="application/json")
    response["Cache-Control"] = "no-store"
    response["Content-Security-Policy"] = NO_DOCUMENT
    if not is_ready:
        response["Retry-After"] = str(RETRY_SECONDS)
    return response
