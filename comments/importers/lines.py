"""Reads the lines that `export_comments` writes, and checks each by itself and against those before it.

docs/export.schema.json describes them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from os import fstat
from typing import IO, Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from accounts.reasons import Reason
from articles.importers.documents import lines
from comments.addresses import MAX_URL, canonical
from comments.exporting import VERSION
from comments.importers.records import Unreadable
from comments.importers.survey import Report
from comments.models import Comment, Decision
from newsroom.text import clean

LARGEST = 2**63 - 1
LARGEST_NUMBER = 2**52  # numbers go on after the largest, and scripts count to 2**53

type Progress = Callable[[str, float, int], None]
type Number = Annotated[int, Meta(ge=1, le=LARGEST_NUMBER)]
type Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
type Version = Annotated[int, Meta(ge=1, le=2**31 - 1)]
type Moment = Annotated[datetime, Meta(tz=True)]
type Address = Annotated[str, Meta(min_length=1, max_length=MAX_URL)]
type Name = Annotated[str, Meta(max_length=80)]
type Id = Annotated[str, Meta(max_length=100)]


class Head(Struct, forbid_unknown_fields=True, tag_field="kind", tag="newsroom"):
    version: int


class Talk(Struct, forbid_unknown_fields=True, tag_field="kind", tag="discussion"):
    id: Number
    mode: Literal["thread", "chat"]
    title: Annotated[str, Meta(max_length=200)]
    url: Address | None
    addresses: Annotated[list[Address], Meta(max_length=10_000)]
    article: Address | None
    switch: Literal["auto", "open", "premoderated", "closed"]
    until: Moment | None
    reason: Annotated[str, Meta(max_length=200)]
    opens_at: Moment | None
    closes_at: Moment | None
    window: Annotated[int, Meta(ge=0, le=10**10)] | None
    slow_mode_seconds: Count
    slow_mode_until: Moment | None
    created_at: Moment
    merged_into: Number | None


class Author(Struct, forbid_unknown_fields=True):
    key: Id
    name: Name


class Former(Struct, forbid_unknown_fields=True):
    version: Version
    text: str
    html: str
    replaced_at: Moment


class Ruling(Struct, forbid_unknown_fields=True):
    action: str
    reason: str
    ground: str
    norm: Annotated[str, Meta(max_length=100)]
    text: Annotated[str, Meta(max_length=1000)]
    rule: Annotated[str, Meta(max_length=40)]
    former: str
    is_bulk: bool
    created_at: Moment
    undone_at: Moment | None


class Said(Struct, forbid_unknown_fields=True, tag_field="kind", tag="comment"):
    id: Number
    discussion: Number
    parent: Number | None
    root: Number | None
    author: Author
    text: str
    html: str
    state: Literal["held", "published", "rejected", "withdrawn", "removed", "erased"]
    order: Annotated[int, Meta(ge=-LARGEST, le=LARGEST)] | None
    version: Version
    settled: Version
    created_at: Moment
    published_at: Moment | None
    edited_at: Moment | None
    withdrawn_at: Moment | None
    pinned_at: Moment | None
    featured_at: Moment | None
    locked_at: Moment | None
    by_author: bool
    source: Annotated[str, Meta(max_length=20)]
    source_id: Id
    votes: dict[Annotated[str, Meta(max_length=20)], Version]
    revisions: list[Former]
    decisions: list[Ruling]


_decode = msgspec.json.Decoder(Head | Talk | Said).decode
_CHOICES = {
    "action": {*Decision.Action.values},
    "reason": {*Reason.values, ""},
    "ground": {*Decision.Ground.values, ""},
    "former": {*Comment.State.values, ""},
}


@dataclass(slots=True)
class Contents:
    """What a file holds that was checked whole: its discussions, and where its comments stand."""

    talks: list[Talk]
    highest: int  # number of a comment; 0 without one
    _places: array[int]  # bytes before each comment
    _order: Sequence[int]  # of the places

    def said(self, file: IO[bytes]) -> Iterator[Said]:
        """The comments, discussion by discussion, each after what it answers. What answers something in another
        discussion comes last, as what is below it does.
        """
        for at in self._order:
            file.seek(self._places[at])
            record = _decode(file.readline())
            assert isinstance(record, Said)  # it has been read before
            yield record


def checked(file: IO[bytes], report: Report, progress: Progress) -> Contents:
    """Raises Unreadable for a line that is wrong by itself, or does not fit those before it."""
    length, number, at = max(1, fstat(file.fileno()).st_size), 0, 0
    check = _Check()
    for number, line, record in lines(file, _decode):
        if fault := check.take(record, at):
            raise Unreadable(f"Line {number}: {fault}.")
        at += len(line)
        progress("read", min(1.0, at / length), number)
    if not number:
        raise Unreadable("Line 1: the file is empty.")
    for each in check.talks.values():
        if each.merged_into is not None and each.merged_into not in check.talks:
            raise Unreadable(f"Discussion {each.id}: it is merged into {each.merged_into}, which is not in the file.")
    report.counts["read.threads"], report.counts["read.comments"] = len(check.talks), len(check.seen)
    return check.contents()


class _Check:
    """Takes the records one by one. `seen`: the numbers of comments, rising."""

    def __init__(self) -> None:
        self.talks: dict[int, Talk] = {}
        self.seen = array("q")
        self._places, self._homes = array("q"), array("q")  # of comments: bytes before each, and its discussion
        self._strays: set[int] = set()  # places of those that answer something in another discussion, and what is below
        self._is_first, self._last = True, 0

    def contents(self) -> Contents:
        homes, strays = self._homes, self._strays
        order = sorted(range(len(homes)), key=lambda at: (at in strays, 0 if at in strays else homes[at]))
        return Contents(list(self.talks.values()), self.seen[-1] if self.seen else 0, self._places, order)

    def take(self, record: Head | Talk | Said, place: int) -> str:
        """What is wrong with it; "" if nothing is."""
        is_first, self._is_first = self._is_first, False
        if is_first != isinstance(record, Head):
            return "the first line, and no other one, says “newsroom” and its version"
        match record:
            case Head():
                return "" if record.version == VERSION else f"version {record.version}; this release reads {VERSION}"
            case Talk():
                return self._take_talk(record)
            case Said():
                return self._take_said(record, place)

    def _take_talk(self, talk: Talk) -> str:
        if self.seen or talk.id <= self._last:
            return "discussions come first, in the order of their numbers"
        for address in filter(None, (talk.url, talk.article, *talk.addresses)):
            try:
                canonical(address)
            except ValueError:
                return f"“{address[:80]}” is no address of a page"
        self.talks[talk.id], self._last = talk, talk.id
        return ""

    def _take_said(self, said: Said, place: int) -> str:
        if self.seen and said.id <= self.seen[-1]:
            return "comments come in the order of their numbers"
        if said.discussion not in self.talks:
            return f"discussion {said.discussion} is not in the file"
        for above in filter(None, (said.parent, said.root)):
            at = bisect_left(self.seen, above)
            if at == len(self.seen) or self.seen[at] != above:
                return f"comment {above} does not come before it"
            if self._homes[at] != said.discussion or at in self._strays:
                self._strays.add(len(self.seen))
        self.seen.append(said.id)
        self._places.append(place)
        self._homes.append(said.discussion)
        return _fault(said) or next(filter(None, map(_fault_of, said.decisions)), "")


def _fault(said: Said) -> str:
    """What the database would not take, although each field is of the right kind."""
    faults = {
        "it has a root, but answers nothing": said.root is not None and said.parent is None,
        "it is public, but was never published": (said.order is not None or said.state == "published")
        and said.published_at is None,
        "it has no text": said.state != "erased" and not clean(said.text),
        "settled is above version": said.settled > said.version,
        "two former texts have one version": len({each.version for each in said.revisions}) < len(said.revisions),
    }
    return next((fault for fault, is_so in faults.items() if is_so), "")


def _fault_of(ruling: Ruling) -> str:
    if any(getattr(ruling, name) not in known for name, known in _CHOICES.items()):
        return "a decision of an unknown kind"
    return "a hold names no rule" if ruling.action == "hold" and not ruling.rule else ""
