"""A database that is a copy of another gives its log a new epoch by itself; nothing else does."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections

from newsroom.database.sqlite3.base import DatabaseWrapper
from newsroom.live.epoch import ensure_epoch, renew_epoch
from newsroom.live.models import Epoch
from newsroom.live.outbox import Position, position, read


@pytest.mark.django_db
def test_a_copy_gets_a_new_epoch() -> None:
    epoch = ensure_epoch()
    origin = Epoch.objects.get().origin
    assert origin
    assert ensure_epoch() == epoch  # after a restart

    Epoch.objects.update(origin="another database")  # as it stands in a copy
    renewed = ensure_epoch()

    assert renewed != epoch
    assert (Epoch.objects.get().origin, ensure_epoch()) == (origin, renewed)
    assert position("test.x") == Position(renewed, 0)
    assert read("test.x", Position(epoch, 0)) is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a file of SQLite")
def test_a_file_of_sqlite_keeps_its_identity_until_it_is_copied(tmp_path: Path) -> None:
    def identity(path: Path) -> str:
        return DatabaseWrapper(connections.databases[DEFAULT_DB_ALIAS] | {"NAME": str(path)}).identity("live_epoch")

    file = tmp_path / "news.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE x (y)")
        known = identity(file)
        database.execute("VACUUM")
    assert identity(file) == known

    copy = Path(shutil.copy2(file, tmp_path / "copy.sqlite3"))
    moved = file.rename(tmp_path / "moved.sqlite3")

    assert identity(moved) == known
    assert identity(copy) != known
    assert identity(tmp_path / "none") == ""


@pytest.mark.django_db
def test_one_that_an_earlier_release_has_made_stays() -> None:
    Epoch.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO live_epoch (id, value) VALUES (1, 'earlier')")  # it knows no other column

    assert ensure_epoch() == "earlier"
    assert Epoch.objects.get().origin
    assert renew_epoch() != "earlier"
