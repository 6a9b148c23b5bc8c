"""Weekly opening hours: when a discussion is closed or premoderated by local time. Pure: no rows, no present time.

One rule a line, `<days> <from>-<until> <closed|premoderated>`, for example

    daily 23:00-07:00 closed
    sat,sun 00:00-24:00 premoderated

A span that ends before it begins continues past midnight; its days are those of its beginning. Times are local times
of the zone, also where clocks change: an hour that is skipped begins at the change, and an hour that comes twice
begins with the first.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STATES = ("closed", "premoderated")  # the first is the stricter one
HORIZON_DAYS = 9  # a weekly plan has repeated itself by then, even with a change of clocks
_LINE = re.compile(r"(\S+)\s+(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day; `end` is up to 2880 if the span continues past midnight."""

    days: frozenset[int]
    begin: int
    end: int
    state: str


class BadHours(ValueError):
    """`line` is the number of the line, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


@lru_cache(maxsize=256)
def parse(text: str) -> tuple[Span, ...]:
    """The spans of all lines. Raises BadHours."""
    lines = enumerate(text.lower().splitlines(), 1)
    return tuple(_span(line.strip(), number) for number, line in lines if line.strip())


def state_at(text: str, zone: str, now: datetime) -> str | None:
    """ "closed", "premoderated", or None if no rule applies at `now`."""
    before, _ = _around(text, zone, now)
    return before.state if before else None


def next_change(text: str, zone: str, now: datetime) -> datetime | None:
    """The next time at which `state_at` changes, in UTC; None: never."""
    _, after = _around(text, zone, now)
    return after.at if after else None


def next_opening(text: str, zone: str, now: datetime) -> datetime | None:
    """If it is closed at `now`: the time at which it no longer is, in UTC."""
    at: datetime | None = now
    while at is not None and state_at(text, zone, at) == "closed":
        at = next_change(text, zone, at)
    return at if at is not None and at > now else None


class _Change(NamedTuple):
    at: datetime
    state: str | None  # from then on


def _around(text: str, zone: str, now: datetime) -> tuple[_Change | None, _Change | None]:
    """The last change until `now` and the first one after it. Every page of a discussion with hours asks for them."""
    changes = _changes(text, zone, now.astimezone(ZoneInfo(zone)).date()) if parse(text) else ()
    place = bisect_right(changes, now, key=_at)
    return changes[place - 1] if place else None, changes[place] if place < len(changes) else None


_at = attrgetter("at")


@lru_cache(maxsize=1024)
def _changes(text: str, zone: str, today: date) -> tuple[_Change, ...]:
    """All changes of state that can matter to a moment of this day, in their order. A plan repeats itself by the week,
    so these are enough; they hold for the whole day, whenever they are asked for.
    """
    tz = ZoneInfo(zone)
    windows = list(_windows(parse(text), tz, today))
    last = _instant(today + timedelta(days=HORIZON_DAYS), 0, tz)  # later ones are incomplete
    moments = sorted({moment for begin, end, _ in windows for moment in (begin, end) if moment <= last})
    found: list[_Change] = []
    for moment in moments:
        state = _strictest(windows, moment)
        if not found or state != found[-1].state:
            found.append(_Change(moment, state))
    return tuple(found)


type _Window = tuple[datetime, datetime, str]


def _windows(spans: tuple[Span, ...], tz: ZoneInfo, today: date) -> Iterator[_Window]:
    """Every span as instants, from two days before (some continue past midnight) to HORIZON_DAYS after."""
    for offset in range(-2, HORIZON_DAYS + 1):
        day = today + timedelta(days=offset)
        for span in spans:
            if day.weekday() in span.days:
                begin, end = _instant(day, span.begin, tz), _instant(day, span.end, tz)
                if begin < end:
                    yield begin, end, span.state


def _instant(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    """A local time as an instant. For one that is skipped, the instant of the clocks' change."""
    days, rest = divmod(minutes, 24 * 60)
    wall = datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60)), tz)
    instant = wall.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    skipped = wall.replace(fold=1).utcoffset(), wall.replace(fold=0).utcoffset()
    before = wall.replace(fold=1).astimezone(UTC)  # with the later offset it is before the change
    gap = abs((skipped[0] or timedelta()) - (skipped[1] or timedelta()))
    return _first_after(before, gap, tz)


def _first_after(before: datetime, gap: timedelta, tz: ZoneInfo) -> datetime:
    """The moment within `gap` after `before` at which the offset changes, to the second."""
    low, high = before, before + gap
    old = low.astimezone(tz).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(tz).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _strictest(windows: Iterable[_Window], now: datetime) -> str | None:
    found = {state for begin, end, state in windows if begin <= now < end}
    return next((state for state in STATES if state in found), None)


def _span(line: str, number: int) -> Span:
    match = _LINE.fullmatch(line)
    if match is None or match[6] not in STATES:
        raise BadHours(number)
    begin, end = int(match[2]) * 60 + int(match[3]), int(match[4]) * 60 + int(match[5])
    if int(match[3]) > 59 or int(match[5]) > 59 or begin >= 24 * 60 or end > 24 * 60 or begin == end:
        raise BadHours(number)
    return Span(_days(match[1], number), begin, end if end > begin else end + 24 * 60, match[6])


def _days(text: str, number: int) -> frozenset[int]:
    if text == "daily":
        return frozenset(range(7))
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        last = last if dash else first
        if first not in DAYS or last not in DAYS:
            raise BadHours(number)
        begin, count = DAYS.index(first), (DAYS.index(last) - DAYS.index(first)) % 7
        found |= {(begin + step) % 7 for step in range(count + 1)}
    return frozenset(found)
