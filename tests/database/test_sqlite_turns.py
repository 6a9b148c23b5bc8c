"""Many threads write to SQLite, each in its turn."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import OperationalError, connection, connections, transaction
from django.db.models import F

from comments import actions
from comments.models import Comment, Discussion, DiscussionTally
from newsroom import limits
from newsroom.database.sqlite3 import turns
from newsroom.errors import TooManyRequests
from newsroom.live.models import Event
from newsroom.models import Limit
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


def keep(key: str) -> None:
    Limit.objects.create(key=key, until=0)


def kept() -> set[str]:
    return set(Limit.objects.values_list("pk", flat=True)) - {"turns"}


def test_another_process_is_waited_for_but_not_for_ever(monkeypatch, stranger):
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.2)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        transaction.atomic(keep)("never")
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
    queue.take()
    with ThreadPoolExecutor(1) as pool:
        hitting = pool.submit(in_parallel, 4, hit)
        wait_for(lambda: queue.length == 4, what="four in the queue")
        queue.give_back()
        hitting.result(10)

    assert len(refusals) == 3


def offsets(discussion: Discussion) -> list[int]:
    """In the order in which the events were published."""
    return list(Event.objects.filter(stream=discussion.stream).order_by("pk").values_list("offset", flat=True))


def test_posts_of_many_at_once_are_numbered_and_counted(alice, bob, discussion, stranger, settings):
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
