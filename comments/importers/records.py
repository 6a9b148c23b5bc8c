"""What the reader of a foreign format yields, whatever the format: pages, comments, and records that make no sense.

A reader only parses. It yields in the order of the file, holds one record in memory at a time wherever the format lets
it, and decides nothing about which record comes in.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import IO, Protocol

from articles.importers.elements import Unreadable  # its message begins with the place: `Record 12: …`
from newsroom.text import clean_line

__all__ = [
    "Broken",
    "Markup",
    "Notes",
    "Options",
    "Page",
    "Reader",
    "Record",
    "Reply",
    "Siteless",
    "State",
    "Unreadable",
]


class State(StrEnum):
    SHOWN = "shown"
    HELD = "held"  # waits for a moderator
    DELETED = "deleted"  # its text may be empty
    SPAM = "spam"  # or rejected


class Markup(StrEnum):
    HTML = "html"
    MARKDOWN = "markdown"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Page:
    """A page that has a discussion. It comes before or after its comments; one that is named twice is one page with
    the addresses of both.
    """

    id: str  # by which the comments of the file name it
    addresses: tuple[str, ...] = ()  # the usual one first: absolute URLs, or paths on the site
    identifier: str = ""  # the key that the site itself has given it
    title: str = ""  # plain text
    is_closed: bool = False
    is_public: bool = True  # False: its comments come in only if it is an article here
    at: datetime | None = None  # UTC


@dataclass(frozen=True, slots=True)
class Reply:
    """A comment. Times are UTC; a zone that the file does not name is `Options.zone`."""

    id: str  # "" if the file has none; numbers without leading zeros
    page: str  # `Page.id`
    parent: str  # `Reply.id` of another one, or "" at the top
    at: datetime
    text: str  # as it stands in the file; "" if nothing is left of it
    markup: Markup
    place: str  # where it stands in the file: "line 17", "record 3"
    state: State = State.SHOWN
    name: str = ""  # plain text; "" without one
    person: str = ""  # the author's id in the file; "" for guests, who are not one person though they share a name
    email: str = ""
    up: int = 0  # votes without voters
    down: int = 0
    edited_at: datetime | None = None
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be understood, in a file that can. Counted as a comment that was read and left out."""

    place: str
    reason: str  # one sentence, English, plain text


class Siteless(Unreadable):
    """The file does not say where its pages are, and nobody else has. Each front says how to."""

    def __init__(self) -> None:
        super().__init__("This file does not say where its pages are")


@dataclass(frozen=True, slots=True)
class Options:
    sites: tuple[str, ...] = ()  # `https://example.org`: the site's own addresses, the usual one first
    zone: tzinfo | None = None  # for times without a zone; None: UTC, or what the format says
    is_named: bool = True  # whether the operator has named them


type Record = Page | Reply | Broken


class Reader(Protocol):
    """A module of a format has one function `read` like this one."""

    def __call__(self, file: IO[bytes], options: Options, notes: Notes) -> Iterator[Record]:
        """All records of a plain file (gzip and zip are unpacked before), which can be sought in. Raises Unreadable, at
        the latest at its end.
        """
        ...


@dataclass(slots=True)
class Notes:
    """What a reader met that people should know, by sentence: how often, and the first place."""

    counts: dict[str, tuple[int, str]] = field(default_factory=dict)
    instance: str = ""  # by which the file tells its site from others, at most 60 characters
    site: str = ""  # the address that the file calls its own

    def add(self, sentence: str, place: str) -> None:
        number, first = self.counts.get(sentence, (0, clean_line(place)))
        self.counts[sentence] = number + 1, first
