"""Lines of comments as JSON, alone or as threads with their first replies; encoded once until they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

import msgspec

from accounts.serializers import person_json
from comments import lists
from comments.serializers import Json, nobody, shape
from newsroom.api.renderers import encode

KEPT_SECONDS = 300.0  # as the read cache's


def drawn(lines: Sequence[Any], *, threaded: bool) -> list[Json]:
    """`threaded`: top-level lines, each with its first `replies`."""
    if not threaded:
        return list(map(_draw, lines))
    below = _first_replies(lines)
    return [_draw(line) | {"replies": list(map(_draw, below.get(line.id, ())))} for line in lines]


def encoded(lines: Sequence[Any], people: int, *, threaded: bool) -> list[msgspec.Raw]:
    """The same as JSON. A line is encoded once, however many pages show it: see `Kept`.

    A thread is, too, until the line or something below it changes, which its tally tells, or somebody's name or role,
    which `people` tells, or until what somebody changed by hand has to show.
    """
    if not threaded:
        return [msgspec.Raw(_bytes(line)) for line in lines]
    now = monotonic()
    unknown = [line for line in lines if not _is_known(line, people, now)]
    if unknown:
        below = _first_replies(unknown)
        for line in unknown:
            replies = b",".join(map(_bytes, below.get(line.id, ())))
            whole = b'%b,"replies":[%b]}' % (encode(_draw(line))[:-1], replies)
            line.thread = people, now + KEPT_SECONDS, msgspec.Raw(whole)
    return [line.thread[2] for line in lines]


def _is_known(line: Any, people: int, now: float) -> bool:
    known: tuple[int, float, msgspec.Raw] | None = getattr(line, "thread", None)
    return known is not None and known[0] == people and now < known[1]


def _bytes(line: Any) -> bytes:
    known: bytes | None = getattr(line, "json", None)
    if known is None:
        known = line.json = encode(_draw(line))
    return known


def _draw(line: Any) -> Json:
    if line.author_id is None:
        author = nobody(line.author_name)
    else:
        author = person_json(line.author_id, line.author__name, line.author__role)
    return shape(line, author, line.tally__reply_count, line.tally__reactions, line.tally__rounds)


def _first_replies(lines: Iterable[Any]) -> dict[int, list[Any]]:
    """The lines of the first replies, by the top-level comment above them, with one statement for all."""
    tops = [line.id for line in lines if line.tally__reply_count is not None]  # 0: all were taken down, places stay
    below: dict[int, list[Any]] = {}
    for reply in lists.first_replies(tops):
        below.setdefault(reply.root_id, []).append(reply)
    return below
