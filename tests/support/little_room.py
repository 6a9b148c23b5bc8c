"""A disk that is nearly full, below the database."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections

from comments.models import Comment
from tests.support.sqlite3.base import DatabaseWrapper

MARGIN = 16  # pages: room for a comment or two
BYTES = 256 * 1024  # of which PostgreSQL needs some for a table that is empty


@contextmanager
def little_room() -> Iterator[None]:
    """A few comments find room, and then none does. For tests that commit; ask for it after the cast."""
    with _small_disk() if connection.vendor == "postgresql" else _small_file():
        yield


def long_text(number: int) -> str:
    """A comment that no database makes shorter."""
    return " ".join(f"{random.Random(number * 1000 + word).getrandbits(32):08x}" for word in range(500))


@contextmanager
def _small_file() -> Iterator[None]:
    """The database is a copy, on all connections that are made in here."""
    usual, name = connections["default"], connections.settings["default"]["NAME"]
    with tempfile.TemporaryDirectory(prefix="newsroom-small-") as folder:
        copy = f"{folder}/db.sqlite3"
        usual.ensure_connection()
        usual.connection.execute("VACUUM INTO ?", [copy])
        connections.settings["default"]["NAME"] = copy
        del connections["default"]
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA page_count")
                DatabaseWrapper.most_pages = cursor.fetchone()[0] + MARGIN
            connection.close()
            yield
        finally:
            DatabaseWrapper.most_pages = None
            connection.close()
            connections.settings["default"]["NAME"] = name
            connections["default"] = usual


@contextmanager
def _small_disk() -> Iterator[None]:
    """The table of comments lies on a disk of its own."""
    table = Comment._meta.db_table
    with mounted(BYTES, _owner()) as disk, connection.cursor() as cursor:
        cursor.execute(f"VACUUM FULL {table}")  # what earlier tests left would not find room
        cursor.execute(f"CREATE TABLESPACE small LOCATION '{disk}'")
        try:
            cursor.execute(f"ALTER TABLE {table} SET TABLESPACE small")
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table} SET TABLESPACE pg_default")
            cursor.execute("DROP TABLESPACE small")


@contextmanager
def mounted(size: int, owner: int = 0) -> Iterator[Path]:
    """An empty folder on a disk of its own with so many bytes. Skips the test where none can be mounted."""
    disk = Path(tempfile.mkdtemp(prefix="newsroom-small-"))
    options = f"size={size},uid={owner},mode=0700"
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True, text=True, check=False
    )
    try:
        if done.returncode:
            pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
        yield disk
    finally:
        if not done.returncode:
            subprocess.run(["umount", disk], check=True)
        disk.rmdir()


def enlarge(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", disk], check=True)


def _owner() -> int:
    """Whom the files of PostgreSQL belong to."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        return Path(cursor.fetchone()[0]).stat().st_uid
