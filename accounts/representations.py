"""People in the API and in events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accounts.avatars import address_of
from accounts.models import Notification, Sanction, User
from accounts.notifications.preferences import Kind, Ways
from accounts.sections import slug_of
from newsroom.api.renderers import iso


def author_json(user: User) -> dict[str, Any]:
    """A person as everybody sees them: {id, name, role, avatar, page}; avatar is the path of their picture or null, and
    page that of their page, which they may hide.
    """
    return person_json(user.id, user.name, user.role, user.avatar, is_hidden=user.is_hidden)


def person_json(pk: int, name: str, role: str, avatar: str, *, is_hidden: bool) -> dict[str, Any]:
    """The same from the columns of a row."""
    page = None if is_hidden else f"/people/{pk}/"
    return {"id": pk, "name": name, "role": role, "avatar": address_of(avatar), "page": page}


def masked(address: str) -> str:
    """An e-mail address for those who may not read it: its first character and its domain."""
    local, _at, domain = address.partition("@")
    return f"{local[:1]}…@{domain}" if domain else ""


def sanction_json(sanction: Sanction) -> dict[str, Any]:
    """A sanction as the person concerned sees it."""
    return {
        "id": sanction.pk,
        "scope": sanction.scope,
        "section": slug_of(sanction.section),
        "until": iso(sanction.until),
        "reason": sanction.reason,
        "text": sanction.text,
    }


def me_json(user: User, sanctions: Iterable[Sanction]) -> dict[str, Any]:
    """A person as they see themselves; `sanctions` are those in force."""
    return {
        "id": user.pk,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "language": user.language,
        "time_zone": user.time_zone,
        "hidden": user.is_hidden,
        "avatar": address_of(user.avatar),
        "confirmed": user.is_confirmed,
        "sanctions": [sanction_json(each) for each in sanctions],
    }


def preferences_json(preferences: Mapping[Kind, Ways]) -> dict[str, Any]:
    """{kind: {web, mail, push}}"""
    return {str(kind): {"web": ways.web, "mail": ways.mail, "push": ways.push} for kind, ways in preferences.items()}


def notification_json(notification: Notification) -> dict[str, Any]:
    """A notification: {id, kind, subject, title, url, …, created_at, read_at}, with its `details` in between."""
    return {
        "id": notification.pk,
        "kind": notification.kind,
        "subject": notification.subject,
        "title": notification.title,
        "url": notification.url,
        **notification.details,
        "created_at": iso(notification.created_at),
        "read_at": iso(notification.read_at),
    }
