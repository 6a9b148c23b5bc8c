"""Charts as facts for SVG templates: widths in percent, so that letters keep their size; heights in pixels.

A chart has no script and no colour that alone says something: its second series is hatched, numbers stand beside bars,
and the table of the same numbers stands below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from django.utils.formats import number_format

HEIGHT = 180  # of the columns alone
TOP, BELOW = 14, 22  # room for the highest number, and for days
LEFT = 9  # percent, for numbers at the side
GAP = 0.25  # of a column's place
BAR = 46  # height of a bar with its name
WIDEST = 78  # percent: the number stands behind the bar
SERIES = ("first", "second")


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a series."""

    series: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or a number, and where it stands."""

    said: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`id` is unique on the page. `series`: their names, in order, if there are two."""

    id: str
    title: str
    summary: str
    height: int
    parts: Sequence[Part]
    marks: Sequence[Mark]
    levels: Sequence[Mark] = ()
    series: Sequence[tuple[str, str]] = ()


type Row = tuple[str, Sequence[int]]  # a name, and the number of each series


def columns(name: str, title: str, summary: str, rows: Sequence[Row], series: Sequence[str] = ()) -> Chart:
    """A column for each row, the series above each other."""
    most = _round(max((sum(numbers) for _name, numbers in rows), default=0))
    place = (100 - LEFT) / max(len(rows), 1)
    parts: list[Part] = []
    for n, (_name, numbers) in enumerate(rows):
        bottom = float(TOP + HEIGHT)
        for which, number in enumerate(numbers):
            high = HEIGHT * number / most
            bottom -= high
            if number:
                x, width = LEFT + place * (n + GAP / 2), place * (1 - GAP)
                parts.append(Part(SERIES[which], _percent(x), f"{bottom:.1f}", _percent(width), f"{high:.1f}"))
    levels = [
        Mark(number_format(most * share // 2), "0", f"{TOP + HEIGHT * (2 - share) / 2:.1f}") for share in (0, 1, 2)
    ]
    last = len(rows) - 1
    named = sorted({0, last // 2, last} if last >= 0 else ())
    marks = [Mark(rows[n][0], _percent(LEFT + place * (n + 0.5)), f"{TOP + HEIGHT + 16}") for n in named]
    return Chart(name, title, summary, TOP + HEIGHT + BELOW, parts, marks, levels, _named(series))


def bars(name: str, title: str, summary: str, rows: Sequence[Row], series: Sequence[str] = ()) -> Chart:
    """A bar for each row, with its name above and its number behind it."""
    most = max((sum(numbers) for _name, numbers in rows), default=0) or 1
    parts: list[Part] = []
    marks: list[Mark] = []
    for n, (of, numbers) in enumerate(rows):
        x, y = 0.0, n * BAR
        marks.append(Mark(of, "0", f"{y + 16}"))
        for which, number in enumerate(numbers):
            width = WIDEST * number / most
            if number:
                parts.append(Part(SERIES[which], _percent(x), f"{y + 22}", _percent(width), "16"))
            x += width
        marks.append(Mark(number_format(sum(numbers)), _percent(x + 1), f"{y + 35}"))
    return Chart(name, title, summary, len(rows) * BAR, parts, marks, (), _named(series))


def _named(series: Sequence[str]) -> list[tuple[str, str]]:
    return list(zip(SERIES, series, strict=False))


def _round(most: int) -> int:
    """The next even number of the kind that one writes at the side of a chart: 2, 4, 10, 20, 40, 100 …"""
    if most <= 2:
        return 2
    step = 10 ** int(log10(most))
    return int(next(each * step for each in (1, 2, 4, 6, 8, 10) if each * step >= most and (each * step) % 2 == 0))


def _percent(share: float) -> str:
    return f"{share:.2f}%"


def minutes(seconds: int | None) -> int:
    """Begun ones."""
    return ceil((seconds or 0) / 60)
