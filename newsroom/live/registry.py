"""Where apps register their streams, folds, socket commands, and the functions to run every second."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from newsroom.errors import NotFound, Refused

type Viewer = AbstractBaseUser | AnonymousUser
type Message = dict[str, Any]
type MayRead = Callable[[Any, str], bool]
type Missing = Callable[[str], Refused]
type Fold = Callable[[str, list[Row]], None]
type Run = Callable[[], int]
type Waiting = Callable[[datetime], QuerySet[Any, Any]]
type Begin = Callable[[], object]
type Handle = Callable[[Any, Message, str], Message]
type Recognised = AbstractBaseUser | tuple[AbstractBaseUser, Collection[str]] | None
type Authenticate = Callable[[HttpRequest], Recognised]

_NAME = re.compile(r"[a-z]+(?:\.[A-Za-z0-9_-]{1,72})?")


@dataclass(slots=True)
class Row:
    """An event as a fold gets it, already numbered. `data` is None if redacted. A fold may assign `data`; it is
    saved.
    """

    id: int
    offset: int
    kind: str
    subject: str
    data: dict[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """Where the words of a family's events stand, so that the log need not hold them once more.

    An event of the subject "<prefix><id>" whose data has None for the first of `columns` is read with these columns of
    the row `id` of `table`; without such a row it is void. It says what was true at its time only if each action that
    changes these columns redacts the earlier events of the subject.
    """

    table: str
    prefix: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    names: tuple[str, ...]
    may_read: MayRead
    missing: Missing
    fold: Fold | None
    scope: str | None
    merged: frozenset[str]
    words: Words | None


@dataclass(frozen=True, slots=True)
class Deed:
    """See `due`."""

    run: Run
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """`asks` and `answers` are the typed frames, for the protocol's description."""

    handle: Handle
    asks: type | None
    answers: tuple[type, ...]


def nothing_here(key: str) -> Refused:
    return NotFound(_("There is nothing here that you may see."))


_families: dict[str, Family] = {}
_deeds: dict[str, Deed] = {}
_steps: dict[str, Run] = {}
_chores: dict[str, Begin] = {}
_commands: dict[str, Command] = {}
_authenticators: list[Authenticate] = []


def register(
    *names: str,
    may_read: MayRead,
    missing: Missing = nothing_here,
    fold: Fold | None = None,
    scope: str | None = None,
    merged: Collection[str] = frozenset(),
    words: Words | None = None,
) -> None:
    """Open the streams of a family, "<family>.<key>", and "<family>" itself with the key "".

    `names` is how descriptions call them, the family before the point: "articles", or "ticker.<slug>".

    `may_read(viewer, key)` guards each subscription. Over HTTP `missing(key)` is raised where it returns False.

    `fold(stream, rows)` runs in the numbering transaction over the events just numbered, in order. It is the only
    writer of what is counted from them.

    A key with limited scopes needs `scope`, if one is given.

    Of the waiting events of a kind in `merged`, only the last of each subject gets a number; the earlier ones are
    deleted. Such an event gives a thing's whole state, and the fold counts from rows, not from events.
    """
    (family,) = {name.partition(".")[0] for name in names}
    _families[family] = Family(names, may_read, missing, fold, scope, frozenset(merged), words)


def due(name: str, run: Run, *waiting: Waiting) -> None:
    """Have `run` called in every serving process within a second once a queryset of `waiting(now)` has rows.

    All deeds are asked for in one statement every second, see `newsroom.database.questions.Questions`. So each of
    these querysets needs an index. `run` claims its rows itself (`SELECT … FOR UPDATE SKIP LOCKED`), acts through an
    action, and returns the number of things it did.
    """
    _deeds[name] = Deed(run, waiting)


def at_start(name: str, step: Run) -> None:
    """Have `step` called every second in every serving process, from its start until it returns 0."""
    _steps[name] = step


def daily(name: str, begin: Begin) -> None:
    """Have `begin` called once a day by one of the workers. What takes long it puts into the queue as a task."""
    _chores[name] = begin


def command(name: str, handle: Handle, *, asks: type | None = None, answers: tuple[type, ...] = ()) -> None:
    """Answer the socket message {"type": name, …}: `handle(user, message, client_ip)` returns the answer frame.

    It runs in a bounded pool of threads. A Refused that it raises is answered as `refused`. A key with limited scopes
    needs the scope `name`. `asks` and `answers` are msgspec structs for the description; a field that `asks` does not
    have is refused.
    """
    _commands[name] = Command(handle, asks, answers)


def authenticate(find: Authenticate) -> None:
    """Have `find(request)` try to recognise a program by its headers; it returns None if it does not apply.

    It returns a user, or (user, scopes) for a credential with limited scopes. For an invalid credential it raises
    Refused, or what DRF raises; then the socket is not opened.
    """
    if find not in _authenticators:
        _authenticators.append(find)


def may_read(viewer: Viewer, stream: str) -> bool:
    """Whether `viewer` may read `stream`. False for a malformed name and an unknown family."""
    if not _NAME.fullmatch(stream):
        return False
    family, _dot, key = stream.partition(".")
    known = _families.get(family)
    try:
        return known is not None and known.may_read(viewer, key)
    except (ValueError, OverflowError):  # not a key of this family
        return False


def missing(stream: str) -> Refused:
    """What to raise over HTTP where `may_read` returns False. A socket gives no reason."""
    family, _dot, key = stream.partition(".")
    known = _families.get(family) if _NAME.fullmatch(stream) else None
    return (known.missing if known else nothing_here)(key)


def in_scope(scopes: Collection[str] | None, stream: str) -> bool:
    """Whether a key with these scopes opens `stream`, as far as its owner may read it; None: not limited."""
    known = _families.get(stream.partition(".")[0])
    return scopes is None or known is None or known.scope is None or known.scope in scopes


def fold_of(stream: str) -> Fold | None:
    known = _families.get(stream.partition(".")[0])
    return known.fold if known else None


def merged_of(stream: str) -> frozenset[str]:
    known = _families.get(stream.partition(".")[0])
    return known.merged if known else frozenset()


def words_of(stream: str) -> Words | None:
    known = _families.get(stream.partition(".")[0])
    return known.words if known else None


def streams() -> list[str]:
    """The names of all streams: "articles", "ticker.<slug>" …"""
    return sorted(name for each in _families.values() for name in each.names)


def deeds() -> dict[str, Deed]:
    return dict(_deeds)


def steps() -> dict[str, Run]:
    return dict(_steps)


def chores() -> dict[str, Begin]:
    return dict(_chores)


def handler(name: str) -> Handle | None:
    known = _commands.get(name)
    return known.handle if known else None


def asked(name: str) -> Any:
    """The typed frame of a command; None if its app has not described it."""
    known = _commands.get(name)
    return known.asks if known else None


def commands() -> dict[str, Command]:
    return dict(_commands)


def authenticators() -> tuple[Authenticate, ...]:
    return tuple(_authenticators)
