"""Django's backend, with transactions that take turns and may be committed as one: see `turns`."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import attrgetter, methodcaller
from threading import get_ident
from typing import Any, ClassVar, NoReturn, Self

from django.db import transaction
from django.db.backends.sqlite3 import base

from newsroom.sqlite3.deadline import Connection, Cursor
from newsroom.sqlite3.files import keep_file_private
from newsroom.sqlite3.turns import Turn, begin, queue_of

logger = logging.getLogger(__name__)


class DatabaseWrapper(base.DatabaseWrapper):
    connection: Any
    _turn: Turn | None = None
    _own: Any = None  # our connection, while a shared one is in its place
    _is_short = False
    _thread_ident: int  # of Django
    statement_seconds: ClassVar[float] = 0  # see `newsroom.database.limit_statements`
    _hurry: float | None = None  # seconds that are allowed instead

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        keep_file_private(str(conn_params["database"]))
        return super().get_new_connection({"factory": Connection} | conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = self.connection.cursor(factory=Cursor)
        cursor.seconds = self.seconds
        return cursor

    @property
    def seconds(self) -> float:
        """That a statement may take."""
        return self.statement_seconds if self._hurry is None else self._hurry

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """See `newsroom.database.within`."""
        before, self._hurry = self._hurry, seconds
        try:
            yield
        finally:
            self._hurry = before

    @staticmethod
    def has_run_out(error: BaseException | None) -> bool:
        """Whether a statement was ended because its time was over."""
        return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT

    def planned_cursor(self) -> Any:
        """See `newsroom.prepared.planned_cursor`: SQLite keeps all statements, but Django reads each one anew."""
        if self._is_watched:
            return self.cursor()
        if self.connection is None or self._thread_ident != get_ident():  # looked at before they are asked: that costs
            self.ensure_connection()
            self.validate_thread_sharing()
        return _PlainCursor(self)

    def planned_rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """See `newsroom.prepared.planned_rows`."""
        found: list[Any] = self._planned(sql, values, methodcaller("fetchall"))
        return found

    def planned_change(self, sql: str, values: Sequence[Any]) -> int:
        """How many rows a statement has changed."""
        return int(self._planned(sql, values, attrgetter("rowcount")))

    def planned_insert(self, sql: str, values: Sequence[Any]) -> int:
        """The key of the row that a statement has made: SQLite knows it anyway, and to be asked for it in the statement
        takes it as long as to write a small row.
        """
        return int(self._planned(sql, values, attrgetter("lastrowid")))

    def _planned(self, sql: str, values: Sequence[Any], look: Callable[[Any], Any]) -> Any:
        """The layers of a cursor of our own, too, take longer than a small statement."""
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
        """What is being handled, as the error that it is for Django, whose context manager for that takes as long as a
        small statement.
        """
        with self.wrap_database_errors:
            raise  # noqa: PLE0704

    @contextmanager
    def grouped(self) -> Iterator[None]:
        """See `newsroom.transactions.short`."""
        is_within_another = self.in_atomic_block
        self._is_short = True
        try:
            with transaction.atomic():
                yield
                if not (is_within_another or self.needs_rollback):
                    self._run_errands()
        finally:
            self._is_short = False

    @property
    def has_company(self) -> bool:
        """See `newsroom.transactions.has_company`."""
        return self._turn is not None and self._turn.has_company

    def for_all(self, key: str, deed: Callable[[], object]) -> Callable[[], bool]:
        """See `newsroom.transactions.for_all`."""
        assert self._turn
        errand = self._turn.errand(key, deed)
        return lambda: errand.is_done

    def _run_errands(self) -> None:
        """What fails leaves nothing behind, and the others to see to it."""
        turn = self._turn
        if turn is None:  # without autocommit the transaction is the caller's own
            return
        for key, errand in turn.errands().items():
            try:
                with transaction.atomic():
                    errand.deed()
            except Exception:
                if self.needs_rollback:  # our own is gone with it, of which Django would not say a word
                    raise
                logger.exception("%s failed for those who are committed together", key)
            else:
                turn.done.append(key)

    def _start_transaction_under_autocommit(self) -> None:
        self._end_turn()
        self._turn = queue_of(str(self.settings_dict["NAME"])).take(is_short=self._is_short)
        try:
            if self._is_short:
                with self.wrap_database_errors:
                    shared = self._turn.join(self._new_connection)
                self._own, self.connection = self.connection, shared
            else:
                with self.wrap_database_errors, _asked_once(self.connection):
                    begin(self.connection)
        except BaseException:
            self._end_turn()
            raise

    def _new_connection(self) -> Any:
        """The one that writes: it would only copy the pages of a map that it is about to change. What it keeps for
        undoing a savepoint stays in memory: some thirty pages a member, each two writes to a file.
        """
        made = self.get_new_connection(self.get_connection_params() | {"timeout": 0})
        made.execute("PRAGMA mmap_size = 0")
        made.execute("PRAGMA temp_store = MEMORY")
        return made

    def _commit(self) -> Any:
        if self._own is None:
            super()._commit()  # type: ignore[misc]
            self._end_turn()
            return
        turn, self._turn = self._turn, None
        self._step_out()
        assert turn
        try:
            with self.wrap_database_errors:
                turn.keep()
        finally:
            turn.end()

    def _rollback(self) -> Any:
        self._step_out()
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> Any:
        self._step_out()
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _step_out(self) -> None:
        if self._own is not None:
            self.connection, self._own = self._own, None

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            with self.wrap_database_errors:
                turn.give_up()


@contextmanager
def _asked_once(connection: sqlite3.Connection) -> Iterator[None]:
    """A block in which SQLite does not wait for others by itself."""
    (usual,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {usual}")


class _PlainCursor(sqlite3.Cursor):
    """What Django's cursors do, without their layers: they take longer than SQLite for a row."""

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
