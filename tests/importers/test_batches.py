"""Long writes leave room for a site that is being served, and do not wait for nobody."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.db import IntegrityError, connection

from newsroom.database import batches
from newsroom.live.models import Stream

pytestmark = pytest.mark.django_db(transaction=True)
only_on_sqlite = pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has one writer")
LONG = 0.04  # seconds that a transaction takes


class _Clock:
    """Moves when somebody sleeps, and when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds

    def work(self) -> None:
        self.now += LONG


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    clock = _Clock()
    monkeypatch.setattr(batches, "time", clock)
    return clock


@pytest.fixture
def stranger() -> Iterator[sqlite3.Connection]:
    """Somebody else's connection, as that of another process."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)) as other:
        yield other


def test_alone_it_does_not_rest_but_leaves_a_gap_for_whoever_waits(clock):
    long = batches.Batches()

    for before in (1, 0, batches.GAP / 4, 1):
        clock.now += before
        long.run(clock.work)

    assert clock.slept == ([batches.GAP, batches.GAP * 3 / 4] if connection.vendor == "sqlite" else [])


@only_on_sqlite
def test_it_rests_while_another_process_writes_and_for_some_batches_after(clock, stranger):
    long = batches.Batches()
    tries: list[str] = []

    def let_in_at_the_second(sql: str) -> None:
        if sql == "BEGIN IMMEDIATE":
            tries.append(sql)
            if len(tries) == 2:
                stranger.execute("COMMIT")

    stranger.execute("BEGIN IMMEDIATE")
    connection.ensure_connection()
    connection.connection.set_trace_callback(let_in_at_the_second)
    try:
        for _ in range(batches.REMEMBERED + 2):
            long.run(clock.work)
    finally:
        connection.connection.set_trace_callback(None)

    assert clock.slept == [round(batches.BUSY_REST * LONG, 6)] * batches.REMEMBERED + [batches.GAP]


def test_rows_are_written_in_order_and_whole(clock):
    long, written = batches.Batches(smallest=3), []

    long.write(range(1000), lambda some: (clock.work(), written.append(list(some))))

    assert [row for some in written for row in some] == list(range(1000))
    assert all(3 <= len(some) <= batches.LARGEST for some in written[:-1])


def test_a_short_rest_of_rows_goes_with_the_last_slice(clock):
    long, written = batches.Batches(smallest=20), []

    for rows in (range(31), range(30), range(20)):
        long.write(rows, lambda some: written.append(len(some)))
        long.size = 20

    assert written == [20, 11, 30, 20]


def test_what_a_transaction_runs_in_turn_is_part_of_it(clock):
    long = batches.Batches(smallest=2)

    def write_twice() -> None:
        long.run(lambda: Stream.objects.create(name="twice"))
        long.run(lambda: Stream.objects.bulk_create([Stream(name="twice")]))

    with pytest.raises(IntegrityError):
        long.run(write_twice)
    assert not Stream.objects.filter(name="twice").exists()
    long.run(lambda: Stream.objects.create(name="twice"))
    assert Stream.objects.filter(name="twice").exists()
