"""Many threads write to SQLite, each in its turn."""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.db.models import F

from accounts.models import User
from comments import actions
from comments.models import Comment, Discussion, DiscussionTally, Reaction
from newsroom import limits
from newsroom.errors import TooManyRequests
from newsroom.live import sequence
from newsroom.live.models import Event
from newsroom.models import Limit
from newsroom.sqlite3 import turns
from newsroom.transactions import for_all, short
from tests.comments.tools import in_parallel
from tests.support.services import wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has rows to lock"),
]


def count() -> None:
    with transaction.atomic():
        Limit.objects.filter(pk="turns").update(until=F("until") + 1)


@pytest.fixture(autouse=True)
def _row(transactional_db: None) -> None:
    Limit.objects.create(key="turns", until=0)


def test_of_many_writers_nobody_is_turned_away():
    in_parallel(32, lambda _: [count() for _ in range(10)])

    assert Limit.objects.get().until == 320


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody has closed its connection
def test_a_thread_that_dies_amid_a_transaction_gives_its_turn_back(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 5)

    def die() -> None:
        transaction.atomic().__enter__()
        Limit.objects.update(until=99)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    gc.collect()
    count()

    assert Limit.objects.get().until == 1


def test_whoever_cannot_have_a_turn_hears_so(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.2)
    refused: list[str] = []

    def try_to() -> None:
        try:
            count()
        except Exception as error:  # noqa: BLE001  named below
            refused.append(type(error).__name__)
        finally:
            connections.close_all()

    with transaction.atomic():
        thread = threading.Thread(target=try_to)
        thread.start()
        thread.join()
    count()

    assert refused == ["OperationalError"]
    assert Limit.objects.get().until == 1


def test_a_transaction_that_fails_gives_its_turn_back():
    def fail() -> None:
        with transaction.atomic():
            Limit.objects.update(until=99)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    in_parallel(2, lambda _: count())

    assert Limit.objects.get().until == 2
    assert connection.get_autocommit()


@pytest.fixture
def stranger() -> Iterator[sqlite3.Connection]:
    """Somebody else's connection, as that of another process."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0, isolation_level=None)) as other:
        yield other


class Together:
    """Short transactions, each in a thread, that have all come before the first of them may write."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(8)
        self._deeds: list[tuple[Callable[[], object], Callable[[], object]]] = []

    def add(self, deed: Callable[[], object], then: Callable[[], object] = lambda: None) -> None:
        """`then` is what the same thread does next."""
        self._deeds.append((deed, then))

    def run(self) -> list[Future[object]]:
        """In the order in which they were added."""
        queue = turns.queue_of(str(connection.settings_dict["NAME"]))
        turn = queue.take()
        begun = []
        for deed, then in self._deeds:
            begun.append(self.submit(deed, then))
        turn.end()
        return begun

    def submit(self, deed: Callable[[], object], then: Callable[[], object] = lambda: None) -> Future[object]:
        """One more, who then waits for a turn."""
        queue = turns.queue_of(str(connection.settings_dict["NAME"]))
        number = len(queue._waiting)
        begun = self._pool.submit(self._do, deed, then)
        wait_for(lambda: len(queue._waiting) > number, what="the one before")
        return begun

    def _do(self, deed: Callable[[], object], then: Callable[[], object]) -> object:
        try:
            result = short(deed)()
            then()
            return result
        finally:
            connections.close_all()


def keep(key: str) -> None:
    Limit.objects.create(key=key, until=0)


def kept() -> set[str]:
    return set(Limit.objects.values_list("pk", flat=True)) - {"turns"}


def test_short_transactions_that_wait_are_committed_together(stranger):
    is_inside, may_end = threading.Event(), threading.Event()

    def linger() -> None:
        keep("last")
        is_inside.set()
        assert may_end.wait(10)

    together = Together()
    together.add(lambda: keep("first"))
    together.add(linger)
    first, last = together.run()
    assert is_inside.wait(10)
    before = stranger.execute("SELECT count(*) FROM newsroom_limit WHERE key != 'turns'").fetchone()
    was_done = first.done()
    may_end.set()
    for each in (first, last):
        each.result(10)

    assert (before, was_done) == ((0,), False)
    assert stranger.execute("SELECT count(*) FROM newsroom_limit WHERE key != 'turns'").fetchone() == (2,)


