"""Decides whether a connection may be opened, and as which person."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import Error
from rest_framework.exceptions import APIException

from newsroom.client import comes_by_https
from newsroom.errors import Refused
from newsroom.live.hub.hub import Hub
from newsroom.live.identity import Person, Unrecognised, has_credentials, recognise
from newsroom.live.transports.origin import Trust
from newsroom.middleware.policies import NO_DOCUMENT

logger = logging.getLogger(__name__)


class Closed(Exception):
    """The connection is refused, with this HTTP status."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
        headers += [(b"x-content-type-options", b"nosniff"), (b"content-security-policy", NO_DOCUMENT.encode())]
        if self.status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS):
            headers.append((b"retry-after", b"2"))
        return headers

    @property
    def body(self) -> bytes:
        return self.status.phrase.encode()


def transport_security(scope: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """The header that Django's SecurityMiddleware gives to answers by https; nothing by http."""
    if not settings.SECURE_HSTS_SECONDS or not comes_by_https(scope, dict(scope["headers"])):
        return []
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains; preload"  # one setting for both
    return [(b"strict-transport-security", value.encode())]


async def admit(hub: Hub, scope: dict[str, Any], trusted: Trust) -> Person | None:
    """The person who connects; None for an anonymous reader. Raises Closed.

    A caller that adds the person to the hub's guests before its next `await` misses no change of their rights.
    """
    if trusted is Trust.NONE:
        raise Closed(HTTPStatus.FORBIDDEN)
    if trusted is Trust.ANONYMOUS or not has_credentials(dict(scope["headers"])):
        return None
    try:
        person: Person | None = await hub.ask(recognise, scope)
    except (Unrecognised, Refused, APIException) as error:
        raise Closed(HTTPStatus.FORBIDDEN) from error
    except Error as error:
        logger.warning("cannot tell who opens a connection: %s", error)
        raise Closed(HTTPStatus.SERVICE_UNAVAILABLE) from error
    return person
