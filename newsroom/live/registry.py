"""Where apps say what their streams are: who may listen, what is folded, what is due, what a socket may ask."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

type Viewer = AbstractBaseUser | AnonymousUser
type Message = dict[str, Any]
type MayRead = Callable[[Any, str], bool]
type Fold = Callable[[str, list[Row]], None]
type Run = Callable[[], int]
type Handle = Callable[[Any, Message, str], Message]
type Recognised = AbstractBaseUser | tuple[AbstractBaseUser, Collection[str]] | None
type Authenticate = Callable[[HttpRequest], Recognised]

_NAME = re.compile(r"[a-z]+(?:\.[A-Za-z0-9_-]{1,72})?")


@dataclass(slots=True)
class Row:
    """An event in the hands of a fold, numbered already. `data` is None if redacted; what replaces it is saved."""

    id: int
    offset: int
    kind: str
    subject: str
    data: dict[str, Any] | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Family:
    may_read: MayRead
    fold: Fold | None
    scope: str | None
    merged: frozenset[str]


@dataclass(frozen=True, slots=True)
class Command:
    """`asks` and `answers` are the typed frames, for who describes the protocol."""

    handle: Handle
    asks: type | None
    answers: tuple[type, ...]


_families: dict[str, Family] = {}
_deeds: dict[str, Run] = {}
_commands: dict[str, Command] = {}
_authenticators: list[Authenticate] = []


def register(
    family: str,
    *,
    may_read: MayRead,
    fold: Fold | None = None,
    scope: str | None = None,
    merged: Collection[str] = frozenset(),
) -> None:
    """Open the streams "<family>.<key>", and "<family>" itself with the key "".

    `may_read(viewer, key)` guards each subscription. `fold(stream, rows)` runs in the numbering transaction over
    the events just numbered, in order, and is the only writer of what is counted from them. Whoever came with a key
    of limited scopes needs `scope`, where one is named. Of the events of a kind in `merged` that wait for a number,
    the last of each subject gets one and stands for the others, which vanish: such a kind tells how a thing stands,
    and the fold counts it from rows, not from events.
    """
    _families[family] = Family(may_read, fold, scope, frozenset(merged))


def due(name: str, run: Run) -> None:
    """Have `run` called every second in every serving process; it says how many deeds it did.

    It claims its rows itself (`SELECT … FOR UPDATE SKIP LOCKED`) and acts through an action.
    """
    _deeds[name] = run


def command(name: str, handle: Handle, *, asks: type | None = None, answers: tuple[type, ...] = ()) -> None:
    """Answer the socket message {"type": name, …}: `handle(user, message, client_ip)` returns the answer frame.

    It runs in a bounded pool of threads; what it raises as Refused is answered as `refused`. Whoever came with a key
    of limited scopes needs the scope `name`. `asks` and `answers` are msgspec structs for the description; a field that
    `asks` does not have is refused.
    """
    _commands[name] = Command(handle, asks, answers)


def authenticate(find: Authenticate) -> None:
    """Have `find(request)` try to recognise a program by its headers: None if it does not apply.

    It gives a user, or (user, scopes) if what they came with does not open everything. A credential that is given
    but wrong raises Refused, or what DRF raises for it: the socket is not opened.
    """
    if find not in _authenticators:
        _authenticators.append(find)


def may_read(viewer: Viewer, stream: str) -> bool:
    """False for a malformed name and an unknown family: a stream is closed until an app opens it."""
    if not _NAME.fullmatch(stream):
        return False
    family, _, key = stream.partition(".")
    known = _families.get(family)
    try:
        return known is not None and known.may_read(viewer, key)
    except (ValueError, OverflowError):  # not a key as this family has them
        return False


def in_scope(scopes: Collection[str] | None, stream: str) -> bool:
    """Whether a key of these scopes opens `stream`, as far as its owner may read it; None: not limited."""
    known = _families.get(stream.partition(".")[0])
    return scopes is None or known is None or known.scope is None or known.scope in scopes


def fold_of(stream: str) -> Fold | None:
    known = _families.get(stream.partition(".")[0])
    return known.fold if known else None


def merged_of(stream: str) -> frozenset[str]:
    known = _families.get(stream.partition(".")[0])
    return known.merged if known else frozenset()


def deeds() -> dict[str, Run]:
    return dict(_deeds)


def handler(name: str) -> Handle | None:
    known = _commands.get(name)
    return known.handle if known else None


def asked(name: str) -> Any:
    """The typed frame of a command, where its app has described it; None otherwise."""
    known = _commands.get(name)
    return known.asks if known else None


def commands() -> dict[str, Command]:
    return dict(_commands)


def authenticators() -> tuple[Authenticate, ...]:
    return tuple(_authenticators)
