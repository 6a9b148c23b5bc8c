from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction

from newsroom.live.outbox import Fact, Position, publish, read

STREAM = "test.1"


def put(n: int = 0, *, stream: str = STREAM, kind: str = "thing.made", subject: str | None = None) -> None:
    with transaction.atomic():
        publish(Fact(stream, kind, subject or f"thing.{n}", {"n": n}))


def events(since: Position, stream: str = STREAM) -> list[dict[str, Any]]:
    batch = read(stream, since)
    assert batch is not None
    return [msgspec.json.decode(each) for each in batch.events]


def put_many(first: int, last: int, stream: str = STREAM) -> None:
    """Many events of one transaction."""
    with transaction.atomic():
        publish(*[Fact(stream, "thing.made", f"thing.{n}", {"n": n}) for n in range(first, last + 1)])
