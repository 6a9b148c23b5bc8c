"""Archives of comments as they might be, for the writers of each format: trees in any order, parents that are missing
or stand on another page, equal times, odd texts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import strategies as st

from comments.importers.formats import FORMATS
from comments.importers.records import Broken, Notes, Options, Page, Reply, State, Unreadable

EXAMPLES = 25  # archives that a property test makes
CUTS = 50  # places at which a file is cut off
WORDS = ["Απρίλης", "mossy", "Ölfaß", "二月", "o'clock", "a & b", "snow", "5 < 6"]


@dataclass
class Comment:
    number: int
    page: int
    parent: int  # 0: none
    at: datetime
    text: str
    name: str
    up: int
    down: int
    state: State
    is_guest: bool
    is_pinned: bool


@dataclass
class Archive:
    closed: list[bool]  # one for each page
    comments: list[Comment]

    @property
    def pages(self) -> set[int]:
        """Those that have a comment."""
        return {comment.page for comment in self.comments}


@dataclass
class Read:
    pages: dict[str, list[Page]] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)

    @property
    def reply(self) -> Reply:
        """The only one; nothing is broken."""
        assert not self.broken
        (reply,) = self.replies
        return reply


def archives(*states: State, digits: int = 6) -> st.SearchStrategy[Archive]:
    """`digits` of a second are in the times of the format."""
    step = 10 ** (6 - digits)
    at = st.builds(
        lambda seconds, part: (
            datetime(2009, 12, 31, 23, 59, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=part * step)
        ),
        st.integers(0, 9),
        st.integers(0, 10**digits - 1) if digits else st.just(0),
    )
    text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(lambda text: f"x{text}\n y")
    name = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)

    @st.composite
    def archive(draw: st.DrawFn) -> Archive:
        closed = draw(st.lists(st.booleans(), min_size=1, max_size=3))
        numbers = draw(st.lists(st.integers(1, 99), unique=True, max_size=8))
        comments = [
            Comment(
                number,
                page=draw(st.integers(0, len(closed) - 1)),
                parent=draw(st.sampled_from([0, 100, *numbers])),
                at=draw(at),
                text=draw(text),
                name=draw(name),
                up=draw(st.integers(0, 3)),
                down=draw(st.integers(0, 3)),
                state=draw(st.sampled_from(states)),
                is_guest=draw(st.booleans()),
                is_pinned=draw(st.booleans()),
            )
            for number in numbers
        ]
        return Archive(closed, comments)

    return archive()


def read(name: str, data: Any, *, sites: tuple[str, ...] = (), zone: str = "") -> Read:
    """What the reader of a format yields for bytes, or for a value that is written as JSON. Raises Unreadable."""
    content = data if isinstance(data, bytes) else json.dumps(data, ensure_ascii=False).encode()
    found = Read()
    options = Options(sites=sites, zone=ZoneInfo(zone) if zone else None)
    for record in FORMATS[name].read(BytesIO(content), options, found.notes):
        match record:
            case Page():
                found.pages.setdefault(record.id, []).append(record)
            case Reply():
                found.replies.append(record)
            case Broken():
                found.broken.append(record)
    return found


def refused(name: str, data: Any) -> str:
    """Why the reader refuses the file; the sentence begins with its place."""
    with pytest.raises(Unreadable) as refusal:
        read(name, data)
    assert str(refusal.value).startswith(("Line ", "Row "))
    return str(refusal.value)


def reasons(name: str, data: Any) -> list[str]:
    """What is wrong with the records that the reader leaves out."""
    return [broken.reason for broken in read(name, data).broken]


def must_be_refused_where_cut(name: str, content: bytes, *, but: bytes | None = None) -> None:
    """Cut off at `CUTS` places the file is refused with a place, unless the cut is right before or after a `but`."""
    places = {len(content) * number // CUTS for number in range(CUTS)}
    for place in places:
        if but is not None and (content[place : place + len(but)] == but or content[:place].endswith(but)):
            read(name, content[:place])
            continue
        refused(name, content[:place])


def written(at: datetime, hours: int = 0) -> str:
    """ISO 8601, with the offset of a zone."""
    return at.astimezone(timezone(timedelta(hours=hours))).isoformat()


def lines(*values: Any) -> bytes:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values).encode()
