"""Checks pooled connections before use, gives up on a silent server, and has frequent statements planned only once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from select import POLLIN, poll
from time import monotonic
from typing import Any, ClassVar

import psycopg
from django.db import transaction
from django.db.backends.postgresql import base
from psycopg.errors import QueryCanceled
from psycopg.types.numeric import Int8
from psycopg_pool import ConnectionPool

GRACE_SECONDS = 2.0  # in which the server tells that it has ended a statement


class Connection(psycopg.Connection[Any]):
    """Gives up on a server that hangs: it holds a statement for longer than it may, and does not end it."""

    patience: float | None = None  # seconds; None: for ever

    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        if self.patience is None:
            return super().wait(gen, *args, **kwargs)
        begun = monotonic()
        try:
            return super().wait(gen, *args, **{"timeout": self.patience} | kwargs)
        except psycopg.OperationalError as error:
            if monotonic() - begun < self.patience or self.closed:
                raise
            self.close()  # an answer may still come, to whatever is asked next
            raise psycopg.OperationalError(f"no answer in {self.patience:.0f} s") from error


class DatabaseWrapper(base.DatabaseWrapper):
    statement_seconds: ClassVar[int] = 0  # see `newsroom.database.fit.limit_statements`

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pool = self.settings_dict["OPTIONS"].get("pool")
        if pool:
            pool |= {"check": check, "connection_class": Connection}

    def _configure_connection(self, connection: Connection) -> bool:
        """Force generic plans, so that a prepared statement is planned once. Otherwise some are planned at each
        call.
        """
        super()._configure_connection(connection)  # type: ignore[misc]
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
            if self.statement_seconds and "statement_timeout" not in self.settings_dict["OPTIONS"].get("options", ""):
                cursor.execute(f"SET statement_timeout = '{self.statement_seconds}s'")
                cursor.execute(f"SET idle_in_transaction_session_timeout = '{self.statement_seconds}s'")
                connection.patience = self.statement_seconds + GRACE_SECONDS
        return True

    @contextmanager
    def hurried(self, seconds: float) -> Iterator[None]:
        """See `newsroom.database.fit.within`."""
        self.ensure_connection()
        connection = self.connection
        before, connection.patience = connection.patience, seconds + GRACE_SECONDS
        try:
            with transaction.atomic(), self.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = '{round(seconds * 1000)}ms'")
                yield
        finally:
            connection.patience = before

    def identity(self, table: str) -> str:
        """Names this very table: one that was restored from a dump has another name, in whatever database.

        It consists of the cluster's identifier, if this role may read it, and of the numbers of database and table.
        """
        with self.cursor() as cursor:
            cursor.execute("SELECT has_function_privilege('pg_control_system()', 'execute')")
            cluster = "system_identifier FROM pg_control_system()" if cursor.fetchone()[0] else "0"
            numbers = "(SELECT oid FROM pg_database WHERE datname = current_database()), %s::regclass::oid"
            cursor.execute(f"SELECT {numbers}, (SELECT {cluster})", [table])
            return "{} {} {}".format(*cursor.fetchone())

    @staticmethod
    def has_run_out(error: BaseException | None) -> bool:
        """Whether a statement was ended because its time was over."""
        return isinstance(error, QueryCanceled)

    def planned_cursor(self) -> Any:
        """See `statements.planned_cursor`. Skips Django's wrappers unless they are in use."""
        self.ensure_connection()
        if self.force_debug_cursor or self.execute_wrappers:
            return self._prepare_cursor(_PlanningCursor(self))  # type: ignore[attr-defined]
        self.validate_thread_sharing()
        return _PlanningCursor(self)

    def planned_rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """See `newsroom.database.statements.planned_rows`."""
        with self.planned_cursor() as cursor:
            cursor.execute(sql, values)
            found: list[Any] = cursor.fetchall()
            return found

    def planned_change(self, sql: str, values: Sequence[Any]) -> int:
        """The number of rows that a statement has changed; in a pipeline it is not known yet."""
        with self.planned_cursor() as cursor:
            cursor.execute(sql, values)
            return int(cursor.rowcount)

    def planned_insert(self, sql: str, values: Sequence[Any]) -> int:
        """The key of the inserted row, as the statement returns it."""
        return int(self.planned_rows(sql, values)[0][0])

    @contextmanager
    def pipelined(self) -> Iterator[None]:
        """See `newsroom.database.transactions.pipelined`."""
        self.ensure_connection()
        with self.wrap_database_errors, self.connection.pipeline():
            yield


_Cursor: Any = base.ServerBindingCursor


class _PlanningCursor(_Cursor):  # type: ignore[misc]
    """Sends every integer as the same type. psycopg picks the smallest that fits, and each type needs its own plan."""

    def __init__(self, database: DatabaseWrapper) -> None:
        super().__init__(database.connection)
        self._database = database

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        self._database.validate_no_broken_transaction()
        with self._database.wrap_database_errors:
            return super().execute(query, _sized(params), **kwargs)

    def executemany(self, query: Any, params_seq: Iterable[Any], **kwargs: Any) -> None:
        self._database.validate_no_broken_transaction()
        with self._database.wrap_database_errors:
            super().executemany(query, [_sized(each) for each in params_seq], **kwargs)

    def fetchone(self) -> Any:
        with self._database.wrap_database_errors:
            return super().fetchone()

    def fetchall(self) -> Any:
        with self._database.wrap_database_errors:
            return super().fetchall()


def _sized(values: Sequence[Any] | None) -> Sequence[Any] | None:
    return values and [_wide(value) for value in values]


def _wide(value: Any) -> Any:
    if type(value) is list:
        return [_wide(each) for each in value]
    return Int8(value) if type(value) is int else value


def check(connection: psycopg.Connection[Any]) -> None:
    """Raises OperationalError for a connection that the server has ended.

    A server that restarts, or ends a session, sends a message or closes the connection. An idle connection is silent.
    So one without unread data is used as it is: a query to check it would cost every request a round trip.
    """
    line = poll()
    line.register(connection.fileno(), POLLIN)
    if line.poll(0):
        ConnectionPool.check_connection(connection)
