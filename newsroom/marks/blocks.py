"""Signs at the beginnings of lines: quotes, lists, fences around code, rulers of tables."""

from __future__ import annotations

import re
from collections import defaultdict

from newsroom.marks.standins import stand_in

FENCE = r"(?P<margin>(?: {0,3}>)* {0,3})(?P<ticks>`{3,})(?P<info>[^`\n]*)"
_FENCE = re.compile(f"{FENCE}$")
_SUSPECT = re.compile(r"^[ \t>]*(?:[-*+>`]|\d+[.)]|    |\t)|^.*-[-:| \t]*$", re.MULTILINE)
_RULE = re.compile(r"[ \t>]*([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_ITEM = re.compile(r"(?P<margin>[ \t>]*)(?P<number>\d{1,9})?(?P<kind>(?(number)[.)]|[-*]))(?P<rest>$|\s.*)")
_INDENTED = re.compile(r" {2,}| ?\t")
_LIKE_CODE = re.compile(r" {4,}| {0,3}\t")
_COMPARES = re.compile(r"\A(?P<margin>[ \t]*(?:>[ \t]+)*)(?P<signs>>+)(?=[\d=.:;,_^<)\-+/|%])")  # ">5", ">:("
_RULER = re.compile(r"[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


def shield(text: str, *, has_tables: bool) -> str:
    """The text with stand-ins where a line begins with a sign that is no mark."""
    if not _SUSPECT.search(text):
        return text
    lines = text.split("\n")
    code = _fenced(lines)
    _without_lone_items(lines, code)
    if has_tables:
        _without_ragged_tables(lines)
    return "\n".join(lines)


def _fenced(lines: list[str]) -> set[int]:
    """The lines of code, with their fences. What stands behind a fence becomes code; one never closed is a sign."""
    fences = {number: found for number, line in enumerate(lines) if "```" in line and (found := _FENCE.match(line))}
    code: set[int] = set()
    never_closed = len(max((found["ticks"] for found in fences.values()), default="", key=len)) + 1
    for number, found in fences.items():
        if number in code:
            continue
        ticks = found["ticks"]
        closing = _closing(fences, number) if len(ticks) < never_closed else None
        if closing is None:
            never_closed = min(never_closed, len(ticks))
            lines[number] = found["margin"] + stand_in(ticks) + found["info"]
            continue
        code.update(range(number, closing + 1))
        if found["info"].strip():
            lines[number] = f"{found['margin']}{ticks}\n{found['margin']}{found['info'].strip()}"
    return code


def _closing(fences: dict[int, re.Match[str]], opening: int) -> int | None:
    ticks = fences[opening]["ticks"]
    later = (number for number, found in fences.items() if number > opening and not found["info"].strip())
    return next((number for number in later if len(fences[number]["ticks"]) >= len(ticks)), None)


def _without_lone_items(lines: list[str], code: set[int]) -> None:
    """A list has two items, its numbers follow each other. Indented lines are no code: people indent paragraphs."""
    lists, after_blank = _Lists(), True
    for number, line in enumerate(lines):
        if number in code:
            continue
        if not line.strip():
            after_blank = True
            continue
        if after_blank and not lists.are_open and _LIKE_CODE.match(line):
            line = line.lstrip()  # noqa: PLW2901
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
            lines[number - 1] += "  "  # its line stays one of its own


class _Lists:
    """The lists that are open at a line, by quotes, depth and kind of mark."""

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
    """A row with more cells than the head would lose them; a head without any is a line of text."""
    rows_end = 0
    for number in range(1, len(lines)):
        if number < rows_end or "|" not in lines[number] or not _RULER.match(lines[number]):
            continue
        columns = _cells(lines[number - 1])
        if columns != _cells(lines[number]):
            continue
        rows_end = next((end for end in range(number, len(lines)) if not lines[end].strip()), len(lines))
        if "|" not in lines[number - 1] or any(_cells(row) > columns for row in lines[number + 1 : rows_end]):
            lines[number] = lines[number].replace("|", stand_in("|")).replace("-", stand_in("-"))


def _cells(row: str) -> int:
    return row.strip(" \t>").removeprefix("|").removesuffix("|").count("|") + 1
