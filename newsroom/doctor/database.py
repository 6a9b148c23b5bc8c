"""Examines the database: whether it answers, fits this release, and has enough connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import Error, connection

from newsroom.database.fit import REFUSALS, connections_left, fit, refusal
from newsroom.doctor.findings import Finding, error, ok, plain, warning

WHAT = "database"
OLDEST = 140_000  # of PostgreSQL
SKEW_SECONDS = 2.0


def examine(processes: int) -> Iterator[Finding]:
    begun = monotonic()
    if reason := _refusal():
        yield error(WHAT, f"does not answer: {reason}", "Look at DATABASE_URL, and whether the server runs.")
        return
    took = monotonic() - begun
    yield from (_postgresql if connection.vendor == "postgresql" else _sqlite)(took)
    found = fit()
    if found in REFUSALS:
        sentence, _, remedy = REFUSALS[found].partition(": ")
        yield error(WHAT, sentence.removeprefix("The database "), remedy[0].upper() + remedy[1:])
    else:
        yield ok(WHAT, "has all migrations of this release")
    yield from _connections(processes)


def _refusal() -> str:
    """Why there is no connection, or ""."""
    if found := refusal():
        return found
    try:
        _value("SELECT 1")
    except Error as reason:
        return plain(reason)
    return ""


def _postgresql(took: float) -> Iterator[Finding]:
    number, version, encoding, is_standby, size = _row(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),"
        " current_setting('server_encoding'), pg_is_in_recovery(), pg_database_size(current_database())"
    )
    said = f"PostgreSQL {version.split()[0]} answers in {took * 1000:.0f} ms, {encoding}, {size / 1e6:,.0f} MB"
    yield ok(WHAT, said)
    if number < OLDEST:
        yield error(WHAT, f"PostgreSQL {version.split()[0]} is too old", "Upgrade it to PostgreSQL 14 or newer.")
    if encoding != "UTF8":
        yield error(WHAT, f"its encoding is {encoding}", "Make a database with ENCODING 'UTF8', and restore into that.")
    if is_standby:
        yield error(WHAT, "it is a standby, which only reads", "Let DATABASE_URL name the primary server.")
    skew = (_value("SELECT clock_timestamp()") - datetime.now(UTC)).total_seconds()
    if abs(skew) > SKEW_SECONDS:
        yield warning("clock", f"the database's is {skew:+.1f} s from this machine's", "Let both follow NTP (chrony).")
    else:
        yield ok("clock", f"the same as the database's, to {abs(skew):.1f} s")


def _sqlite(took: float) -> Iterator[Finding]:
    version, pages, size, mode, encoding = _row(
        "SELECT sqlite_version(), (SELECT page_count FROM pragma_page_count), (SELECT page_size FROM pragma_page_size),"
        " (SELECT journal_mode FROM pragma_journal_mode), (SELECT encoding FROM pragma_encoding)"
    )
    said = f"SQLite {version} answers in {took * 1000:.0f} ms, {encoding}, {pages * size / 1e6:,.0f} MB"
    yield ok(WHAT, said)
    if mode not in {"wal", "memory"}:
        remedy = "Put it on a local file system: on a network's it cannot be shared by processes."
        yield error(WHAT, f"its journal is {mode}, not wal", remedy)


def _connections(processes: int) -> Iterator[Finding]:
    admitted = connections_left()
    if admitted is None:
        return
    needed = processes * settings.DATABASE_POOL
    said = f"{processes} processes may open {needed} connections, PostgreSQL admits {admitted}"
    if needed > admitted:
        yield warning(WHAT, said, "Lower DATABASE_POOL, or raise max_connections.")
    else:
        yield ok(WHAT, said)


def _row(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def _value(sql: str) -> Any:
    return _row(sql)[0]
