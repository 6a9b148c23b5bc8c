"""Keyset pages of what a search finds, newest first, for a bounded amount of work.

Rare words are looked up in the index, among all rows. For common ones a page looks at a limited number of rows, one
after the other. If it is not full then, and the index would list too many more, it says where it stopped, and its
cursor goes on there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any, cast

from django.db.models import F, Max, Min, Model, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from newsroom.api.paging import UnknownCursor, cursor_after, cursor_before, key_of, must_fit
from newsroom.database.keys import beyond
from newsroom.database.statements import is_postgresql
from newsroom.search import asking
from newsroom.search.asking import Match, Question

SORTS = ("best", "newest")  # best: rows that have all words exactly as asked for come first
_MATCHES = {"best": (Match.EXACT, Match.OTHERWISE), "newest": (Match.ANY,)}
# Rows that are looked at for a page, first so many, then more; and the cost of a page that has gone so far
STRETCHES = ((1_000, 1), (9_000, 4), (20_000, 10))
STRETCHES_OF_IDS = ((50_000, 1), (450_000, 4))  # instead on SQLite, whose index has rows in the order of their ids
FEW = 100  # rows with a word that SQLite's index, which counts quickly, lists before any row is looked at
PART, MOST_PARTS = 4, 5  # of a list by ids: so many times the wanted rows; so many times
type _Key = list[Any]


@dataclass(frozen=True, slots=True)
class Line[M: Model]:
    """What is searched. An index of the database has `rows` in the order of `keys`, the last of which is unique; those
    of `seen` can be found. `moment` is the column of their time.

    `glance`: so many rows are looked at before the index is asked. Few where a common word fills a page with them, more
    where they are probably all. `listed`: the same rows as `seen` by conditions that no index has, if `seen` has one
    that SQLite would follow through the whole line, instead of looking up the few that the index of words lists.
    """

    rows: QuerySet[M, Any]
    seen: QuerySet[M, Any]
    keys: tuple[str, ...]
    moment: str
    glance: int = 0
    listed: QuerySet[M, Any] | None = None


@dataclass(frozen=True, slots=True)
class Found[Row]:
    """`rows` in order, first their ids; `next` and `previous` are cursors, None at an end.

    `searched_to`: the time of the row at which the search stopped before the page was full, otherwise None. `cost`: 1
    for a cheap page, see `newsroom.search.allowance`.
    """

    rows: list[Row]
    next: str | None = None
    previous: str | None = None
    searched_to: datetime | None = None
    cost: int = 1

    def showing[Shown](self, rows: list[Shown]) -> Found[Shown]:
        """The same page with these rows."""
        return Found(rows, self.next, self.previous, self.searched_to, self.cost)


def found_page[M: Model](
    line: Line[M],
    question: Question | None,
    *,
    scope: str,
    sort: str,
    limit: int,
    cursor: str = "",
    is_reversed: bool = False,
) -> Found[int]:
    """A page of the rows in `line` that have the words. `scope` names the list for cursors, without the sort.
    `is_reversed`: the whole list from its end on.

    In the sort `best` the rows that match exactly come first, newest first, then all others, newest first. A row has
    one place in each sort, so a walk meets each row once unless its words are changed meanwhile. Raises UnknownCursor.
    """
    scope, matches = f"{scope}:{sort}{':reversed' * is_reversed}", _MATCHES[sort][:: -1 if is_reversed else 1]
    backwards, bound = _bound(line, cursor, scope, matches)
    if question is None:
        return Found([])
    walk = _Walk(line, question, limit + 1, is_downwards=backwards == is_reversed)
    for match in reversed(matches) if backwards else matches:
        if not bound or match == bound[0]:
            walk.through(match, bound[1:])
            bound = []
            if walk.is_over:
                break
    return walk.page(scope, is_later=bool(cursor), is_backwards=backwards)


class _Walk[M: Model]:
    """Collects the keys of `wanted` rows, each a match, the columns of `keys`, and the id."""

    def __init__(self, line: Line[M], question: Question, wanted: int, *, is_downwards: bool) -> None:
        self._line, self._question, self._wanted, self._is_downwards = line, question, wanted, is_downwards
        self._order = [F(key).desc() if is_downwards else F(key).asc() for key in line.keys]
        hidden = [Coalesce(key, key) for key in line.keys]  # no index has it
        self._order_by_sorting = [key.desc() if is_downwards else key.asc() for key in hidden]
        self._column = f'"{line.rows.model._meta.db_table}"."{line.rows.model._meta.pk.column}"'  # noqa: SLF001
        self._is_by_id = line.keys == ("id",)
        self._is_quick = self._is_by_id and not is_postgresql()
        self._found: list[_Key] = []
        self._edge: _Key | None = None  # where it stopped
        self._last = Match.ANY  # what it looked for at last
        self._cost = 1

    @property
    def is_full(self) -> bool:
        return len(self._found) >= self._wanted

    @property
    def is_over(self) -> bool:
        return self.is_full or self._edge is not None

    def through(self, match: Match, start: _Key) -> None:
        """Collect the rows with this match, after the key `start` if there is one."""
        self._last = match
        glance = self._line.glance
        stretches: Sequence[tuple[int, int]] = STRETCHES_OF_IDS if self._is_quick else STRETCHES
        if glance:
            stretches = [(glance, 1), *(each for each in stretches if each[0] > glance)]
        if not is_postgresql() and self._question.is_rare(match, min(FEW, asking.MOST_LISTED)):
            self._collect_listed(match, start)
            return
        asks_at = 0 if is_postgresql() and not glance else 1
        for number, (size, cost) in enumerate(stretches):
            if number == asks_at and self._question.is_rare(match, asking.MOST_LISTED):
                self._collect_listed(match, start)
                return
            is_long = self._is_by_id and not self._is_quick and number == len(stretches) - 1
            if is_long and self._question.is_rare(match, asking.MOST_SORTED):
                self._list(match, start)
                return
            self._cost = max(self._cost, cost)
            last, end = self._end_of(size, start)
            if self._is_quick:
                self._list(match, start, end)
            else:
                stretch = self._line.seen.filter(self._question.holds_for(self._column, match))
                self._collect(match, self._beyond(self._beyond(stretch, start), end, is_ahead=False))
            if not end or self.is_over:
                return
            start = last
        self._edge = [int(match), *start]

    def _collect_listed(self, match: Match, start: _Key) -> None:
        """Collect what the index lists for words of which one is rare, after the key `start` if there is one."""
        if self._is_quick:
            self._list(match, start, most_parts=None)
            return
        seen = self._line.seen if self._line.listed is None else self._line.listed
        rows = seen.filter(pk__in=self._question.listed(match))
        self._collect(match, self._beyond(rows, start), is_walk=False)

    def _end_of(self, size: int, start: _Key) -> tuple[_Key, _Key]:
        """The last key of the next `size` rows after `start`, and the first one behind it; empty at the end."""
        if not self._is_quick:
            ahead = self._beyond(self._line.rows, start).order_by(*self._order).values_list(*self._line.keys)
            last, *behind = [*map(list, ahead[size - 1 : size + 1])] or [[]]
            return last, [key for keys in behind for key in keys]
        oldest = self._line.rows.aggregate(oldest=Min("pk"))["oldest"] or 0  # two in one statement read all rows
        newest = self._line.rows.aggregate(newest=Max("pk"))["newest"] or 0
        step = -1 if self._is_downwards else 1
        end = (start[0] if start else newest + 1 if self._is_downwards else 0) + step * (size + 1)
        return ([end - step], [end]) if oldest <= end <= newest else ([], [])

    def _list(self, match: Match, start: _Key, end: _Key | None = None, *, most_parts: int | None = MOST_PARTS) -> None:
        """Collect what the index lists between these ids, part by part: nobody may see all that is listed."""
        for _part in count() if most_parts is None else range(most_parts):
            most = PART * self._wanted
            bounds = start[0] if start else None, end[0] if end else None
            ids = self._question.first_listed(match, *bounds, most, is_downwards=self._is_downwards)
            self._collect(match, self._line.seen.filter(pk__in=ids))
            if self.is_full or len(ids) < most:
                return
            start = [ids[-1]]
        self._edge = [int(match), *start]

    def _beyond(self, rows: QuerySet[M, Any], key: _Key, *, is_ahead: bool = True) -> QuerySet[M, Any]:
        """Those after `key`; with `is_ahead=False` those before it. All without a key."""
        return rows.filter(beyond(self._line.keys, key, downwards=self._is_downwards == is_ahead)) if key else rows

    def _collect(self, match: Match, rows: QuerySet[M, Any], *, is_walk: bool = True) -> None:
        """`is_walk`: the database is to go along the index of the keys."""
        keys = rows.order_by(*(self._order if is_walk else self._order_by_sorting)).values_list(*self._line.keys, "pk")
        self._found += [[int(match), *key] for key in keys[: self._wanted - len(self._found)]]

    def page(self, scope: str, *, is_later: bool, is_backwards: bool) -> Found[int]:
        """`is_later`: whether the page began at a cursor. `is_backwards`: whether it was walked from its end."""
        is_full, found = self.is_full, self._found[: self._wanted - 1]
        onward, back = (cursor_before, cursor_after) if is_backwards else (cursor_after, cursor_before)
        end = found[-1][:-1] if is_full else self._edge
        start = found[0][:-1] if found else self._edge or [int(self._last)]
        ahead, behind = onward(scope, end) if end else None, back(scope, start) if is_later else None
        ids = [key[-1] for key in found]
        to = None if is_full or self._edge is None else self._moment(self._edge)
        if is_backwards:
            return Found(ids[::-1], behind, ahead, to, self._cost)
        return Found(ids, ahead, behind, to, self._cost)

    def _moment(self, edge: _Key) -> datetime | None:
        """The time of the row with this key, or of the last one before it."""
        there = dict(zip(self._line.keys, edge[1:], strict=True))
        before = self._beyond(self._line.rows, edge[1:], is_ahead=False).order_by(*self._order).reverse()
        for rows in (self._line.rows.filter(**there), before):
            for moment in rows.values_list(self._line.moment, flat=True)[:1]:
                return cast("datetime", moment)
        return None


def _bound[M: Model](line: Line[M], cursor: str, scope: str, matches: Sequence[Match]) -> tuple[bool, _Key]:
    """Whether a cursor goes backwards, and its key: a match, and the columns of `keys` unless all rows with that match
    are meant.
    """
    if not cursor:
        return False, []
    backwards, bound = key_of(cursor, scope, 1, 1 + len(line.keys))
    if bound[0] not in matches:
        raise UnknownCursor(_("This cursor is not one of ours."))
    if len(bound) > 1:
        must_fit(line.rows.model, line.keys, bound[1:])
    return backwards, bound
