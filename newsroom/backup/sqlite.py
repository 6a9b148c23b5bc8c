"""SQLite's part of a backup: a copy while the site runs, and its exchange while the site is stopped."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from newsroom.backup.files import synchronise

MEMBER = "database.sqlite3"
STEP = 2000  # pages between two words of progress
# Those of the search index and SQLite's own hold nothing that stands in no other.
_TABLES = """SELECT name FROM pragma_table_list
WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"""


def path() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def dump(target: Path, say: Callable[[str], None]) -> tuple[list[str], dict[str, int]]:
    """Copy the database as it is now. Returns its migrations, and the number of rows of each table."""
    if not path().is_file():
        raise CommandError(f"There is no database {path()}: is NEWSROOM_DATA or DATABASE_URL set?", returncode=2)
    try:
        with closing(sqlite3.connect(path(), timeout=30, isolation_level=None)) as source:
            source.execute("BEGIN")  # with the state that is read first, writers do not make the copy begin anew
            source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy, pages=STEP, progress=lambda _, left, all_: say(f"Database: {1 - left / all_:.0%}"))
                copy.execute("PRAGMA journal_mode = DELETE")
                return _migrations(copy), rows(copy)
    except sqlite3.Error as error:
        raise CommandError(f"The database cannot be copied: {error}.", returncode=1) from error


def _migrations(database: sqlite3.Connection) -> list[str]:
    with suppress(sqlite3.OperationalError):  # a database that was never migrated
        found = database.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id").fetchall()
        return [name for (name,) in found]
    return []


def rows(database: sqlite3.Connection) -> dict[str, int]:
    names = [name for (name,) in database.execute(_TABLES).fetchall()]
    return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


@contextmanager
def alone(*, may_be_damaged: bool) -> Iterator[dict[str, int]]:
    """A block in which no other process has the database open, nor can open it; the rows of its tables.

    Raises CommandError while the site runs. `may_be_damaged`: a file that is no database counts as an empty one.
    """
    if not path().is_file():
        yield {}
        return
    with closing(sqlite3.connect(path(), timeout=2, isolation_level=None)) as held:
        found: dict[str, int] = {}
        try:
            held.execute("PRAGMA locking_mode = EXCLUSIVE")
            held.execute("PRAGMA journal_mode = DELETE")  # leaving WAL fails as long as others have it open
            held.execute("BEGIN EXCLUSIVE")
            found = rows(held)
        except sqlite3.OperationalError as error:
            said = f"The database is in use ({error}): stop `serve` and `worker` first. Nothing was changed."
            raise CommandError(said, returncode=2) from error
        except sqlite3.DatabaseError as error:
            if not may_be_damaged:
                said = f"{path()} is no whole database ({error}): --replace puts the backup into its place."
                raise CommandError(said, returncode=2) from error
        yield found


def put_in_place(staged: Path) -> None:
    """Exchange the database for `staged`, a file of the same folder: before this it is the old one, then the new one.

    It has no epoch, so that the first process gives it a new one.
    """
    try:
        with closing(sqlite3.connect(staged)) as new:
            new.execute("PRAGMA journal_mode = DELETE")
            _must_be_sound(new)
            if new.execute("SELECT 1 FROM sqlite_schema WHERE name = 'live_epoch'").fetchone():
                new.execute("DELETE FROM live_epoch")
                new.commit()
    except sqlite3.DatabaseError as error:
        said = f"The database in the backup is damaged ({' '.join(str(error).split())}). The one here is as it was."
        raise CommandError(said, returncode=1) from error
    synchronise(staged)
    for end in ("-wal", "-shm", "-journal"):  # of a damaged one: they would be applied to the new one
        Path(f"{path()}{end}").unlink(missing_ok=True)
    staged.replace(path())
    synchronise(path().parent)


def _must_be_sound(database: sqlite3.Connection) -> None:
    said = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if said != "ok":
        raise sqlite3.DatabaseError(said)
