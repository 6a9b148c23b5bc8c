from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
from django.db import close_old_connections, connection, connections
from rest_framework.test import APIClient

from comments.models import Discussion
from newsroom.live.models import Event
from newsroom.live.outbox import Position, between, position, read

type Json = dict[str, Any]


def url(discussion: Discussion) -> str:
    return f"/api/v1/discussions/{discussion.pk}/comments/"


def page(client: APIClient, address: str, **params: Any) -> Json:
    answer = client.get(address, params)
    assert answer.status_code == 200, answer.content
    body: Json = answer.json()
    return body


def walk(client: APIClient, address: str | None, between: Callable[[], None] = lambda: None) -> Iterator[Json]:
    """All pages by `next`; `between` is called after each."""
    while address:
        body = page(client, address)
        yield body
        between()
        address = body["next"]


def events(stream: str, since: Json | None = None) -> list[Json]:
    """Events of a stream after a position of the API; all of them without."""
    after = Position(**since) if since else Position(position(stream).epoch, 0)
    batch = read(stream, after)
    assert batch is not None
    return [msgspec.json.decode(each) for each in batch.events]


def kinds(stream: str) -> list[str]:
    return [event["kind"] for event in events(stream)]


def log_holds(words: str) -> bool:
    """Whether any event on any stream still says so, as stored or as readers get it."""
    stored = Event.objects.values_list("stream", "offset", "data")
    read = (between(stream, offset - 1, offset) for stream, offset, _data in stored if offset)
    return any(words in str(data) for *_, data in stored) or any(words in str(event, "utf-8") for (event,) in read)


def in_parallel[T](count: int, deed: Callable[[int], T]) -> list[T]:
    """`deed(0)`, `deed(1)` … each in a thread with a connection of its own; results in this order."""

    def run(number: int) -> T:
        try:
            return deed(number)
        finally:
            connections.close_all()

    close_old_connections()
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def steps_of(work):
    """How many steps SQLite's virtual machine made. Each is counted: a statement that SQLite keeps for its next run
    goes on counting where it was, so any larger measure would depend on what ran before.
    """
    counted = []
    connection.connection.set_progress_handler(lambda: counted.append(1), 1)
    try:
        work()
    finally:
        connection.connection.watch()
    return len(counted)
