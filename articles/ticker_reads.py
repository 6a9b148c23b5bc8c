"""Tickers as pages show them: their items, the numbers of these, and how far a reader has seen them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from django.db.models import Func, Q, QuerySet, Subquery, TextField, Value

from accounts.access import STATEMENTS, Viewer, duties_of, somebody
from accounts.duties import Duties, Duty
from accounts.models import User
from articles.models import SeenMark, State, Ticker, TickerItem
from articles.representations import item_json
from newsroom.api.paging import Source
from newsroom.database.statements import Prepared, prepared, shown, unlike_any
from newsroom.live.outbox import Position, at_position, position_with

MOST_NUMBERS = 1000  # of items; beyond, a page counts retracted ones as unseen, too
MOST_PINNED = 5
MOST_KEY_EVENTS = 20
MOST_OTHERS = 5
PANEL_ITEMS = 7
OF_ALL = Duties.of([(Duty.EDIT, None)])  # to read any ticker


@dataclass(frozen=True, slots=True)
class Reading:
    """A ticker as somebody reads it.

    `position` is that of its stream, read before the items. `numbers`: those of its published items, "1-4 6-9"; below
    the newest thousand, every number counts. `seen`: how far the reader has read. `items` and `key_events` as JSON,
    the newest first.
    """

    ticker: Ticker
    position: Position
    numbers: str
    seen: int
    items: Sequence[dict[str, Any]] = ()
    key_events: Sequence[dict[str, Any]] = ()


def ticker_of(slug: str, viewer: Viewer) -> Reading | None:
    """A ticker that `viewer` may read, without items."""
    return _reading(slug, viewer, duties_of(viewer))


def panel_of(slug: str, viewer: Viewer, *, is_blog: bool = False) -> Reading | None:
    """A ticker with its newest items, and of a live blog with its newest key events; the caller knows that the viewer
    may read it. One statement, if there are any.
    """
    person = _numbers_of(viewer)
    rows = _panel(is_blog, bool(person)).run(slug, f"ticker.{slug}", *person)
    if not rows:
        return _reading(slug, viewer, OF_ALL)
    first, shown = rows[0], [item_json(row) for row in rows]
    keys = [item for item in shown if item["key_event"] and item["state"] == State.PUBLISHED] if is_blog else []
    reading = Reading(first.ticker, position_with(first), _ranges(first.numbers), first.seen or 0)
    return replace(reading, items=shown[:PANEL_ITEMS], key_events=keys[:MOST_KEY_EVENTS])


def _reading(slug: str, viewer: Viewer, duties: Duties | None) -> Reading | None:
    person = _numbers_of(viewer)
    for found in _ticker(duties, bool(person)).run(slug, f"ticker.{slug}", *person):
        return Reading(found, position_with(found), _ranges(found.numbers), found.seen or 0)
    return None


def _numbers_of(viewer: Viewer) -> list[int]:
    return [viewer.pk] if isinstance(viewer, User) else []


def items_of(ticker: Ticker) -> Source[TickerItem]:
    """Its published items and the places of retracted ones, to be shown by `shown_item`."""
    return Source(TickerItem, _items, (ticker.pk,), is_kept=True)


def pinned_of(ticker: Ticker) -> list[dict[str, Any]]:
    """Its newest pinned items as JSON."""
    return [shown_item(item) for item in _pinned().run(ticker.pk)]


def shown_item(item: TickerItem) -> dict[str, Any]:
    """The JSON of an item whose row is kept; only to be read."""
    return shown(item, item_json)


@prepared(int)
def others_than(ticker: int) -> QuerySet[Ticker]:
    """The newest other tickers that are public."""
    return Ticker.objects.listed().exclude(pk=ticker).order_by("-pk").only("slug", "title")[:MOST_OTHERS]


def seen_by(reader: User, ticker: Ticker) -> int:
    """How far `reader` has read `ticker`; 0 at first."""
    return SeenMark.objects.filter(user=reader, ticker=ticker).values_list("number", flat=True).first() or 0


@cache
def _panel(is_blog: bool, has_person: bool) -> Prepared[Any]:
    slug, stream, person = unlike_any(str, str, int)

    def make(slug: str, stream: str, *person: int) -> QuerySet[TickerItem]:
        there = Subquery(Ticker.objects.filter(slug=slug).values("pk")[:1])
        rows = TickerItem.objects.placed().for_list().filter(ticker=there).select_related("ticker__article")
        rows = rows.defer(*(f"{path}__{name}" for path in ("article", "ticker__article") for name in _LONG))
        rows = rows.annotate(**_beside(slug, stream, *person)).order_by("-number")
        if not is_blog:
            return rows[:PANEL_ITEMS]
        placed = TickerItem.objects.placed().filter(ticker=there).order_by("-number").values("pk")
        keys = TickerItem.objects.listed().filter(ticker=there, key_event=True).order_by("-number").values("pk")
        return rows.filter(Q(pk__in=placed[:PANEL_ITEMS]) | Q(pk__in=keys[:MOST_KEY_EVENTS]))

    return Prepared(make, slug, stream, *([person] if has_person else []))


@lru_cache(2 * STATEMENTS)
def _ticker(duties: Duties | None, has_person: bool) -> Prepared[Any]:
    slug, stream, person = unlike_any(str, str, int)
    viewer = somebody(duties, 0)

    def make(slug: str, stream: str, *person: int) -> QuerySet[Ticker]:
        rows = Ticker.objects.visible_to(viewer).select_related("article")
        rows = rows.defer(*(f"article__{name}" for name in _LONG))
        return rows.filter(slug=slug).annotate(**_beside(slug, stream, *person))

    return Prepared(make, slug, stream, *([person] if has_person else []))


_LONG = ("body", "html", "lead")


def _items(ticker: int) -> QuerySet[TickerItem]:
    return TickerItem.objects.placed().for_list().filter(ticker=ticker)


@cache
def _pinned() -> Prepared[TickerItem]:
    (ticker,) = unlike_any(int)

    def make(ticker: int) -> QuerySet[TickerItem]:
        return _items(ticker).filter(pinned=True).order_by("-number")[:MOST_PINNED]

    return Prepared(make, ticker, is_kept=True)


def _beside(slug: str, stream: str, *person: int) -> dict[str, Any]:
    """What a Reading has beside the ticker, as annotations. They do not depend on the row, so they are found once."""
    seen = SeenMark.objects.filter(user__in=person, ticker__slug=slug).values("number")[:1]
    numbers = _Numbers(Value(slug), published=State.PUBLISHED, most=MOST_NUMBERS)
    return {**at_position(stream), "numbers": numbers, "seen": Subquery(seen) if person else Value(0)}


class _Numbers(Func):
    """The newest numbers of a ticker's published items, with commas."""

    output_field = TextField()
    function = "group_concat(newest.number)"
    template = (
        "(SELECT %(function)s FROM (SELECT listed.number FROM articles_tickeritem AS listed WHERE listed.ticker_id = "
        "(SELECT named.id FROM articles_ticker AS named WHERE named.slug = %(expressions)s) "
        "AND listed.state = '%(published)s' ORDER BY listed.number DESC LIMIT %(most)d) AS newest)"
    )

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, function="string_agg(newest.number::text, ',')", **more)


@lru_cache(64)
def _ranges(numbers: str | None) -> str:
    """ "9,8,7,3" → "3 7-9", but with both ends of each range."""
    known = sorted(map(int, numbers.split(","))) if numbers else []
    ranges: list[list[int]] = []
    for number in known:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    if len(known) == MOST_NUMBERS:
        ranges[0][0] = 1
    return " ".join(f"{first}-{last}" for first, last in ranges)
