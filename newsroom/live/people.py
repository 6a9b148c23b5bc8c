"""Who is at the other end, recognised by cookie or header, and what they may hear. Synchronous: asks the database."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO
from typing import Any

from allauth.headless.internal.sessionkit import authenticate_by_x_session_token
from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest

from newsroom.live import registry


class Unrecognised(Exception):
    """A credential was given, but it is not valid."""


def has_credentials(headers: dict[bytes, bytes]) -> bool:
    """Whether there is anything to recognise somebody by; foreign cookies are nothing."""
    cookie = f"{settings.SESSION_COOKIE_NAME}=".encode()
    return b"authorization" in headers or b"x-session-token" in headers or cookie in headers.get(b"cookie", b"")


def recognise(scope: dict[str, Any]) -> int | None:
    """The id of who opens this connection, None for an anonymous reader. Raises Unrecognised, Refused."""
    request = ASGIRequest({**scope, "method": "GET"}, BytesIO())
    for find in registry.authenticators():
        user = find(request)
        if user is not None:
            return _active(user)
    if token := request.headers.get("X-Session-Token"):
        found = authenticate_by_x_session_token(token)
        return _active(found[0] if found else None)
    if "Authorization" in request.headers:
        raise Unrecognised
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(
        request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    )
    someone = get_user(request)
    return someone.pk if someone.is_authenticated else None


def may_hear(user_id: int | None, stream: str) -> bool:
    """False also for who is gone or no longer active."""
    viewer = viewer_of(user_id)
    return (viewer.is_authenticated or user_id is None) and registry.may_read(viewer, stream)


def viewer_of(user_id: int | None) -> Any:
    """The person as they are now; anonymous if they are gone or no longer active."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first() if user_id else None
    return user or AnonymousUser()


def _active(user: Any) -> int:
    if user is None or not user.is_active:
        raise Unrecognised
    pk: int = user.pk
    return pk
