"""Gives the room of deleted rows back to the file system, a little at a time.

SQLite keeps free pages for later rows. Only a database that keeps account of its pages (auto_vacuum) can move its last
pages into them and shorten the file; this is decided before the first table is made, or by a VACUUM.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from functools import lru_cache
from pathlib import Path

from django.db import connection

from newsroom.database.batches import Batches

STEP = 500  # pages moved while other writers wait
KEPT = 10  # a file may be larger by a tenth than its content: new rows go there soon


@lru_cache(8)
def begin_with_account(database: str) -> None:
    """Make a new, empty database keep account of its pages. Runs once for each process and database.

    Not at each connection: in a database that keeps account already, the setting would wait for the other writers.
    """
    if database.startswith((":memory:", "file:")):
        return
    with suppress(OSError, sqlite3.Error):  # opening the database gives a clearer error
        if Path(database).stat().st_size == 0:
            with closing(sqlite3.connect(database)) as new:
                new.execute("PRAGMA auto_vacuum = INCREMENTAL")
                new.execute("VACUUM")  # writes the file's first page


def give_back(is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Shorten the file of the database by its free pages, but for a tenth. Returns the number of pages given back.

    Does nothing on PostgreSQL, and in a database that keeps no account. `is_stopped` is asked before each step.
    """
    batches, count = Batches(), 0
    while not is_stopped() and (step := _spare()):
        count += batches.run(lambda step=step: _shorten(step))  # type: ignore[misc]
    return count


def _spare() -> int:
    """The number of pages that the next step is to give back."""
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM pragma_auto_vacuum, pragma_freelist_count, pragma_page_count")
        keeps_account, free, pages = cursor.fetchone()
    return max(0, min(STEP, free - (pages - free) // KEPT)) if keeps_account else 0


def _shorten(pages: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA incremental_vacuum({pages})")
        cursor.fetchall()  # each row that is fetched moves a page
    return pages
