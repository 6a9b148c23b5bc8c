"""Keyset pages: paging in either direction returns every row once, even if the list grows meanwhile.

An answer is {"next", "previous", "results", "stream", "position"}. A cursor is opaque, belongs to its list and sort,
and stands for "after this key" or "before this key". Never OFFSET, never COUNT.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.db.models import DateTimeField, F, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from newsroom.database.keys import beyond, key_number
from newsroom.database.statements import Frame, Prepared, unlike_any
from newsroom.errors import Refused
from newsroom.live.outbox import Position

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_BIG = 2**63
_BESIDE = re.compile(r"(?P<way>after|before)-(?P<number>[0-9]{1,18})")


class UnknownCursor(Refused):
    code = "unknown_cursor"
    status = 400


class UnknownSort(Refused):
    code = "unknown_sort"
    status = 400


class Malformed(Refused):
    code = "malformed"
    status = 400


@dataclass(frozen=True, slots=True)
class Page[M: Model]:
    """`rows` in the requested order; `next` and `previous` are cursors, None at an end."""

    rows: list[M]
    next: str | None
    previous: str | None


class Linked(Protocol):
    """A page of any list, with its cursors."""

    @property
    def next(self) -> str | None: ...

    @property
    def previous(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Source[M: Model]:
    """The queryset `make(*form, *values)`, compiled once for each `form`: for frequently requested lists.

    `make` is a module-level function. `values` are integers or text that the statement compares with; `form` is
    everything else.
    """

    model: type[M]
    make: Callable[..., QuerySet[M, Any]]
    values: tuple[int | str, ...]
    form: tuple[Any, ...] = ()
    is_kept: bool = False  # see Prepared
    frame: Frame | None = None  # what the page's rows are joined to; then all keys must be integers


@dataclass(frozen=True, slots=True)
class Moving:
    """An order in which rows move. `column` holds the position of the stream at which a row got its present place;
    `now` is the stream's present position.

    The cursors carry the position of the first page. Rows that moved later are left out, so no row appears twice and
    every row that did not move appears.
    """

    column: str
    now: int


def number_of(given: str | None) -> int | None:
    """The number that `given` writes out. Raises Malformed."""
    if not given:
        return None
    number = key_number(given)
    if number is None:
        raise Malformed(_("An id is a whole number."))
    return number


def sort_of(params: Mapping[str, str], allowed: Sequence[str]) -> str:
    """`?sort=`, the first of `allowed` by default. Raises UnknownSort."""
    sort = params.get("sort") or allowed[0]
    if sort not in allowed:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(allowed))
    return sort


def limit_of(params: Mapping[str, str], *, default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> int:
    """`?limit=`, from 1 to `most`; a larger one is reduced to `most`. Raises Malformed."""
    raw = params.get("limit") or str(default)
    if not (raw.isascii() and raw.isdigit() and int(raw[:9]) > 0):
        raise Malformed(_("limit is a whole number from 1 to %d.") % most)
    return min(int(raw[:9]), most)


def keyset[M: Model](
    rows: QuerySet[M, Any] | Source[M],
    *,
    scope: str,
    keys: Sequence[str],
    limit: int,
    cursor: str = "",
    descending: bool = True,
    moving: Moving | None = None,
) -> Page[M]:
    """A page of `rows` ordered by `keys`, all in one direction. The keys are integer or time columns or integer
    annotations; the last one is unique.

    `scope` names list and sort, for example "discussion.7:newest"; a cursor of another scope raises UnknownCursor.
    Times are compared in microseconds since 1970, so `keys` may name DateTimeFields.
    """
    backwards, bound = key_of(cursor, scope, len(keys) + (moving is not None)) if cursor else (False, None)
    start = [moving.now] if moving else []
    if bound is not None:
        start = [bound.pop()] if moving else []
        must_fit(rows.model, [*keys, *([moving.column] if moving else [])], [*bound, *start])
    wanted = _Wanted(tuple(keys), descending != backwards, bound is not None, moving.column if moving else "")
    found = _found(rows, wanted, [*bound, *start] if bound is not None else [], limit + 1)
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    first, last = _key(found[0], keys), _key(found[-1], keys)
    ahead = more if not backwards else True
    behind = bound is not None if not backwards else more
    return Page(
        found,
        cursor_after(scope, [*last, *start]) if ahead else None,
        cursor_before(scope, [*first, *start]) if behind else None,
    )


def cursor_after(scope: str, key: Sequence[Any]) -> str:
    """A cursor of the list `scope` for the page right after `key`, in the order of `keyset`."""
    return _encode("n", scope, list(key))


def cursor_before(scope: str, key: Sequence[Any]) -> str:
    """A cursor of the list `scope` for the page right before `key`."""
    return _encode("p", scope, list(key))


def links(request: HttpRequest, *cursors: str | None) -> list[str | None]:
    """The request's URL with other cursors, under SITE_URL, so that the answer is the same for all hosts."""
    if not any(cursors):
        return [None] * len(cursors)
    params = [(k, v) for k, values in sorted(request.GET.lists()) for v in values if k != "cursor"]
    start = f"{settings.SITE_URL}{request.path}?{urlencode([*params, ('cursor', '')])}"
    return [None if cursor is None else start + cursor for cursor in cursors]  # a cursor needs no quoting


