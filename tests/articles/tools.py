from __future__ import annotations

from typing import Any

import msgspec

from newsroom.live.outbox import Position, position, read


def events(stream: str, after: int = 0) -> list[dict[str, Any]]:
    """All events of a stream after an offset, as a client gets them."""
    batch = read(stream, Position(position(stream).epoch, after))
    assert batch is not None
    return [msgspec.json.decode(each) for each in batch.events]


def kinds(stream: str) -> list[str]:
    return [event["kind"] for event in events(stream)]