def test_of_those_together_one_that_fails_takes_back_its_own_alone():
    def fail() -> None:
        keep("second")
        raise ZeroDivisionError

    together = Together()
    for deed in (lambda: keep("first"), fail, lambda: keep("third")):
        together.add(deed)
    first, second, third = together.run()

    assert isinstance(second.exception(10), ZeroDivisionError)
    assert (first.exception(10), third.exception(10)) == (None, None)
    assert kept() == {"first", "third"}


def test_if_the_commit_fails_all_of_them_hear_so_and_nothing_is_written(alice):
    def reach_into_the_void() -> None:  # which SQLite finds at the commit
        Reaction.objects.create(comment_id=999, person=alice, name="like")

    together = Together()
    together.add(lambda: keep("first"))
    together.add(reach_into_the_void)
    failed = [each.exception(10) for each in together.run()]
    after = set(kept())
    in_parallel(2, lambda number: keep(f"later {number}"))

    assert [type(each) for each in failed] == [IntegrityError, IntegrityError]
    assert after == set()
    assert kept() == {"later 0", "later 1"}


def asking(key: str, errand: Callable[[], object]) -> Callable[[], Callable[[], bool]]:
    """A deed that writes `key`, and has `errand` done for all."""

    def deed() -> Callable[[], bool]:
        keep(key)
        return for_all("errand", errand)

    return deed


def test_what_one_can_do_for_all_the_last_does_and_it_is_committed_with_them():
    done: list[set[str]] = []
    together = Together()
    for number in range(3):
        together.add(asking(f"{number}", lambda: (done.append(kept()), keep("errand"))))
    is_done = [each.result(10) for each in together.run()]

    assert done == [{"0", "1", "2"}]
    assert kept() == {"0", "1", "2", "errand"}
    assert [each() for each in is_done] == [True] * 3


def test_what_fails_for_all_is_undone_and_everybody_may_know():
    def fail() -> None:
        keep("errand")
        raise ZeroDivisionError

    together = Together()
    for number in range(2):
        together.add(asking(f"{number}", fail))
    is_done = [each.result(10) for each in together.run()]

    assert kept() == {"0", "1"}
    assert [each() for each in is_done] == [False] * 2


def test_where_all_is_rolled_back_amid_it_everybody_hears_so():
    def lose_everything() -> None:
        connection.connection.execute("ROLLBACK")  # as SQLite does where the disk is full
        raise OperationalError

    together = Together()
    for number in range(2):
        together.add(asking(f"{number}", lose_everything))
    failed = [each.exception(10) for each in together.run()]
    short(keep)("later")

    assert [type(each) for each in failed] == [OperationalError] * 2
    assert kept() == {"later"}


def test_a_caller_without_autocommit_commits_by_themselves():
    transaction.set_autocommit(False)
    try:
        short(keep)("once")
        transaction.commit()
    finally:
        transaction.set_autocommit(True)

    assert kept() == {"once"}


def undone(key: str, errand: Callable[[], object]) -> Callable[[], None]:
    def deed() -> None:
        asking(key, errand)()
        transaction.set_rollback(True)

    return deed


def test_who_undoes_their_own_does_nothing_for_all(caplog):
    together = Together()
    together.add(asking("first", lambda: keep("errand")))
    together.add(undone("last", lambda: keep("errand")), then=lambda: short(keep)("later"))
    first, last = (each.result(10) for each in together.run())

    assert kept() == {"first", "later"}
    assert (first(), last) == (False, None)
    assert not caplog.records


