"""Comments of a list, alone or as threads with their first replies; as JSON each is encoded once until it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from accounts.representations import person_json
from comments.reads import statements
from comments.representations import Json, nobody, shape
from newsroom.api.renderers import encode


class Thread(NamedTuple):
    """A line of a list, and below a top-level comment its first replies. Lines are shared: they must only be read."""

    line: Any
    replies: Sequence[Any] = ()


def threads(lines: Sequence[Any], *, threaded: bool) -> list[Thread]:
    """`threaded`: top-level comments, each with its first replies."""
    below = _first_replies(lines) if threaded else {}
    return [Thread(line, below.get(line.id, ())) for line in lines]


def encoded(lines: Sequence[Any], *, threaded: bool) -> list[msgspec.Raw]:
    """The same as JSON bytes. A row without changes is the same object (see `Prepared`), and its JSON is reused."""
    if not threaded:
        return [json_of(line) for line in lines]
    below = _first_replies(lines)
    return [
        msgspec.Raw(b'%b,"replies":[%b]}' % (_bytes(line)[:-1], b",".join(map(_bytes, below.get(line.id, ())))))
        for line in lines
    ]


def json_of(line: Any) -> msgspec.Raw:
    """The comment as JSON, for what encodes it into something larger."""
    return msgspec.Raw(_bytes(line))


def name_of(line: Any) -> str:
    """The author's name, from an import where they have no account."""
    name: str = line.author_name if line.author_id is None else line.author__name
    return name


def _bytes(line: Any) -> bytes:
    known: bytes | None = getattr(line, "json", None)
    if known is None:
        known = line.json = encode(_draw(line))
    return known


def _draw(line: Any) -> Json:
    if line.author_id is None:
        author = nobody(line.author_name)
    else:
        seen = (line.author__name, line.author__role, line.author__avatar)
        author = person_json(line.author_id, *seen, is_hidden=line.author__is_hidden)
    return shape(line, author, line.tally__reply_count, line.tally__reactions, line.tally__rounds)


def _first_replies(lines: Iterable[Any]) -> dict[int, list[Any]]:
    """Top-level comment id → its first replies, with one statement for all."""
    # 0 means that all were taken down, but their places stay
    tops = [line.id for line in lines if line.tally__reply_count is not None]
    below: dict[int, list[Any]] = {}
    for reply in statements.first_replies(tops):
        below.setdefault(reply.root_id, []).append(reply)
    return below