def answer(
    request: HttpRequest, page: Linked, results: list[Any], *, stream: str | None, position: Position | None
) -> dict[str, Any]:
    """The body of a list: links, rows, and the position of its stream before the rows were read."""
    ahead, behind = links(request, page.next, page.previous)
    return {
        "next": ahead,
        "previous": behind,
        "results": results,
        "stream": stream,
        "position": position,
    }


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the statement of a page depends on: `has_bound`, if it starts at a cursor; `moving`, a column that limits
    rows to those that had their place at the first page's position.
    """

    keys: tuple[str, ...]
    downwards: bool
    has_bound: bool
    moving: str

    def of[M: Model](self, rows: QuerySet[M, Any], places: Sequence[Any]) -> QuerySet[M, Any]:
        """`places`: the key at the cursor, followed by the first page's position if rows move."""
        if self.has_bound:
            rows = rows.filter(beyond(self.keys, places[: len(self.keys)], downwards=self.downwards))
            if self.moving:
                rows = rows.filter(**{f"{self.moving}__lte": places[-1]})
        return rows.order_by(*[F(key).desc() if self.downwards else F(key).asc() for key in self.keys])

    @property
    def order(self) -> str:
        return ", ".join(f'line."{key}"{" DESC" * self.downwards}' for key in self.keys)


def _found(rows: QuerySet[Any, Any] | Source[Any], wanted: _Wanted, places: list[Any], most: int) -> list[Any]:
    if isinstance(rows, QuerySet):
        return list(wanted.of(rows, places)[:most])
    if not all(isinstance(each, int) for each in places):  # databases differ in how they compare times
        return list(wanted.of(rows.make(*rows.form, *rows.values), places)[:most])
    kinds = tuple(map(type, rows.values))
    statement = _compiled(rows.make, rows.form, rows.is_kept, rows.frame, kinds, wanted)
    return statement.run(*rows.values, *places, most)


@lru_cache(256)
def _compiled(
    make: Callable[..., QuerySet[Any, Any]],
    form: tuple[Any, ...],
    is_kept: bool,
    frame: Frame | None,
    kinds: tuple[type, ...],
    wanted: _Wanted,
) -> Prepared[Any]:
    places = (len(wanted.keys) + bool(wanted.moving)) if wanted.has_bound else 0
    like = unlike_any(*kinds, *[int] * places)
    own = len(kinds)

    def page(*values: int | str) -> QuerySet[Any, Any]:
        return wanted.of(make(*form, *values[:own]), values[own:])

    return Prepared(page, *like, is_kept=is_kept, frame=frame and frame.ordered(wanted.order), is_limited=True)


def must_fit(model: type[Model], keys: Sequence[str], bound: Sequence[Any]) -> None:
    """Raises UnknownCursor if a cursor's key has a wrong type. A cursor is not signed: anybody can make one."""
    fields = model._meta.get_fields()  # noqa: SLF001  Django's own name for it
    times = {field.attname for field in fields if isinstance(field, DateTimeField)}
    for key, value in zip(keys, bound, strict=True):
        if type(value) is not (datetime if key in times else int):
            raise UnknownCursor(_("This cursor is not one of ours."))


def _key(row: Model, keys: Sequence[str]) -> list[Any]:
    return [getattr(row, key) for key in keys]


def _encode(direction: str, scope: str, key: list[Any]) -> str:
    raw = msgspec.msgpack.encode((direction, scope, key))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_of(cursor: str, scope: str, *widths: int) -> tuple[bool, list[Any]]:
    """Whether a cursor goes backwards, and its key, which has one of these `widths`. Raises UnknownCursor.

    Pages that know the number by which a row of theirs is ordered write `after-17` or `before-17` themselves.
    """
    if 1 in widths and (beside := _BESIDE.fullmatch(cursor)):
        return beside["way"] == "before", [int(beside["number"])]
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        direction, theirs, key = msgspec.msgpack.decode(raw)
    except (binascii.Error, ValueError, TypeError) as error:
        raise UnknownCursor(_("This cursor is not one of ours.")) from error
    fits = direction in ("n", "p") and theirs == scope and isinstance(key, list) and len(key) in widths
    if not fits or any(not isinstance(v, int | datetime) or (isinstance(v, int) and abs(v) >= _BIG) for v in key):
        raise UnknownCursor(_("This cursor belongs to another list."))
    return direction == "p", key
