"""Many writers at once: threads with connections of their own, on whichever database the suite runs."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from newsroom.live import registry
from newsroom.live.log import numbering
from newsroom.live.models import Event, Stream
from newsroom.live.outbox import Fact, Position, hold, once_a_second, position, publish, redact
from tests.support.services import wait_for

from .tools import STREAM, events, put

pytestmark = pytest.mark.django_db(transaction=True)
on_postgres = pytest.mark.skipif("not __import__('django').db.connection.vendor == 'postgresql'", reason="PostgreSQL")


def together(*runs: Callable[[], None]) -> None:
    """Run them in threads, to the end; the first error is raised here."""
    errors: list[BaseException] = []

    def guarded(run: Callable[[], None]) -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001  raised again below
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_sixteen_writers_leave_no_gap_no_double_and_nothing_unnumbered():
    start = position(STREAM)
    told: dict[int, list[int]] = {}

    def write(seed: int) -> None:
        chance = random.Random(seed)
        mine = told[seed] = []
        for n in range(10):
            with transaction.atomic():
                put(seed * 100 + n, stream="test.2")
                put(seed * 100 + n)
                transaction.set_rollback(failed := chance.random() < 0.2)
            if not failed:
                mine.append(seed * 100 + n)
                assert not Event.objects.filter(subject=f"thing.{mine[-1]}", offset=None).exists()

    together(*[lambda seed=seed: write(seed) for seed in range(16)])

    for stream in (STREAM, "test.2"):
        found = events(start, stream)
        assert [each["offset"] for each in found] == list(range(1, len(found) + 1))
        for seed, mine in told.items():  # each writer's events stand in the order of its commits
            assert [each["data"]["n"] for each in found if each["data"]["n"] // 100 == seed] == mine
        assert Stream.objects.get(pk=stream).top == len(found)


def test_the_fold_sees_each_event_once_in_order(monkeypatch):
    seen: list[int] = []
    registry.register(
        "counted", may_read=lambda viewer, key: True, fold=lambda s, rows: seen.extend(r.offset for r in rows)
    )

    together(*[lambda: [put(stream="counted.1") for _ in range(8)] for _ in range(8)])

    assert seen == list(range(1, 65))


def test_many_streams_of_a_commit_are_numbered_in_as_many_statements_as_a_few():
    registry.register("own", may_read=lambda viewer, key: True)

    def numbered(size: int) -> int:
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            publish(*[Fact(f"own.{size}-{n}", "thing.made", "thing.1", {"n": n}) for n in range(size) for _ in "ab"])
        tops = Stream.objects.filter(name__startswith=f"own.{size}-").values_list("top", flat=True)
        assert list(tops) == [2] * size
        return len(asked)

    assert numbered(10) == numbered(200) <= 12


def test_of_many_that_number_many_streams_none_leaves_a_gap():
    registry.register("own", may_read=lambda viewer, key: True)
    names = [f"own.{n}" for n in range(12)]
    before = {each: position(each) for each in names}

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for n in range(6):
            some = chance.sample(names, 1 if n % 3 == 0 else 10)
            with transaction.atomic():
                publish(*[Fact(each, "thing.made", f"thing.{seed}", {"n": seed * 100 + n}) for each in some])

    together(*[partial(write, seed) for seed in range(8)])
    numbering.sweep()

    assert not Event.objects.filter(offset=None).exists()
    for stream in names:
        found = events(before[stream], stream)
        assert [each["offset"] for each in found] == list(range(1, len(found) + 1))
        for seed in range(8):  # each writer's events stand in the order of its commits
            mine = [each["data"]["n"] for each in found if each["data"]["n"] // 100 == seed]
            assert mine == sorted(mine)
        assert Stream.objects.get(pk=stream).top == len(found) > 0


@on_postgres
def test_a_commit_during_somebodys_numbering_is_not_lost():
    """The lost wake-up: the numbering has its snapshot, a second writer commits, finds the first at work."""
    inside, go_on = threading.Event(), threading.Event()

    def fold(stream: str, rows: list[registry.Row]) -> None:
        inside.set()
        assert go_on.wait(10)

    def second() -> None:
        assert inside.wait(10)
        threading.Timer(0.2, go_on.set).start()  # it comes while the first is in the middle of it
        put(2, stream="slow.1")
        assert not Event.objects.filter(offset=None).exists()

    registry.register("slow", may_read=lambda viewer, key: True, fold=fold)
    together(lambda: put(1, stream="slow.1"), second)

    assert [each["offset"] for each in events(Position(position("slow.1").epoch, 0), "slow.1")] == [1, 2]


def test_a_long_write_is_numbered_as_a_whole_and_whoever_comes_between_numbers_it_too(monkeypatch):
    """As an import does: the queue's numbers are not counted anew after each of its thousand commits."""
    monkeypatch.setattr(numbering, "LOOK_SECONDS", float("inf"))
    folded: list[int] = []
    registry.register("slow", may_read=lambda viewer, key: True, fold=lambda stream, rows: folded.append(len(rows)))

    def write() -> None:
        with once_a_second():
            put(1, stream="slow.1")
            put(2, stream="slow.1")
            together(lambda: put(3, stream="slow.1"))  # somebody else
            put(4, stream="slow.1")
            put(5, stream="slow.1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()

    assert [each["data"]["n"] for each in events(Position(position("slow.1").epoch, 0), "slow.1")] == [1, 2, 3, 4, 5]
    assert folded == ([3, 2] if connection.vendor == "postgresql" else [1, 1, 1, 1, 1])


@on_postgres
def test_a_long_write_shows_what_it_wrote_each_second(monkeypatch):
    monkeypatch.setattr(numbering, "LOOK_SECONDS", 0)
    with once_a_second():
        put(1)
        assert not Event.objects.filter(offset=None).exists()
        monkeypatch.setattr(numbering, "LOOK_SECONDS", 60)
        put(2)
        assert Event.objects.filter(offset=None).count() == 1
        numbering.sweep()  # as any other process does, each second
        assert not Event.objects.filter(offset=None).exists()


@on_postgres
def test_a_writer_does_not_wait_for_ever_behind_a_held_stream(monkeypatch, caplog):
    monkeypatch.setattr(numbering, "PATIENCE_SECONDS", 1.0)
    put(1)
    held, release = threading.Event(), threading.Event()

    def redactor() -> None:
        with transaction.atomic():
            hold(STREAM)
            held.set()
            assert release.wait(20)

    def writers() -> None:
        assert held.wait(10)
        together(*[lambda n=n: put(n) for n in (2, 3, 4)])  # all commit, and all answer
        assert Event.objects.filter(offset=None).count() == 3
        release.set()

    together(redactor, writers)
    numbering.sweep()

    assert position(STREAM).offset == 4


TURN = "SELECT pg_advisory_{}(hashtextextended(%s, 0))"
# Other tests' databases are beside ours.
WAITING = """
SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"""


@contextmanager
def writer_behind_another_process(n: int) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Somebody commits while another process, which is this thread, has the stream's turn.

    Yields what gives the turn back, and what waits for the writer.
    """

    def give_back() -> None:
        connection.cursor().execute(TURN.format("unlock"), [STREAM])

    def is_waited_for() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            return cursor.fetchone() is not None

    put(1)
    connection.cursor().execute(TURN.format("lock"), [STREAM])
    with ThreadPoolExecutor(1) as pool:
        written = pool.submit(together, partial(put, n))
        wait_for(is_waited_for, what="somebody who waits for our turn")
        yield give_back, lambda: written.result(20)


@on_postgres
def test_whose_events_another_process_has_numbered_needs_the_stream_no_more(caplog):
    with writer_behind_another_process(2) as (give_back, writer):
        numbering.sequence(STREAM)
        with transaction.atomic():
            hold(STREAM)  # a writer who wanted it would give up, and say so
            give_back()
            writer()

    assert not caplog.records
    assert position(STREAM).offset == 2


@on_postgres
def test_who_has_waited_for_another_process_in_vain_numbers_by_themselves(caplog):
    with writer_behind_another_process(2) as (give_back, writer):
        give_back()
        writer()

        assert position(STREAM).offset == 2
    assert not caplog.records


@on_postgres
def test_a_process_that_does_not_come_to_an_end_is_not_waited_for_for_ever(caplog):
    with writer_behind_another_process(2) as (give_back, writer):
        writer()
        assert "left to the next look" in caplog.text
        assert position(STREAM).offset == 1

        give_back()
        numbering.sweep()

    assert position(STREAM).offset == 2


@on_postgres
def test_a_numbering_that_fails_is_no_error_of_the_writer_and_is_healed_later(caplog):
    broken = [True]

    def fold(stream: str, rows: list[registry.Row]) -> None:
        if broken:
            raise ZeroDivisionError

    registry.register("broken", may_read=lambda viewer, key: True, fold=fold)
    put(1, stream="broken.1")
    assert Event.objects.filter(stream="broken.1", offset=None).exists()
    assert "ZeroDivisionError" in caplog.text

    broken.clear()
    numbering.sweep()

    assert position("broken.1").offset == 1


def test_what_a_killed_writer_left_is_numbered_by_the_sweep():
    put(1)
    left_behind(2)
    left_behind(3, "test.2")

    numbering.sweep()

    assert [each["data"]["n"] for each in events(Position(position(STREAM).epoch, 0))] == [1, 2]
    assert position("test.2").offset == 1


def test_a_stream_that_cannot_be_numbered_does_not_hold_up_the_others():
    def fold(stream: str, rows: list[registry.Row]) -> None:
        raise ZeroDivisionError

    registry.register("broken", may_read=lambda viewer, key: True, fold=fold)
    left_behind(1, "broken.1")
    left_behind(2)

    numbering.sweep()

    assert position(STREAM).offset == 1
    assert position("broken.1").offset == 0


@pytest.mark.parametrize("held", [(STREAM, "test.2"), ()], ids=["held", "forgotten"])
def test_redactions_and_posts_do_not_deadlock(held: tuple[str, ...]):
    start = position(STREAM)

    def take_down(seed: int) -> None:
        for n in range(5):
            with transaction.atomic():
                hold(*held)
                redact(f"thing.{seed * 100 + n}")
                publish(Fact(STREAM, "thing.removed", f"thing.{seed * 100 + n}", {"n": None}))

    def write(seed: int) -> None:
        for n in range(5):
            with transaction.atomic():
                put(seed * 100 + n, stream="test.2")
                put(seed * 100 + n)

    together(*[lambda seed=seed, run=run: run(seed) for seed in range(4) for run in (write, take_down)])
    together(*[lambda seed=seed: take_down(seed) for seed in range(4)])

    assert {each["kind"] for each in events(start, "test.2")} == {"void"}
    assert {each["data"].get("n") for each in events(start)} == {None}


@on_postgres
def test_a_redaction_waits_for_the_numbering_of_what_it_blanks():
    """Without the stream's lock both would take the same events' locks, in their own orders."""
    inside, go_on = threading.Event(), threading.Event()

    def fold(stream: str, rows: list[registry.Row]) -> None:
        inside.set()
        assert go_on.wait(10)
        for row in rows:
            row.data = {"folded": True}

    def take_down() -> None:
        assert inside.wait(10)
        threading.Timer(0.2, go_on.set).start()
        with transaction.atomic():
            redact("thing.1")

    registry.register("slow", may_read=lambda viewer, key: True, fold=fold)
    together(lambda: put(1, stream="slow.1"), take_down)

    assert events(Position(position("slow.1").epoch, 0), "slow.1")[0]["kind"] == "void"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_does_not_inherit_a_pending_run():
    run = numbering._Run()
    numbering._pending[STREAM] = run
    try:
        child = os.fork()
        if child == 0:
            os._exit(len(numbering._pending))
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        del numbering._pending[STREAM]


def test_a_run_that_is_interrupted_before_it_begins_is_not_left_pending():
    class Interrupted:
        def acquire(self, timeout: float) -> bool:
            raise KeyboardInterrupt

    running = numbering._running[STREAM] = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        numbering.wake(STREAM)
    del numbering._running[STREAM], running
    left_behind(1)

    numbering.wake(STREAM)

    assert position(STREAM).offset == 1


def test_a_run_left_pending_blocks_the_stream_for_two_seconds_only(monkeypatch):
    monkeypatch.setattr(numbering, "PATIENCE_SECONDS", 0.1)
    numbering._pending[STREAM] = numbering._Run()
    left_behind(1)

    numbering.wake(STREAM)
    assert position(STREAM).offset == 0
    numbering.wake(STREAM)

    assert position(STREAM).offset == 1


def left_behind(n: int, stream: str = STREAM) -> None:
    """What a writer leaves that is killed between its commit and the numbering."""
    from django.utils import timezone

    Event.objects.create(
        stream=stream, kind="thing.made", subject=f"thing.{n}", data={"n": n}, created_at=timezone.now()
    )
    assert connection.in_atomic_block is False
