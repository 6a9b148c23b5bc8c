"""Keyset pages: a walk in either direction meets every row once, however the list grows meanwhile.

An answer is {"next", "previous", "results", "stream", "position"}. A cursor is opaque, belongs to its
list and sort, and says "after this key" or "before this key". Never OFFSET, never COUNT.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from django.db.models import DateTimeField, F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest
from django.utils.translation import gettext as _

from newsroom.errors import Refused
from newsroom.prepared import Prepared, unlike_any

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_BIG = 2**63


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
    """`rows` in the order asked for; `next` and `previous` are cursors, None at an end."""

    rows: list[M]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class Source[M: Model]:
    """The queryset `make(*form, *values)`, compiled once for each form: for lists that are asked for all the time.

    `make` is a function of a module; `values` are integers or text that the statement compares with, `form` the rest.
    """

    model: type[M]
    make: Callable[..., QuerySet[M, Any]]
    values: tuple[int | str, ...]
    form: tuple[Any, ...] = ()
    prepare: Callable[..., Prepared[Any]] = Prepared  # of the function and like its values


@dataclass(frozen=True, slots=True)
class Moving:
    """An order in which rows move: `column` says at which position of its stream a row took its place; `now` is the
    stream's position. The walk's first position travels in the cursors, and what moved after it is left out: hence
    no row comes twice, and whatever kept its place is met.
    """

    column: str
    now: int


def sort_of(params: Mapping[str, str], allowed: Sequence[str]) -> str:
    """`?sort=`, the first of `allowed` by default. Raises UnknownSort."""
    sort = params.get("sort") or allowed[0]
    if sort not in allowed:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(allowed))
    return sort


def limit_of(params: Mapping[str, str], *, default: int = DEFAULT_LIMIT, most: int = MAX_LIMIT) -> int:
    """`?limit=`, from 1 to `most`; larger is cut to `most`. Raises Malformed."""
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
    """A page of `rows` ordered by the integer or time columns or integer annotations `keys` (the last one unique), all
    in one direction.

    `scope` names list and sort, for example "discussion.7:newest"; a cursor of another scope raises UnknownCursor.
    Times are compared in microseconds since 1970, so `keys` may name DateTimeFields.
    """
    backwards, edge = _decode(cursor, scope, len(keys) + (moving is not None)) if cursor else (False, None)
    start = [moving.now] if moving else []
    if edge is not None:
        start = [edge.pop()] if moving else []
        _must_fit(rows.model, [*keys, *([moving.column] if moving else [])], [*edge, *start])
    wanted = _Wanted(tuple(keys), descending != backwards, edge is not None, moving.column if moving else "", limit)
    found = _found(rows, wanted, [*edge, *start] if edge is not None else [])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    first, last = _key(found[0], keys), _key(found[-1], keys)
    ahead = more if not backwards else True
    behind = edge is not None if not backwards else more
    return Page(
        found,
        _encode("n", scope, [*last, *start]) if ahead else None,
        _encode("p", scope, [*first, *start]) if behind else None,
    )


def cursor_after(scope: str, key: Sequence[Any]) -> str:
    """A cursor of the list `scope` whose page begins right after the place `key`, as `keyset` orders it."""
    return _encode("n", scope, list(key))


def links(request: HttpRequest, *cursors: str | None) -> list[str | None]:
    """The URL of this request with other cursors: below SITE_URL, so that answers are the same bytes for all hosts."""
    if not any(cursors):
        return [None] * len(cursors)
    params = [(k, v) for k, values in sorted(request.GET.lists()) for v in values if k != "cursor"]
    start = f"{settings.SITE_URL}{request.path}?{urlencode([*params, ('cursor', '')])}"
    return [None if cursor is None else start + cursor for cursor in cursors]  # a cursor needs no quoting


def answer(
    request: HttpRequest, page: Page[Any], results: list[Any], *, stream: str | None, position: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The body of a list: links, rows, and where its stream stood before the rows were read."""
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
    """The form of a page: whether it begins beyond an edge, and only with rows that had their place at a start."""

    keys: tuple[str, ...]
    downwards: bool
    has_edge: bool
    moving: str
    limit: int

    def of[M: Model](self, rows: QuerySet[M, Any], places: Sequence[Any]) -> QuerySet[M, Any]:
        """`places`: the edge, and the start where rows move."""
        if self.has_edge:
            rows = rows.filter(_beyond(self.keys, places[: len(self.keys)], downwards=self.downwards))
            if self.moving:
                rows = rows.filter(**{f"{self.moving}__lte": places[-1]})
        ordered = rows.order_by(*[F(key).desc() if self.downwards else F(key).asc() for key in self.keys])
        return ordered[: self.limit + 1]


def _found(rows: QuerySet[Any, Any] | Source[Any], wanted: _Wanted, places: list[Any]) -> list[Any]:
    if isinstance(rows, QuerySet):
        return list(wanted.of(rows, places))
    if not all(isinstance(each, int) for each in places):  # how a time is compared differs between databases
        return list(wanted.of(rows.make(*rows.form, *rows.values), places))
    kinds = tuple(map(type, rows.values))
    return _prepared(rows.make, rows.form, kinds, wanted, rows.prepare).run(*rows.values, *places)


@lru_cache(256)
def _prepared(
    make: Callable[..., QuerySet[Any, Any]],
    form: tuple[Any, ...],
    kinds: tuple[type, ...],
    wanted: _Wanted,
    prepare: Callable[..., Prepared[Any]],
) -> Prepared[Any]:
    places = (len(wanted.keys) + bool(wanted.moving)) if wanted.has_edge else 0
    like = unlike_any(*kinds, *[int] * places)
    own = len(kinds)
    return prepare(lambda *values: wanted.of(make(*form, *values[:own]), values[own:]), *like)


def _beyond(keys: Sequence[str], edge: Sequence[Any], *, downwards: bool) -> Q:
    """Row-wise comparison: spelled out with OR, an index would be walked from the first row with the first key."""
    if len(keys) == 1:
        return Q(**{f"{keys[0]}__{'lt' if downwards else 'gt'}": edge[0]})
    compare = TupleLessThan if downwards else TupleGreaterThan
    return Q(compare(Tuple(*[F(key) for key in keys]), tuple(edge)))


def _must_fit(model: type[Model], keys: Sequence[str], edge: Sequence[Any]) -> None:
    """A cursor is no secret: whoever forges one gets no further than its form. Raises UnknownCursor."""
    fields = model._meta.get_fields()  # noqa: SLF001  Django's own name for it
    times = {field.attname for field in fields if isinstance(field, DateTimeField)}
    for key, value in zip(keys, edge, strict=True):
        if type(value) is not (datetime if key in times else int):
            raise UnknownCursor(_("This cursor is not one of ours."))


def _key(row: Model, keys: Sequence[str]) -> list[Any]:
    return [getattr(row, key) for key in keys]


def _encode(direction: str, scope: str, key: list[Any]) -> str:
    raw = msgspec.msgpack.encode((direction, scope, key))
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(cursor: str, scope: str, width: int) -> tuple[bool, list[Any]]:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        direction, theirs, key = msgspec.msgpack.decode(raw)
    except (binascii.Error, ValueError, TypeError) as error:
        raise UnknownCursor(_("This cursor is not one of ours.")) from error
    fits = direction in ("n", "p") and theirs == scope and isinstance(key, list) and len(key) == width
    if not fits or any(not isinstance(v, int | datetime) or (isinstance(v, int) and abs(v) >= _BIG) for v in key):
        raise UnknownCursor(_("This cursor belongs to another list."))
    return direction == "p", key
