"""Repairs the text of a malformed XML file where the intention is certain. A well-formed file is unchanged.

A repair keeps the length, so that line and column of a later error are right. Three noncharacters of Unicode replace
what a parser would refuse; `meant` turns them into the intended text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.entities import html5
from typing import NamedTuple

FARTHEST = 4_000_000  # characters; the end of a section is searched for no further
CONTROL, SECTION, REFERENCE = "control", "section", "reference"
PREFIX = "prefix "  # of the kinds of repairs, before the undeclared prefix
_MENDED = {
    CONTROL: "control characters left out",
    SECTION: "texts that held “]]>”, the sign of their end",
    REFERENCE: "references that only HTML knows, or a sign & that is none",
}

_NOTHING, _GREATER, _AMPERSAND = "\ufdd0", "\ufdd1", "\ufdd2"
_MEANT = {ord(_NOTHING): None, ord(_GREATER): ">", ord(_AMPERSAND): "&"}
_MARKED = re.compile(f"[{_NOTHING}-{_AMPERSAND}]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufdd0-\ufdd2\ufffe\uffff]")
_REFERENCE = re.compile(r"&(?:#(?P<decimal>[0-9]{1,9});|#x(?P<hexadecimal>[0-9a-fA-F]{1,8});|(?P<name>\w{1,40};))?")
_LONGEST_REFERENCE = 42
_OPENING = re.compile(r"<!--|<!\[CDATA\[")
_LONGEST_OPENING = 9
_CLOSING = "]]>"
_WHOLE_SECTION = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_START_TAG = re.compile(r"<([^\s<>/!?&]+)(?:\s[^<>]*)?>\s*\Z")
# Tags without attributes, and elements that hold nothing but text, or nothing but a section: nearly all of an export
_REGULAR = re.compile(
    r"(?:\s*+<([^\s<>/!?&]++)>(?:<!\[CDATA\[(?:[^\]]++|\](?!\]>))*+\]\]>|[^<&]*+)</\1>|\s*+</?[^\s<>/!?&]++>)*"
)
_CONTEXT = 500  # characters before a section in which its element begins


class Place(NamedTuple):
    line: int
    column: int


class Mends:
    """The repairs of a file by kind: their number, and the place of the first."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.first: dict[str, Place] = {}

    def note(self, kind: str, place: Callable[[], Place], times: int = 1) -> None:
        self.counts[kind] += times
        if kind not in self.first:
            self.first[kind] = place()


def sentences(mends: Mends) -> Iterator[tuple[str, int, Place]]:
    """(what was mended, how often, the first place) for each kind of repairs."""
    for kind in sorted(mends.counts):
        words = _MENDED.get(kind) or f"names with the prefix “{kind.removeprefix(PREFIX)}:”, which is not declared"
        yield words, mends.counts[kind], mends.first[kind]


def meant(text: str) -> str:
    """Text from the parser, with the noncharacters replaced by the intended text."""
    return text.translate(_MEANT) if _MARKED.search(text) else text


class Mender:
    """Takes a file's text in pieces, with line ends as \\n."""

    def __init__(self, mends: Mends) -> None:
        self._mends = mends
        self._text, self._at = "", 0  # from `_at` on, the text waits to be decided
        self._place = Place(1, 1)  # where `_text` begins
        self._step = self._in_markup
        self._before = ""  # the end of the markup so far
        self._element = ""  # the element that the section fills, or ""
        self._end = -1  # the section's end, once it is found
        self._is_last = False
        self._out: list[str] = []

    def feed(self, text: str, *, is_last: bool = False) -> str:
        """Returns as much repaired text as can be decided so far."""
        self._end = max(-1, self._end - self._at)
        waiting = len(self._text) - self._at
        self._place = self._place_of(self._at)
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
        if regular := _REGULAR.match(self._text, self._at):
            self._before = (self._before + regular[0][-_CONTEXT:])[-_CONTEXT:]
            self._hand_out(regular[0])
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
        """The place where something begins whose end has not come yet."""
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
        """The end of the section whose first "]]>" is at `start`; None if more text is needed.

        Text between sections cannot contain "]]>". If there is another "]]>" outside of whole sections, and the last
        one comes right before the end tag of the section's element, then that last one ends the section, and all before
        it are text.
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
        """Pass the text up to the end of a section or comment. Without an end, keep the last signs, which may begin
        `closing`.
        """
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
        self._at += len(piece)
        self._out.append(piece)

    def _reference(self, found: re.Match[str]) -> str:
        """A reference that XML knows. HTML's names become their characters; an "&" that begins no reference becomes
        itself.
        """
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
        """The line and column of an index in the text."""
        lines = self._text.count("\n", 0, index)
        if not lines:
            return Place(self._place.line, self._place.column + index)
        return Place(self._place.line + lines, index - self._text.rfind("\n", 0, index))
