"""What can be followed. Apps register their kinds; this app only stores who follows what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import Viewer
from accounts.models import Subscription
from newsroom.database.keys import key_number
from newsroom.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Target:
    """Something that can be followed. `id` is its stored key if it has several names."""

    title: str
    url: str
    id: str | None = None


type Find = Callable[[Viewer, str], Target | None]
type FindAll = Callable[[Viewer, Sequence[int]], Mapping[int, Target]]


class Kind(NamedTuple):
    find: Find
    find_all: FindAll


NOTHING_TO_FOLLOW = _("There is nothing here that you may follow.")
_kinds: dict[str, Kind] = {}


def register(kind: str, find: Find, find_all: FindAll) -> None:
    """Make `kind` known. `find(viewer, id)` returns the target if the viewer may see it; `id` comes from the URL.
    Otherwise it returns None, or raises Refused with the reason.

    `find_all(viewer, stored ids)` gives those targets that the viewer may see, by id, whatever their number, in a
    statement or two.
    """
    _kinds[kind] = Kind(find, find_all)


def must_find(kind: str, viewer: Viewer, id: str) -> Target:  # noqa: A002  its name in the interface
    """The target. Raises NotFound if the kind is unknown or the viewer may not see it, Gone if it was taken back."""
    known = _kinds.get(kind)
    target = known.find(viewer, id) if known else None
    if target is None:
        raise NotFound(str(NOTHING_TO_FOLLOW))
    return target


def find(kind: str, viewer: Viewer, id: str) -> Target | None:  # noqa: A002
    """The target, or None if it can no longer be followed."""
    try:
        return must_find(kind, viewer, id)
    except Refused:
        return None


class Wish(Protocol):
    """A row of Subscription, or some of its columns."""

    @property
    def kind(self) -> str: ...
    @property
    def target(self) -> str: ...


def targets(wishes: Sequence[Wish], viewer: Viewer) -> list[Target | None]:
    """The target of each wish, None if it can no longer be followed. As many statements as there are kinds, or two."""
    numbers: dict[str, list[int]] = {}
    for wish in wishes:
        if wish.kind in _kinds and (number := key_number(wish.target)) is not None:
            numbers.setdefault(wish.kind, []).append(number)
    found = {
        (kind, str(number)): target
        for kind, ids in numbers.items()
        for number, target in _kinds[kind].find_all(viewer, ids).items()
    }
    return [found.get((wish.kind, wish.target)) for wish in wishes]


def followers(kind: str, target: str) -> QuerySet[Subscription, int]:
    """The ids of the people who follow it and can still log in."""
    rows = Subscription.objects.filter(kind=kind, target=target, user__is_active=True)
    return rows.values_list("user_id", flat=True)
