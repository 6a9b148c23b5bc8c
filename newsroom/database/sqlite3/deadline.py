"""Time limits for statements: SQLite regularly calls a handler, which may stop the statement."""

from __future__ import annotations

import sqlite3
from math import inf
from time import monotonic
from typing import Any

from django.db.backends.sqlite3 import base

STEPS = 20_000  # of SQLite's virtual machine between two calls, about a millisecond


class Clock:
    """The time at which the connection's present statement has to end."""

    def __init__(self) -> None:
        self.until = inf

    def has_run_out(self) -> bool:
        return monotonic() > self.until


class Connection(sqlite3.Connection):
    """Each call that runs a statement or fetches rows may take so many seconds; 0: no limit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock = Clock()
        self.watch()

    def watch(self) -> None:
        """Install the time limit as progress handler, instead of any other."""
        self.set_progress_handler(self._clock.has_run_out, STEPS)

    def allow(self, seconds: float) -> None:
        """Start the time limit now."""
        self._clock.until = monotonic() + seconds if seconds else inf


class Cursor(base.SQLiteCursorWrapper):
    """Django's cursor on a `Connection`, with the time limit `seconds`."""

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
