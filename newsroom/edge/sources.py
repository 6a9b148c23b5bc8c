"""What a public answer was made from. Reads name it, views pass it on, and the edge drops the answer by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from newsroom.live.outbox import TAKEN_DOWN, Position


@dataclass(frozen=True, slots=True)
class Sources:
    """The streams that a public answer was made from, besides `articles` and `site`, which every answer has.

    The answer is valid until one of them moves, or until the given time.

    `streams`: name → position as read before the rows. None where none was read, and for a whole family,
    "discussion.*": the answer is then valid for a second. Within it a stream that is named still ends it, a family does
    not. While the database is away the answer lasts longer, so an answer with words of such streams names TAKEN_DOWN,
    too: it ends when anything anywhere is taken down.
    """

    streams: Mapping[str, Position | None] = field(default_factory=dict)
    until: datetime | None = None

    def __or__(self, later: Sources) -> Sources:
        """The sources of both. The left one was read first: its position counts for a stream that both name."""
        times = [each for each in (self.until, later.until) if each]
        return Sources({**later.streams, **self.streams}, min(times, default=None))


def made_from(
    *unplaced: str, at: Mapping[str, Position] | None = None, until: Iterable[str | datetime | None] = ()
) -> Sources:
    """`unplaced`: families, or streams without a position, of which words are shown. `at`: the positions that the
    answer itself contains. The earliest of `until` counts.
    """
    times = [datetime.fromisoformat(each) if isinstance(each, str) else each for each in until if each]
    names = [*unplaced, TAKEN_DOWN] if unplaced else []
    return Sources({**dict.fromkeys(names), **(at or {})}, min(times, default=None))


def counted_from(family: str) -> Sources:
    """Of an answer that shows numbers of a family of streams, and no words."""
    return Sources({family: None})
