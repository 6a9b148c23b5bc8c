from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import msgspec
from django.db import close_old_connections, connection, connections, transaction
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


@contextmanager
def looking_at(table: str) -> Iterator[list[int]]:
    """How many rows of it PostgreSQL has read within the block: it tells the world between transactions alone."""
    count = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = %s"
    rows: list[int] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(count, [table])
        (before,) = cursor.fetchone()
        yield rows
        cursor.execute(count, [table])
        rows.append(cursor.fetchone()[0] - before)


def effort_of(work):
    """How much the database does, done once before: SQLite's steps, of PostgreSQL the rows that it reads, without a
    table that is read whole if an index can be used: in a test all are small.
    """
    work()
    if connection.vendor == "sqlite":
        return steps_of(work)
    count = "SELECT sum(seq_tup_read + idx_tup_fetch)::bigint FROM pg_stat_xact_user_tables"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(count)
        (before,) = cursor.fetchone()
        work()
        cursor.execute(count)
        return cursor.fetchone()[0] - before
