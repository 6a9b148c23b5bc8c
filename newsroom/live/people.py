"""Who is at the other end, recognised by cookie or header, and what they may hear. Synchronous: asks the database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from typing import Any

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest

from newsroom.live import registry


@dataclass(frozen=True, slots=True)
class Person:
    """Who opened a connection; `scopes` if what they came with does not open everything."""

    id: int
    scopes: frozenset[str] | None = None


class Unrecognised(Exception):
    """A credential was given, but it is not valid."""


def has_credentials(headers: dict[bytes, bytes]) -> bool:
    """Whether there is anything to recognise somebody by; foreign cookies are nothing."""
    cookie = f"{settings.SESSION_COOKIE_NAME}=".encode()
    return b"authorization" in headers or b"x-session-token" in headers or cookie in headers.get(b"cookie", b"")


def recognise(scope: dict[str, Any]) -> Person | None:
    """Who opens this connection, None for an anonymous reader. Raises Unrecognised, and what authenticators raise."""
    request = ASGIRequest({**scope, "method": "GET"}, BytesIO())
    for find in registry.authenticators():
        found = find(request)
        if found is not None:
            user, scopes = found if isinstance(found, tuple) else (found, None)
            return _active(user, scopes)
    if token := request.headers.get("X-Session-Token"):
        session = authenticate_by_x_session_token(token)
        return _active(session[0] if session else None)
    if "Authorization" in request.headers:
        raise Unrecognised
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(
        request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    )
    someone = get_user(request)
    return Person(someone.pk) if someone.is_authenticated else None


def may_hear(user_id: int | None, stream: str) -> bool:
    """False also for who is gone or no longer active."""
    viewer = viewer_of(user_id)
    return (viewer.is_authenticated or user_id is None) and registry.may_read(viewer, stream)


def viewer_of(user_id: int | None) -> Any:
    """The person as they are now; anonymous if they are gone or no longer active."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first() if user_id else None
    return user or AnonymousUser()


def _active(user: Any, scopes: Collection[str] | None = None) -> Person:
    if user is None or not user.is_active:
        raise Unrecognised
    return Person(user.pk, None if scopes is None else frozenset(scopes))
