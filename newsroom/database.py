"""Whether the database fits this release of the code."""

from __future__ import annotations

from enum import Enum

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext_lazy


class Fit(Enum):
    CURRENT = "current"
    BEHIND = "behind"  # migrations wait
    AHEAD = "ahead"  # made by a newer release


REFUSALS = {
    Fit.BEHIND: "The database waits for migrations: run `manage.py migrate` first.",
    Fit.AHEAD: "The database was made by a newer version of Newsroom: install that version.",
}


def must_fit(*, migrates: bool = False) -> None:
    """Raises CommandError with exit code 2 where it does not; `migrates`: the caller brings it up to date itself."""
    found = fit()
    if found in REFUSALS and not (migrates and found is Fit.BEHIND):
        raise CommandError(REFUSALS[found], returncode=2)


def fit() -> Fit:
    """How the migrations applied compare with those on disk. Raises DatabaseError if nobody answers."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    known = set(loader.disk_migrations or ())
    known |= {replaced for each in (loader.disk_migrations or {}).values() for replaced in each.replaces}
    if any(app in loader.migrated_apps and (app, name) not in known for app, name in loader.applied_migrations or ()):
        return Fit.AHEAD
    return Fit.BEHIND if executor.migration_plan(loader.graph.leaf_nodes()) else Fit.CURRENT


NO_ROOM = gettext_lazy("The site has no room left to save anything. Keep your text and try again later.")


def is_full(error: BaseException | None) -> bool:
    """Whether a database error says that a disk is full, of whichever database."""
    cause = getattr(error, "__cause__", None) or error
    name = getattr(cause, "sqlite_errorname", "")
    return name == "SQLITE_FULL" or getattr(cause, "sqlstate", "") == "53100"


def limit_statements(seconds: int) -> None:
    """Have PostgreSQL end each statement, and each idle transaction, of connections made from now on after `seconds`.

    For processes that answer people; migrations and imports may take long. An address with `options=-c
    statement_timeout=…` decides itself.
    """
    if connection.vendor == "postgresql":
        from newsroom.postgresql.base import DatabaseWrapper

        DatabaseWrapper.statement_seconds = seconds


def connections_left() -> int | None:
    """How many connections PostgreSQL admits to us; None on SQLite, or if it does not answer within three seconds."""
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
 - coalesce(current_setting('reserved_connections', true), '0')::int"""  # the last one from PostgreSQL 16 on
