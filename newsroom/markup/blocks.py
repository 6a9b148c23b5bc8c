"""Signs at the beginnings of lines: quotes, lists, code fences, tables."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict

from newsroom.markup.standins import stand_in

FENCE = r"(?P<margin>(?: {0,3}>)* {0,3})(?P<ticks>`{3,})(?P<info>[^`\n]*)"
_FENCE = re.compile(rf"\A{FENCE}$")
_SUSPECT = re.compile(r"^[ \t>]*(?:[-*+>`]|\d+[.)]|    |\t)|^.*-[-:| \t]*$", re.MULTILINE)
_QUOTES = re.compile(r"(?: {0,3}>)*")
_RULE = re.compile(r"[ \t>]*([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_ITEM = re.compile(r"(?P<margin>[ \t>]*)(?P<number>\d{1,9})?(?P<kind>(?(number)[.)]|[-*]))(?P<rest>$|\s.*)")
_INDENTED = re.compile(r" {2,}| ?\t")
_LIKE_CODE = re.compile(r" {4,}| {0,3}\t")
_COMPARES = re.compile(r"\A(?P<margin>[ \t]*(?:>[ \t]+)*)(?P<signs>>+)(?=[\d=.:;,_^<)\-+/|%])")  # ">5", ">:("
_RULER = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


def shield(text: str, *, has_tables: bool) -> str:
    """The text with stand-ins for signs at the beginnings of lines that are not markup."""
    if not _SUSPECT.search(text):
        return text
    lines = text.split("\n")
    code = _fenced(lines)
    _without_lone_items(lines, code)
    if has_tables:
        _without_ragged_tables(lines)
    return "\n".join(lines)


def _fenced(lines: list[str]) -> set[int]:
    """The numbers of all lines in fenced code, fences included. Text after an opening fence becomes code; a fence that
    is never closed is no markup.
    """
    fences, code = _Fences(lines), set[int]()
    for number, found in fences.at.items():
        if number in code:
            continue
        closing = fences.closing(number)
        if closing is None:
            lines[number] = _no_fence(found)
            continue
        code.update(range(number, closing + 1))
        if found["info"].strip():
            lines[number] = f"{found['margin']}{found['ticks']}\n{found['margin']}{found['info'].strip()}"
    return code


def _no_fence(found: re.Match[str]) -> str:
    return found["margin"] + stand_in(found["ticks"]) + found["info"]


class _Fences:
    """The fences of a text with their nesting in quotes and items: at the end of these their code ends, too."""

    def __init__(self, lines: list[str]) -> None:
        self.at = {
            number: found for number, line in enumerate(lines) if "```" in line and (found := _FENCE.match(line))
        }
        self._next = self._next_as_long()
        self._lines = lines
        self._ends: dict[tuple[int, str], int] = {}

    def closing(self, opening: int) -> int | None:
        """The line of the fence that closes this one."""
        closing = self._next.get(opening)
        is_near = closing is not None and closing < self._end(*_place(self.at[opening]["margin"]), opening)
        return closing if is_near else None

    def _next_as_long(self) -> dict[int, int]:
        """For each fence the next one, in equally many quotes, that could close it: at least as long and without
        text.
        """
        found: dict[int, int] = {}
        # Number of quotes → (length, line), the next one last.
        later: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, fence in reversed(self.at.items()):
            closing, length = later[fence["margin"].count(">")], len(fence["ticks"])
            longer = bisect_right(closing, -length, key=lambda each: -each[0])
            if longer:
                found[number] = closing[longer - 1][1]
            if not fence["info"].strip():
                closing[longer:] = [(length, number)]
        return found

    def _end(self, quotes: int, indent: str, opening: int) -> int:
        """The first line that is outside these quotes, or less indented."""
        end = self._ends.get((quotes, indent), 0)
        if end <= opening:
            end = opening + 1
            while end < len(self._lines) and _is_within(self._lines[end], quotes, indent):
                end += 1
            self._ends[quotes, indent] = end
        return end


def _place(margin: str) -> tuple[int, str]:
    """The number of quotes around it; and its indent if an item can have it, else ""."""
    quotes, indent = margin.count(">"), margin.rpartition(">")[2]
    return quotes, indent if len(indent) - bool(quotes) >= 2 else ""


def _is_within(line: str, quotes: int, indent: str) -> bool:
    around = _QUOTES.match(line)[0]  # type: ignore[index]
    rest = line[len(around) :]
    if not indent:
        return around.count(">") >= quotes
    return around.count(">") == quotes and (rest[:4].expandtabs(4).startswith(indent) or not rest.strip())


def _without_lone_items(lines: list[str], code: set[int]) -> None:
    """Replace the signs of items unless they form a list: at least two items with consecutive numbers. Unindents
    indented lines, which people mean as paragraphs and Markdown as code.
    """
    lists, after_blank = _Lists(), True
    for number, line in enumerate(lines):
        if number in code:
            continue
        if not line.strip():
            after_blank = True
            continue
        if after_blank and not lists.are_open and _LIKE_CODE.match(line):
            line = _FENCE.sub(_no_fence, line.lstrip())  # noqa: PLW2901
        line = lines[number] = _COMPARES.sub(lambda found: found["margin"] + stand_in(found["signs"]), line)  # noqa: PLW2901
        item = None if _RULE.match(line) else _ITEM.match(line)
        if item is not None:
            lists.add(number, item)
        elif after_blank and not _INDENTED.match(line):
            lists.close()
        after_blank = False
    lists.close()
    for number, item in lists.lone.items():
        lines[number] = item["margin"] + (item["number"] or "") + stand_in(item["kind"]) + item["rest"]
        if number and lines[number - 1].strip():
            lines[number - 1] += "  "  # a line break, so that this line and the next are not joined


class _Lists:
    """The open lists at a line, by quotes, depth and kind of mark."""

    def __init__(self) -> None:
        self.lone: dict[int, re.Match[str]] = {}
        self._open: defaultdict[tuple[int, int, str], dict[int, re.Match[str]]] = defaultdict(dict)

    @property
    def are_open(self) -> bool:
        return bool(self._open)

    def add(self, line: int, item: re.Match[str]) -> None:
        if not item["rest"].strip():
            self.lone[line] = item
            return
        margin = item["margin"].expandtabs(4)
        quotes, depth = margin.count(">"), len(margin.rpartition(">")[2]) // 2
        self.close(deeper_than=depth)
        self._open[quotes, depth, item["kind"]][line] = item

    def close(self, *, deeper_than: int = -1) -> None:
        for key in [key for key in self._open if key[1] > deeper_than]:
            items = self._open.pop(key)
            if not _is_list([item["number"] for item in items.values()]):
                self.lone |= items


def _is_list(numbers: list[str | None]) -> bool:
    first = numbers[0]
    if len(numbers) < 2:
        return False
    return first is None or numbers == [str(int(first) + place) for place in range(len(numbers))]


def _without_ragged_tables(lines: list[str]) -> None:
    """Replace the signs of a table that would lose cells, because a row has more than the head, or whose head has one
    cell.
    """
    rulers = [number for number, line in enumerate(lines) if number and _RULER.match(line) and not _RULE.match(line)]
    if not rulers:
        return
    widest = [0] * (len(lines) + 1)  # the most cells in a row from here to the next blank line
    for number in range(len(lines) - 1, rulers[0], -1):
        widest[number] = max(_cells(lines[number]), widest[number + 1]) if lines[number].strip() else 0
    rows_end = 0
    for number in rulers:
        columns = _cells(lines[number])
        if number < rows_end or columns != _cells(lines[number - 1]):
            continue
        if "|" not in lines[number - 1] or widest[number + 1] > columns:
            lines[number] = lines[number].replace("|", stand_in("|")).replace("-", stand_in("-"))
        else:
            rows_end = next((end for end in range(number, len(lines)) if not lines[end].strip()), len(lines))


def _cells(row: str) -> int:
    return row.strip(" \t>").removeprefix("|").removesuffix("|").count("|") + 1
