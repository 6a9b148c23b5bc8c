"""Checks that the database fits this release, and limits the time of statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from errno import EDQUOT, ENOSPC

from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext_lazy

from newsroom.database.statements import here
from newsroom.errors import Refused

RETRY_SECONDS = 5


class Fit(Enum):
    CURRENT = "current"
    BEHIND = "behind"  # migrations have to be applied
    AHEAD = "ahead"  # a newer version has migrated it, which a process of this one survives: see docs/operations.md


REFUSALS = {
    Fit.BEHIND: "The database waits for migrations: run `manage.py migrate` first.",
    Fit.AHEAD: "The database was made by a newer version of Newsroom: install that version.",
}


def must_fit(*, migrates: bool = False) -> None:
    """Raises CommandError with exit code 2 if the database does not fit. `migrates`: the caller applies migrations
    itself.
    """
    found = fit()
    if found in REFUSALS and not (migrates and found is Fit.BEHIND):
        raise CommandError(REFUSALS[found], returncode=2)


def fit() -> Fit:
    """Compare the applied migrations with those on disk. Raises DatabaseError if the database does not answer."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    known = set(loader.disk_migrations or ())
    known |= {replaced for each in (loader.disk_migrations or {}).values() for replaced in each.replaces}
    if any(app in loader.migrated_apps and (app, name) not in known for app, name in loader.applied_migrations or ()):
        return Fit.AHEAD
    return Fit.BEHIND if executor.migration_plan(loader.graph.leaf_nodes()) else Fit.CURRENT


NO_ROOM = gettext_lazy("The site has no room left to save anything. Keep your text and try again later.")


def is_full(error: BaseException | None) -> bool:
    """Whether an error says that a disk is full: that of either database, or of files."""
    cause = getattr(error, "__cause__", None) or error
    if isinstance(cause, OSError):
        return cause.errno in {ENOSPC, EDQUOT}
    return getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(cause, "sqlstate", "") == "53100"


def limit_statements(seconds: int) -> None:
    """For connections made from now on: end each statement after `seconds`, and on PostgreSQL each idle transaction.

    For processes that serve requests; migrations and imports may take long. A PostgreSQL URL with `options=-c
    statement_timeout=…` overrides it.
    """
    type(here()).statement_seconds = seconds


class TookTooLong(Refused):
    """The query takes longer than one reader may delay all others."""

    code = "unavailable"
    status = 503


@contextmanager
def within(seconds: float, sentence: str) -> Iterator[None]:
    """A block that only reads, in which each statement may take so many seconds. Raises TookTooLong with `sentence`."""
    try:
        with here().hurried(seconds):
            yield
    except OperationalError as error:
        if not here().has_run_out(error.__cause__):
            raise
        raise TookTooLong(sentence, retry_after=RETRY_SECONDS) from error


def refusal() -> str:
    """Why PostgreSQL admits no further connection, as one line. "" if it admits one, and on SQLite.

    It is asked beside the pool, which does not say why.
    """
    if connection.vendor != "postgresql":
        return ""
    import psycopg

    try:
        psycopg.connect(**(connection.get_connection_params() | {"connect_timeout": 5})).close()
    except psycopg.Error as reason:
        return " ".join(f"{reason}".split())
    return ""


def connections_left() -> int | None:
    """The number of connections that PostgreSQL still allows us; None on SQLite, or without an answer in three
    seconds.
    """
    if connection.vendor != "postgresql":
        return None
    import psycopg

    try:
        with psycopg.connect(**(connection.get_connection_params() | {"connect_timeout": 3})) as asked:
            row = asked.execute(_ADMITTED).fetchone()
    except psycopg.Error:
        return None
    return row and int(row[0])


_ADMITTED = """SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
 - coalesce(current_setting('reserved_connections', true), '0')::int"""  # since PostgreSQL 16
