"""Recognises the person behind a connection, by cookie or header, and checks their rights. Synchronous: it queries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.models import AnonymousUser

from newsroom.live import registry
from newsroom.server.handler import request_of


@dataclass(frozen=True, slots=True)
class Person:
    """The person who opened a connection. `scopes` is None unless the credential is limited to some."""

    id: int
    scopes: frozenset[str] | None = None


class Unrecognised(Exception):
    """A credential was given and is not valid."""


def has_credentials(headers: dict[bytes, bytes]) -> bool:
    """Whether any header could recognise somebody. Cookies of other applications do not count."""
    cookie = f"{settings.SESSION_COOKIE_NAME}=".encode()
    return b"authorization" in headers or b"x-session-token" in headers or cookie in headers.get(b"cookie", b"")


def recognise(scope: dict[str, Any]) -> Person | None:
    """The person who opens this connection; None for an anonymous reader. Raises Unrecognised, and what authenticators
    raise.
    """
    request: Any = request_of(scope)
    for find in registry.authenticators():
        found = find(request)
        if found is not None:
            user, scopes = found if isinstance(found, tuple) else (found, None)
            return _active(user, scopes)
    if "Authorization" in request.headers or "X-Session-Token" in request.headers:
        raise Unrecognised
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(
        request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    )
    someone = get_user(request)
    return Person(someone.pk) if someone.is_authenticated else None


def may_hear(user_id: int | None, stream: str) -> bool:
    """Whether this person may read `stream`. False also for a deleted or inactive person."""
    viewer = viewer_of(user_id)
    return (viewer.is_authenticated or user_id is None) and registry.may_read(viewer, stream)


def viewer_of(user_id: int | None) -> Any:
    """The person as they are now; anonymous if deleted or inactive."""
    user = get_user_model().objects.filter(pk=user_id, is_active=True).first() if user_id else None
    return user or AnonymousUser()


def _active(user: Any, scopes: Collection[str] | None = None) -> Person:
    if user is None or not user.is_active:
        raise Unrecognised
    return Person(user.pk, None if scopes is None else frozenset(scopes))
