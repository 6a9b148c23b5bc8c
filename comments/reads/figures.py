"""Figures for moderators: how much was decided, by whom and after how long. All come from what the folds have counted;
decisions are never counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.duties import within
from accounts.models import User
from articles.models import Section
from comments import waits
from comments.access import sections_led, sections_moderated
from comments.models import DayTally, Decision
from comments.reads.decisions import day_of
from comments.representations import Json
from newsroom.api.paging import Malformed

BY = ("day", "section", "rule", "moderator")
SHORT = 7  # days, if no first one is named
MOST_DAYS = 1100
_HOLD = Decision.Action.HOLD
_TAKEN_DOWN = (Decision.Action.REJECT, Decision.Action.REMOVE)
_LET_STAND = (Decision.Action.APPROVE, Decision.Action.KEEP, Decision.Action.RESTORE)


@dataclass(frozen=True, slots=True)
class Span:
    """Days of the site's time zone, both included."""

    since: date
    until: date

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Span:
        """`from` and `to`; without them the last week. Raises Malformed."""
        until = day_of(asked.get("to", "")) or timezone.localdate(timezone=timezone.get_default_timezone())
        since = day_of(asked.get("from", "")) or until - timedelta(days=SHORT - 1)
        if not 0 <= (until - since).days < MOST_DAYS:
            raise Malformed(_("The last day comes after the first one, at most %d days later.") % MOST_DAYS)
        return cls(since, until)

    @classmethod
    def last(cls, days: int) -> Span:
        """So many days up to today."""
        today = timezone.localdate(timezone=timezone.get_default_timezone())
        return cls(today - timedelta(days=days - 1), today)

    def __iter__(self) -> Iterator[date]:
        return (self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1))


def by_of(asked: Mapping[str, str]) -> str:
    """`by`, "day" by default. Raises Malformed."""
    by = asked.get("by") or BY[0]
    if by not in BY:
        raise Malformed(_("One of: %s.") % ", ".join(BY))
    return by


@dataclass(slots=True)
class Line:
    """What was decided on a day, in a section, about what a rule held, or by a moderator. `key`: a date, a Section, a
    name, a User; None for no section, or for one that is gone.
    """

    key: Any = None
    actions: Counter[str] = field(default_factory=Counter)
    waited: Counter[int] = field(default_factory=Counter)  # bucket → decisions

    def add(self, action: str, wait: int, number: int) -> None:
        self.actions[action] += number
        if wait != DayTally.NO_WAIT:
            self.waited[wait] += number

    @property
    def held(self) -> int:
        """By rules."""
        return self.actions[_HOLD]

    @property
    def count(self) -> int:
        """Of the decisions, without what rules only hold."""
        return self.actions.total() - self.held

    @property
    def let_stand(self) -> int:
        return sum(self.actions[each] for each in _LET_STAND)

    @property
    def taken_down(self) -> int:
        return sum(self.actions[each] for each in _TAKEN_DOWN)

    @property
    def median(self) -> int | None:
        """Seconds from the opening of a case to its decision."""
        return waits.median(self.waited)

    def json(self) -> Json:
        actions = {each: self.actions[each] for each in Decision.Action.values}
        return {"actions": actions, "count": self.count, "median_seconds": self.median}


def figures(viewer: Viewer, span: Span, by: str = "day") -> tuple[list[Line], Line]:
    """A line for each day, or for each section, rule or moderator of which there is something, and their sum. At most
    two statements. By moderator: of the sections that `viewer` leads, and Forbidden if there are none.
    """
    here = sections_led(viewer) if by == "moderator" else sections_moderated(viewer)
    rows = DayTally.objects.filter(within(here, "section"), day__gte=span.since, day__lte=span.until)
    sums = rows.values(by, "action", "wait").order_by().annotate(number=Sum("count"))
    lines: dict[Any, Line] = {day: Line(day) for day in span} if by == "day" else {}
    total = Line()
    for key, action, wait, number in sums.values_list(by, "action", "wait", "number"):
        if number:
            total.add(action, wait, number)
            lines.setdefault(key, Line(key)).add(action, wait, number)
    return _named(lines, by), total


def _named(lines: dict[Any, Line], by: str) -> list[Line]:
    """With things instead of ids, in order: what has no name comes last, or is left out where it says nothing."""
    if by == "day":
        return list(lines.values())
    if by == "rule":
        return sorted((each for name, each in lines.items() if name), key=lambda line: (-line.held, line.key))
    model: Any = Section if by == "section" else User
    if by == "moderator":
        lines.pop(0, None)
    known = model.objects.in_bulk(lines.keys())
    for key, line in lines.items():
        line.key = known.get(key)
    return sorted(lines.values(), key=lambda line: (line.key is None, -line.count, line.key.pk if line.key else 0))


def key_json(line: Line, by: str) -> Any:
    """The day, section, rule or moderator of a line."""
    match by:
        case "day":
            return line.key.isoformat()
        case "section":
            return {"slug": line.key.slug, "name": line.key.name} if line.key else None
        case "moderator":
            return {"id": line.key.pk, "name": line.key.name} if line.key else None
    return line.key


def table(lines: Sequence[Line], by: str) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows, for CSV."""
    first = [by, "name"] if by in {"section", "moderator"} else [by]
    rows = []
    for line in lines:
        key = key_json(line, by)
        named = isinstance(key, dict) or key is None
        cells = [*key.values()] if isinstance(key, dict) else [None, None] if named else [key]
        numbers = [line.actions[each] for each in Decision.Action.values]
        rows.append([*cells, *numbers, line.count, line.median])
    return [*first, *Decision.Action.values, "count", "median_seconds"], rows
