"""On SQLite the file gets shorter after many rows were deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Event as Stop

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.utils import ConnectionHandler
from django.utils import timezone

from newsroom.live.models import Event
from newsroom.server import worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL's autovacuum has the pages reused"),
]


def asked(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name}")
        return int(cursor.fetchone()[0])


def vacuum(mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA auto_vacuum = {mode}")
        cursor.execute("VACUUM")


@pytest.fixture
def _with_account(transactional_db: None) -> Iterator[None]:
    """As docs/operations.md says for a database of an earlier release."""
    vacuum("INCREMENTAL")
    yield
    vacuum("INCREMENTAL")


def fill(hours: int = 49) -> None:
    long_ago = timezone.now() - timedelta(hours=hours)
    rows = (
        Event(stream="test", offset=n, kind="x", data={"text": "x" * 900}, created_at=long_ago) for n in range(9000)
    )
    Event.objects.bulk_create(rows, batch_size=1000)


@pytest.mark.usefixtures("_with_account")
def test_pruning_gives_the_room_back_but_for_a_tenth():
    empty = asked("page_count")
    fill()
    full = asked("page_count")

    call_command("prune_live", "--hours", "50")
    assert asked("page_count") == full

    call_command("prune_live")
    assert empty < asked("page_count") < empty * 1.2 < full


@pytest.mark.usefixtures("_with_account")
def test_the_workers_tidying_gives_it_back_unless_it_has_to_stop():
    fill()
    call_command("prune_live", "--hours", "50")
    Event.objects.all().delete()
    full, stop = asked("page_count"), Stop()

    stop.set()
    worker.tidy(stop)
    assert asked("page_count") == full

    worker.tidy(Stop())
    assert asked("page_count") < full / 2


@pytest.mark.usefixtures("_with_account")
def test_a_database_of_an_earlier_release_is_pruned_as_it_is():
    vacuum("NONE")
    fill()
    full = asked("page_count")

    call_command("prune_live")

    assert asked("page_count") == full
    assert not Event.objects.exists()


def test_a_new_database_keeps_account_and_one_that_is_there_stays_as_it_is(tmp_path: Path):
    there = tmp_path / "there.sqlite3"
    with closing(sqlite3.connect(there)) as old:
        old.execute("CREATE TABLE thing (name)")

    def account(path: Path) -> int:
        settings = {
            "ENGINE": "newsroom.database.sqlite3",
            "NAME": str(path),
            "OPTIONS": connection.settings_dict["OPTIONS"],
        }
        with closing(ConnectionHandler({"default": settings})["default"]) as opened, opened.cursor() as cursor:
            cursor.execute("PRAGMA auto_vacuum")
            return int(cursor.fetchone()[0])

    assert account(tmp_path / "new.sqlite3") == 2
    assert account(there) == 0
