"""Many threads write to SQLite, each in its turn."""

from __future__ import annotations

import gc
import threading

import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from newsroom.models import Limit
from newsroom.sqlite3 import base
from tests.comments.tools import in_parallel

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
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 5)

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
    monkeypatch.setattr(base, "PATIENCE_SECONDS", 0.2)
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
