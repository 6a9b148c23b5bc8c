"""Mends the text of an XML file where what was meant is beyond doubt; a sound file passes as it is.

What is mended keeps its length, so that line and column of a later error are right. Hence three signs that are no
characters in Unicode either stand in for what a parser does not take; `meant` turns them into what was meant.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html.entities import html5
from typing import NamedTuple

FARTHEST = 4_000_000  # characters in which the end of a section is looked for
CONTROL, SECTION, REFERENCE = "control", "section", "reference"

_NOTHING, _GREATER, _AMPERSAND = "\ufdd0", "\ufdd1", "\ufdd2"
_MEANT = {ord(_NOTHING): None, ord(_GREATER): ">", ord(_AMPERSAND): "&"}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdd2\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#(?P<decimal>[0-9]{1,9});|#x(?P<hexadecimal>[0-9a-fA-F]{1,8});|(?P<name>\w{1,40};))?")
_LONGEST_REFERENCE = 42
_OPENING = re.compile(r"<!--|<!\[CDATA\[")
_LONGEST_OPENING = 9
_CLOSING = "]]>"
_WHOLE_SECTION = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_START_TAG = re.compile(r"<([^\s<>/!?&]+)(?:\s[^<>]*)?>\s*\Z")
_CONTEXT = 500  # characters before a section in which its element begins


class Place(NamedTuple):
    line: int
    column: int


class Mends:
    """What was mended in a file: how often, and where first, by kind."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, Place] = {}

    def note(self, kind: str, place: Callable[[], Place], times: int = 1) -> None:
        self.counts[kind] += times
        if kind not in self.first:
            self.first[kind] = place()


def meant(text: str) -> str:
    """Text as the parser gives it, with what the stand-ins stand for."""
    return text.translate(_MEANT)


class Mender:
    """Takes a file's text piece by piece, its line ends as \\n."""

    def __init__(self, mends: Mends) -> None:
        self._mends = mends
        self._text, self._at = "", 0  # from here on it waits
        self._place = Place(1, 1)  # of what waits
        self._step = self._in_markup
        self._before = ""  # the last of the markup
        self._element = ""  # that the section is all of; "" if it is not
        self._end = -1  # of the section, where that has been found
        self._is_last = False
        self._out: list[str] = []

    def feed(self, text: str, *, is_last: bool = False) -> str:
        """As much as can be decided by now, mended."""
        self._end = max(-1, self._end - self._at)
        waiting = len(self._text) - self._at
        self._text, self._at = self._text[self._at :] + text, 0
        if forbidden := _FORBIDDEN.findall(text):
            first = _FORBIDDEN.search(text)
            self._note(CONTROL, waiting + (first.start() if first else 0), times=len(forbidden))
            self._text = _FORBIDDEN.sub(_NOTHING, self._text)
        self._is_last, self._out = is_last, []
        while self._step():
            pass
        return "".join(self._out)

    def _in_markup(self) -> bool:
        found = _OPENING.search(self._text, self._at)
        if found is None:
            self._pass_markup(len(self._text) if self._is_last else self._undecided())
            return False
        self._pass_markup(found.start())
        is_section = found[0] != "<!--"
        opened = _START_TAG.search(self._before) if is_section else None
        self._element = opened[1] if opened else ""
        self._pass(found.end())
        self._end, self._step = -1, self._in_section if is_section else self._in_comment
        return True

    def _undecided(self) -> int:
        """Where something begins whose end has not come yet."""
        length = len(self._text)
        starts = [
            self._text.rfind(sign, max(self._at, length - longest))
            for sign, longest in (("<", _LONGEST_OPENING), ("&", _LONGEST_REFERENCE))
        ]
        return min((start for start in starts if start >= 0), default=length)

    def _in_comment(self) -> bool:
        return self._pass_until("-->", self._text.find("-->", self._at))

    def _in_section(self) -> bool:
        start = self._text.find(_CLOSING, self._at)
        if self._end >= 0 or start < 0:
            return self._pass_until(_CLOSING, self._end)
        end = self._true_end(start)
        if end is None:
            return False
        if end != start:
            self._note(SECTION, start)
        self._end = end
        return True

    def _true_end(self, start: int) -> int | None:
        """Where the section ends whose first "]]>" is at `start`; None as long as that cannot be told.

        Text between sections cannot hold "]]>". So where one stands there, and the last one stands before the end tag
        of the element that began with the section, all are text but this last one.
        """
        after = start + len(_CLOSING)
        if not self._element:
            return start
        tag = self._text.find(f"</{self._element}", after, start + FARTHEST)
        if tag < 0:
            is_near = len(self._text) - start < FARTHEST and not self._is_last
            return None if is_near else start
        between = self._text[after:tag].rstrip()
        if between.endswith(_CLOSING) and _CLOSING in _WHOLE_SECTION.sub("", between):
            return after + len(between) - len(_CLOSING)
        return start

    def _pass_until(self, closing: str, end: int) -> bool:
        """Up to the end of a section or comment; without one so much that `closing` may still follow."""
        if end >= 0:
            self._pass(end, is_section=closing == _CLOSING)
            self._pass(end + len(closing))
            self._before, self._step = "", self._in_markup
            return True
        kept = 0 if self._is_last else len(closing) - 1
        self._pass(max(self._at, len(self._text) - kept))
        return False

    def _pass_markup(self, end: int) -> None:
        piece = self._text[self._at : end]
        self._before = (self._before + piece)[-_CONTEXT:]
        self._hand_out(_REFERENCE.sub(self._reference, piece) if "&" in piece else piece)

    def _pass(self, end: int, *, is_section: bool = False) -> None:
        piece = self._text[self._at : end]
        self._hand_out(piece.replace(_CLOSING, f"]]{_GREATER}") if is_section else piece)

    def _hand_out(self, piece: str) -> None:
        self._place = self._place_of(self._at + len(piece))
        self._at += len(piece)
        self._out.append(piece)

    def _reference(self, found: re.Match[str]) -> str:
        """A reference as XML knows it: HTML's names become signs, a sign that begins none stands for itself."""
        digits = found["decimal"] or found["hexadecimal"]
        if digits:
            number = int(digits, 10 if found["decimal"] else 16)
            if number > 0x10FFFF or not _FORBIDDEN.match(chr(number)):
                return found[0]
            self._note(CONTROL, self._at + found.start())
            return _NOTHING * len(found[0])
        signs = html5.get(found["name"] or "", "")
        if found["name"] and (not signs or set(signs) & set("<>&\"'")):
            return found[0]
        self._note(REFERENCE, self._at + found.start())
        return (signs or _AMPERSAND).ljust(len(found[0]), _NOTHING)

    def _note(self, kind: str, index: int, times: int = 1) -> None:
        self._mends.note(kind, lambda: self._place_of(index), times)

    def _place_of(self, index: int) -> Place:
        """Of a place in what waits."""
        lines = self._text.count("\n", self._at, index)
        if not lines:
            return Place(self._place.line, self._place.column + index - self._at)
        return Place(self._place.line + lines, index - self._text.rfind("\n", self._at, index))
