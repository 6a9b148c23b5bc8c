"""PostgreSQL's part of a backup, by its own programs: pg_dump, pg_restore and psql. Passwords never stand in argv."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.management.base import CommandError
from django.db import connection

from newsroom.env import POSTGRES_OPTIONS

MEMBER = "database.dump"
PIECE = 1024 * 1024  # bytes passed on at a time
PACKAGE = "the Debian package postgresql-client"

_TABLES = """SELECT format('%%I.%%I', schemaname, tablename), tablename FROM pg_tables
WHERE schemaname = current_schema() ORDER BY tablename""".replace("%%", "%")
_SESSIONS = """SELECT count(*), string_agg(DISTINCT nullif(application_name, ''), ', ') FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"""
# What `migrate` makes, in an order in which nothing is dropped twice.
_DROPS = """
SELECT format('DROP %s IF EXISTS %s CASCADE;', CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
 WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, oid::regclass) FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
 AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid
  AND deptype IN ('a', 'e', 'i'))
UNION ALL
SELECT format('DROP FUNCTION IF EXISTS %s CASCADE;', oid::regprocedure) FROM pg_proc
WHERE pronamespace = current_schema()::regnamespace AND prokind = 'f'
 AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
"""


def dump(target: Path, say: Callable[[str], None], *, compressed: bool) -> tuple[list[str], dict[str, int]]:
    """Dump the database as it is now. Returns its migrations, and the number of rows of each table, of that moment.

    `compressed`: the archive is compressed, so the dump need not be.
    """
    with _connected() as asked:
        program = _program("pg_dump", asked.info.server_version)
        asked.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        asked.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        snapshot = asked.execute("SELECT pg_export_snapshot()").fetchone()[0]
        found = _migrations(asked), _rows(asked)
        what = ["--format=custom", "--no-unlogged-table-data", "--no-owner", "--no-privileges"]
        what += ["--compress=0"] if compressed else []
        command = [program, *what, f"--snapshot={snapshot}", f"--file={target}", *_place()]
        with TemporaryFile("w+") as errors:
            process = subprocess.Popen(command, env=_environment(), stdin=subprocess.DEVNULL, stderr=errors)  # noqa: S603
            try:
                while not _has_ended(process):
                    say(f"Database: {target.stat().st_size / 1e6 if target.exists() else 0:,.0f} MB")
            finally:
                _end(process)
            _must_have_worked(process, errors, "pg_dump")
    return found


def _has_ended(process: subprocess.Popen[Any]) -> bool:
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def alone() -> Iterator[dict[str, int]]:
    """The rows of the tables of a database that nobody else uses. Raises CommandError while the site runs."""
    with _connected() as asked:
        for name in ("pg_restore", "psql"):
            _program(name, asked.info.server_version)
        number, names = asked.execute(_SESSIONS).fetchone()
        if number:
            said = (
                f"{number} sessions use the database ({names}): stop `serve` and `worker` first. Nothing was changed."
            )
            raise CommandError(said, returncode=2)
        found = _rows(asked)
    yield found


def put_in_place(dumped: Path) -> None:
    """Exchange everything in the database for the dump, in one transaction: until it commits, all is as it was."""
    with _connected() as asked:
        drops = [drop for (drop,) in asked.execute(_DROPS).fetchall()]
        programs = [_program(name, asked.info.server_version) for name in ("pg_restore", "psql")]
    begin = "\n".join(["BEGIN;", "SET LOCAL lock_timeout = '10s';", "SET LOCAL client_min_messages = warning;", *drops])
    with TemporaryFile("w+") as said_by_source, TemporaryFile("w+") as said_by_target:
        reading = [programs[0], "--no-owner", "--no-privileges", "--no-comments", "--file=-", str(dumped)]
        source = subprocess.Popen(reading, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said_by_source)  # noqa: S603
        writing = [programs[1], "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", *_place()]
        target = subprocess.Popen(  # noqa: S603
            writing, env=_environment(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said_by_target
        )
        assert source.stdout
        assert target.stdin
        try:
            _pass_on(begin.encode() + b"\n", source.stdout, target.stdin)
            if source.wait() == 0:
                target.stdin.write(b"COMMIT;\nANALYZE;\n")  # only here: without it psql's end takes everything back
            target.stdin.close()
        except BrokenPipeError:
            pass  # psql has met an error, which it tells below
        finally:
            _end(source)
            target.wait()
        _must_have_worked(target, said_by_target, "psql")
        _must_have_worked(source, said_by_source, "pg_restore")


def _pass_on(begin: bytes, source: IO[bytes], target: IO[bytes]) -> None:
    target.write(begin)
    while piece := source.read(PIECE):
        target.write(piece)
    target.flush()


def _end(process: subprocess.Popen[Any]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()


def _must_have_worked(process: subprocess.Popen[Any], errors: IO[str], name: str) -> None:
    if process.returncode:
        errors.seek(0)
        lines = [line for line in errors.read().splitlines() if line.strip()]
        reason = next((line for line in lines if "error" in line.lower()), lines[0] if lines else "no reason given")
        raise CommandError(f"{name} failed: {reason[:300]}", returncode=1)


def _connected() -> Any:
    """A connection of its own, which shares nothing with Django's pool."""
    import psycopg

    try:
        return psycopg.connect(**(connection.get_connection_params() | {"connect_timeout": 10, "autocommit": True}))
    except psycopg.Error as error:
        raise CommandError(f"The database does not answer: {' '.join(str(error).split())}", returncode=2) from error


def _migrations(asked: Any) -> list[str]:
    if asked.execute("SELECT to_regclass('django_migrations')").fetchone()[0] is None:
        return []
    return [name for (name,) in asked.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")]


def _rows(asked: Any) -> dict[str, int]:
    tables = asked.execute(_TABLES).fetchall()
    return {name: asked.execute(f"SELECT count(*) FROM {whole}").fetchone()[0] for whole, name in tables}  # noqa: S608


def _program(name: str, server: int) -> str:
    """The path of a client program. Raises CommandError if it is missing, or older than the server."""
    found = shutil.which(name)
    if found is None:
        raise CommandError(f"{name} is not installed: it comes with {PACKAGE}.", returncode=2)
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False, timeout=30).stdout  # noqa: S603
    version = re.search(r"\) (\d+)", said)
    if version is None or int(version[1]) < server // 10_000:
        have = version[1] if version else "unknown"
        said = f"{name} has version {have}, the server {server // 10_000}: install {PACKAGE}-{server // 10_000}."
        raise CommandError(said, returncode=2)
    return found


def _place() -> list[str]:
    """Where the database is, without the password."""
    from psycopg.conninfo import make_conninfo

    known = (POSTGRES_OPTIONS | {"dbname", "user"}) - {"currentSchema", "sslpassword"}
    given = {name: value for name, value in connection.get_connection_params().items() if name in known}
    return ["--dbname", make_conninfo(**given)]


def _environment() -> dict[str, str]:
    password = connection.settings_dict["PASSWORD"]
    return os.environ | ({"PGPASSWORD": password} if password else {})
