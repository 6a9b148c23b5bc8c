"""Weekly opening hours: when a discussion is closed or premoderated by the clock on the wall. Pure: no rows, no now.

One rule a line, `<days> <from>-<until> <closed|premoderated>`, for example

    daily 23:00-07:00 closed
    sat,sun 00:00-24:00 premoderated

A span that ends before it begins runs past midnight, on from the days that are named. Times are those of the wall in
the zone, also where the clock is put forward or back: an hour that a night does not have begins with the next one,
one that it has twice begins with the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STATES = ("closed", "premoderated")  # the first is the stricter one
HORIZON_DAYS = 9  # a weekly plan has repeated itself by then, whatever the clocks did
_LINE = re.compile(r"(\S+)\s+(\d\d):(\d\d)\s*-\s*(\d\d):(\d\d)\s+(\w+)")


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day; `end` up to 2880 where it runs past midnight."""

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
    """Raises BadHours."""
    lines = enumerate(text.lower().splitlines(), 1)
    return tuple(_span(line.strip(), number) for number, line in lines if line.strip())


def state_at(text: str, zone: str, now: datetime) -> str | None:
    """ "closed", "premoderated", or None where no rule holds at `now`."""
    spans = parse(text)
    return _strictest(_windows(spans, zone, now, days_ahead=0), now) if spans else None


def next_change(text: str, zone: str, now: datetime) -> datetime | None:
    """When `state_at` gives something else next, in UTC; None: never."""
    spans = parse(text)
    if not spans:
        return None
    windows = list(_windows(spans, zone, now, days_ahead=HORIZON_DAYS))
    here = _strictest(windows, now)
    tz = ZoneInfo(zone)
    last = _instant(now.astimezone(tz).date() + timedelta(days=HORIZON_DAYS), 0, tz)  # later ones are not all known
    edges = sorted({edge for begin, end, _ in windows for edge in (begin, end) if now < edge <= last})
    return next((edge for edge in edges if _strictest(windows, edge) != here), None)


def next_opening(text: str, zone: str, now: datetime) -> datetime | None:
    """When it is closed at `now`: when it no longer is, in UTC."""
    at: datetime | None = now
    while at is not None and state_at(text, zone, at) == "closed":
        at = next_change(text, zone, at)
    return at if at is not None and at > now else None


type _Window = tuple[datetime, datetime, str]


def _windows(spans: tuple[Span, ...], zone: str, now: datetime, *, days_ahead: int) -> Iterator[_Window]:
    """Every span as instants, from the days before `now` (some last past midnight) to those ahead."""
    tz = ZoneInfo(zone)
    today = now.astimezone(tz).date()
    for offset in range(-2, days_ahead + 1):
        day = today + timedelta(days=offset)
        for span in spans:
            if day.weekday() in span.days:
                begin, end = _instant(day, span.begin, tz), _instant(day, span.end, tz)
                if begin < end:
                    yield begin, end, span.state


def _instant(day: date, minutes: int, tz: ZoneInfo) -> datetime:
    """A time of the wall as an instant; one that the clock skips is the moment at which it skips."""
    days, rest = divmod(minutes, 24 * 60)
    wall = datetime.combine(day + timedelta(days=days), time(*divmod(rest, 60)), tz)
    instant = wall.astimezone(UTC)
    if instant.astimezone(tz).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    skipped = wall.replace(fold=1).utcoffset(), wall.replace(fold=0).utcoffset()
    before = wall.replace(fold=1).astimezone(UTC)  # by the later offset it is before the skip
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


def _strictest(windows: Iterator[_Window] | list[_Window], now: datetime) -> str | None:
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
