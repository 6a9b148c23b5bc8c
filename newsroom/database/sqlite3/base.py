"""Django's SQLite backend, with writing transactions in turn (see `turns`) and time limits (see `deadline`)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import attrgetter, methodcaller
from pathlib import Path
from threading import get_ident
from typing import Any, ClassVar, NoReturn, Self

from django.db.backends.sqlite3 import base

from newsroom.database.sqlite3.deadline import Connection, Cursor
from newsroom.database.sqlite3.privacy import keep_file_private
from newsroom.database.sqlite3.room import begin_with_account
from newsroom.database.sqlite3.turns import Queue, begin, queue_of


class DatabaseWrapper(base.DatabaseWrapper):
    connection: Any
    _turn: Queue | None = None  # set while this connection has the turn
    _thread_ident: int  # set by Django
    statement_seconds: ClassVar[float] = 0  # see `newsroom.database.fit.limit_statements`
    met_others = False  # whether another writer had the lock when the last transaction wanted to begin
    _hurry: float | None = None  # seconds allowed instead, inside `hurried`

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        keep_file_private(str(conn_params["database"]))
        begin_with_account(str(conn_params["database"]))
        return super().get_new_connection({"factory": Connection} | conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.seconds = self.seconds
        return cursor

    @property
    def seconds(self) -> float:
        """The seconds that a statement may take."""
        return self.statement_seconds if self._hurry is None else self._hurry

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """See `newsroom.database.fit.within`."""
        before, self._hurry = self._hurry, seconds
        try:
            yield
        finally:
            self._hurry = before

    def identity(self, table: str) -> str:
        """Names this very database: a copy of its file has another name. "" if it is in memory.

        It is the file's number (inode). A file system keeps that over restarts, under another path and after a VACUUM;
        its own number (device) may change with each start of the machine.
        """
        try:
            return f"inode {Path(self.settings_dict['NAME']).stat().st_ino}"
        except OSError:
            return ""

    @staticmethod
    def has_run_out(error: BaseException | None) -> bool:
        """Whether a statement was ended because its time was over."""
        return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT

    def planned_cursor(self) -> Any:
        """See `statements.planned_cursor`. Skips Django's wrappers, which parse each statement anew."""
        if self._is_watched:
            return self.cursor()
        if self.connection is None or self._thread_ident != get_ident():  # cheap checks first, since the calls are slow
            self.ensure_connection()
            self.validate_thread_sharing()
        return _PlainCursor(self)

    def planned_rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """See `newsroom.database.statements.planned_rows`."""
        found: list[Any] = self._planned(sql, values, methodcaller("fetchall"))
        return found

    def planned_change(self, sql: str, values: Sequence[Any]) -> int:
        """The number of rows that a statement has changed."""
        return int(self._planned(sql, values, attrgetter("rowcount")))

    def planned_insert(self, sql: str, values: Sequence[Any]) -> int:
        """The key of the inserted row. SQLite knows it without RETURNING, which takes as long as the insert of a small
        row.
        """
        return int(self._planned(sql, values, attrgetter("lastrowid")))

    def _planned(self, sql: str, values: Sequence[Any], look: Callable[[Any], Any]) -> Any:
        """Run a statement without any cursor class: its calls take longer than a small statement."""
        if self._is_watched or self.connection is None or self.needs_rollback or self._thread_ident != get_ident():
            with self.planned_cursor() as cursor:
                cursor.execute(sql, values)
                return look(cursor)
        try:
            self.connection.allow(self.seconds)
            return look(self.connection.execute(_with_question_marks(sql), values))
        except sqlite3.Error:
            self.raise_again()

    @property
    def _is_watched(self) -> bool:
        return bool(self.force_debug_cursor or self.execute_wrappers)

    def raise_again(self) -> NoReturn:
        """Raise the current exception as Django's. Called only on errors, since Django's context manager for that takes
        as long as a small statement.
        """
        with self.wrap_database_errors:
            raise  # noqa: PLE0704

    def _start_transaction_under_autocommit(self) -> None:
        self._end_turn()
        queue = queue_of(str(self.settings_dict["NAME"]))
        had_to_wait = queue.take()
        self._turn = queue
        try:
            with self.wrap_database_errors, _asked_once(self.connection):
                self.met_others = begin(self.connection) or had_to_wait
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> Any:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        queue, self._turn = self._turn, None
        if queue is not None:
            queue.give_back()


@contextmanager
def _asked_once(connection: sqlite3.Connection) -> Iterator[None]:
    """A block in which SQLite itself does not wait for other writers."""
    (usual,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {usual}")


class _PlainCursor(sqlite3.Cursor):
    """A cursor with the checks of Django's cursors but not their layers, which take longer than SQLite needs for a
    row.
    """

    def __init__(self, database: DatabaseWrapper) -> None:
        super().__init__(database.connection)
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(self, sql: str, parameters: Any = ()) -> Self:
        self._database.validate_no_broken_transaction()
        self._database.connection.allow(self._database.seconds)
        try:
            return super().execute(_with_question_marks(sql), parameters)
        except sqlite3.Error:
            self._database.raise_again()

    def executemany(self, sql: str, parameters: Any) -> Self:
        self._database.validate_no_broken_transaction()
        self._database.connection.allow(self._database.seconds)
        try:
            return super().executemany(_with_question_marks(sql), parameters)
        except sqlite3.Error:
            self._database.raise_again()

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.Error:
            self._database.raise_again()

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.Error:
            self._database.raise_again()


@lru_cache(512)
def _with_question_marks(sql: str) -> str:
    return str(base.FORMAT_QMARK_REGEX.sub("?", sql)).replace("%%", "%")
