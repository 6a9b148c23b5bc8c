from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction

from newsroom import metrics
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


def counted(name: str) -> float:
    """What `/metrics` says of a counter without labels."""
    rows = (line.split(" ") for line in metrics.text().decode().splitlines())
    return next(float(value) for series, value, *_rest in rows if series == name)