def test_where_the_first_has_to_end_it_the_first_does_it(monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_SECONDS", 0)
    together = Together()
    for key in ("first", "second"):
        together.add(asking(key, lambda key=key: keep(f"errand of {key}")))
    is_done = [each.result(10) for each in together.run()]

    assert [each() for each in is_done] == [True] * 2
    assert kept() == {"first", "errand of first", "second", "errand of second"}


def test_who_comes_after_it_was_done_has_it_done_again():
    """As long as nothing is committed, somebody may still join."""
    late: list[Future[object]] = []

    def errand() -> None:
        keep(f"errand {len(late)}")
        if not late:
            late.append(together.submit(asking("late", errand)))

    together = Together()
    for key in ("first", "second"):
        together.add(asking(key, errand))
    is_done = [each.result(10) for each in together.run()]
    is_done.append(late[0].result(10))

    assert kept() == {"first", "second", "late", "errand 0", "errand 1"}
    assert [each() for each in is_done] == [True] * 3


def test_what_was_done_before_somebody_came_was_not_done_for_them():
    late: list[Future[object]] = []

    def come() -> Callable[[], bool]:
        late.append(together.submit(undone("later still", errand)))
        return asking("late", errand)()

    def errand() -> None:
        keep("errand")
        late.append(together.submit(come))

    together = Together()
    for key in ("first", "second"):
        together.add(asking(key, errand))
    is_done = [each.result(10) for each in together.run()]
    is_done += [each.result(10) for each in late]

    assert kept() == {"first", "second", "late", "errand"}
    assert [each and each() for each in is_done] == [True, True, False, None]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nobody has closed its connection
def test_a_thread_that_dies_amid_a_shared_transaction_gives_its_turn_back(monkeypatch):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 5)

    def die() -> None:
        connection.grouped().__enter__()
        transaction.atomic().__enter__()
        keep("never")

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    gc.collect()
    count()
    together = Together()
    together.add(lambda: keep("ever"))
    together.run()[0].result(10)

    assert Limit.objects.get(pk="turns").until == 1
    assert kept() == {"ever"}


def test_another_process_is_waited_for_but_not_for_ever(monkeypatch, stranger):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.2)
    stranger.execute("BEGIN IMMEDIATE")
    for wrap in (transaction.atomic, short):
        with pytest.raises(OperationalError, match="locked"):
            wrap(keep)("never")
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 10)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(in_parallel, 1, lambda _: keep("at last"))
        stranger.execute("COMMIT")
        waiting.result(10)

    assert kept() == {"at last"}


def test_a_limit_is_counted_in_its_turn(settings):
    settings.LIMITS = {**settings.LIMITS, "searches": "1/m"}
    refusals: list[TooManyRequests] = []

    def hit(_: int) -> None:
        try:
            limits.hit("searches", "eve")
        except TooManyRequests as refused:
            refusals.append(refused)

    queue = turns.queue_of(str(connection.settings_dict["NAME"]))
    turn = queue.take()
    with ThreadPoolExecutor(1) as pool:
        hitting = pool.submit(in_parallel, 4, hit)
        wait_for(lambda: len(queue._waiting) == 4, what="four in the queue")
        turn.end()
        hitting.result(10)

    assert len(refusals) == 3


def offsets(discussion: Discussion) -> list[int]:
    """In the order in which the events were published."""
    return list(Event.objects.filter(stream=discussion.stream).order_by("pk").values_list("offset", flat=True))


def post_together(discussion: Discussion, *authors: User) -> None:
    together = Together()
    for author in authors:
        together.add(partial(actions.post, discussion.pk, author=author, text=f"Ich bin {author}"))
    for each in together.run():
        each.result(10)


def test_posts_that_are_committed_together_are_numbered_with_that_commit(alice, bob, discussion, monkeypatch):
    alone: list[str] = []
    monkeypatch.setattr(sequence, "wake", alone.append)
    post_together(discussion, alice, bob)

    assert offsets(discussion) == [1, 2]
    assert None not in Comment.objects.values_list("order", flat=True)
    assert alone == []


def test_posts_whose_numbering_failed_are_numbered_after_the_commit(alice, bob, discussion, monkeypatch):
    number, failed = sequence._number, iter([True])

    def fail_once(*args: Any) -> int:
        if next(failed, False):
            raise ZeroDivisionError
        return number(*args)

    monkeypatch.setattr(sequence, "_number", fail_once)
    post_together(discussion, alice, bob)

    assert offsets(discussion) == [1, 2]


def test_posts_that_are_committed_together_are_numbered_and_counted(alice, bob, discussion, stranger, settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}

    def say(number: int) -> tuple[int, int | None]:
        posted = actions.post(discussion.pk, author=(alice, bob)[number % 2], text=f"Nr. {number}").comment
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
            (seen,) = other.execute("SELECT count(*) FROM comments_comment WHERE id = ?", [posted.pk]).fetchone()
        return seen, posted.order

    said = in_parallel(16, say)

    assert {seen for seen, _ in said} == {1}
    assert sorted(order for _, order in said if order) == sorted(Comment.objects.values_list("order", flat=True))
    assert sorted(offsets(discussion)) == list(range(1, 17))
    assert DiscussionTally.objects.get(pk=discussion.pk).comment_count == 16
