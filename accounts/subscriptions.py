"""What can be followed. Apps register their kinds; this one only stores the wish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.access import Viewer
from accounts.models import Subscription


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be followed; `id` is how it is stored where it goes by several names."""

    title: str
    url: str
    id: str | None = None


type Find = Callable[[Viewer, str], Target | None]
_kinds: dict[str, Find] = {}


def register(kind: str, find: Find) -> None:
    """Make `kind` known. `find(viewer, id)` gives what a viewer may see of it, else None; `id` is what the URL says."""
    _kinds[kind] = find


def find(kind: str, viewer: Viewer, id: str) -> Target | None:  # noqa: A002  its name in the interface
    """The target, or None if the kind is unknown or the viewer may not see it."""
    known = _kinds.get(kind)
    return known(viewer, id) if known else None


def followers(kind: str, target: str) -> QuerySet[Subscription, int]:
    """The ids of the people who follow it and can still log in."""
    rows = Subscription.objects.filter(kind=kind, target=target, user__is_active=True)
    return rows.values_list("user_id", flat=True)
