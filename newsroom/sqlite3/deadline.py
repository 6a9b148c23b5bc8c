"""An end to statements that come to none: SQLite asks while it works whether to go on."""

from __future__ import annotations

import sqlite3
from math import inf
from time import monotonic
from typing import Any

from django.db.backends.sqlite3 import base

STEPS = 20_000  # of its virtual machine between two questions: a millisecond or so


class Clock:
    """When the statement of a connection that runs now has to be done."""

    def __init__(self) -> None:
        self.until = inf

    def has_run_out(self) -> bool:
        return monotonic() > self.until


class Connection(sqlite3.Connection):
    """Each statement, and each look at its rows, has so many seconds; 0: as many as it likes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = Clock()
        self.watch()

    def watch(self) -> None:
        """Look at the clock, not at what else was looked at."""
        self.set_progress_handler(self._clock.has_run_out, STEPS)

    def allow(self, seconds: float) -> None:
        """From now on."""
        self._clock.until = monotonic() + seconds if seconds else inf


class Cursor(base.SQLiteCursorWrapper):
    """Django's, on a connection of the above, with the time that its `database` allows."""

    connection: Connection
    seconds: float

    def execute(self, query: str, params: Any = None) -> Any:
        self.connection.allow(self.seconds)
        return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        self.connection.allow(self.seconds)
        return super().executemany(query, param_list)

    def fetchmany(self, *args: Any, **kwargs: Any) -> Any:
        self.connection.allow(self.seconds)
        return super().fetchmany(*args, **kwargs)
