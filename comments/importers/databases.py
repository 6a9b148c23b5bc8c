"""Opens SQLite databases of others, as they are: nothing in them or beside them is written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import IO
from urllib.request import pathname2url

from comments.importers.records import Notes, Unreadable

MAGIC = b"SQLite format 3\0"
_LONGEST = 4_000_000  # bytes of a value


def must_be_whole(file: IO[bytes]) -> int:
    """The size in bytes. Raises Unreadable for what is no database, or not all of one."""
    file.seek(0)
    head = file.read(100)
    size = file.seek(0, 2)
    if not head.startswith(MAGIC) or len(head) < 100:
        raise Unreadable("Byte 0: this is no SQLite database.")
    page = int.from_bytes(head[16:18]) or 1
    page = 65_536 if page == 1 else page
    pages = int.from_bytes(head[28:32]) if head[24:28] == head[92:96] else 0
    if pages * page > size:
        raise Unreadable(f"Byte {size}: the file is cut off; it should have {pages * page} bytes.")
    return size


def look_beside(path: Path, notes: Notes, program: str) -> None:
    """Note changes that are not in the file yet."""
    wal = path.with_name(f"{path.name}-wal")
    if wal.is_file() and wal.stat().st_size:
        sentence = (
            f"Not read: changes that {program} has not put into the file yet. Stop {program}, then say "
            f"`sqlite3 {path.name} 'PRAGMA wal_checkpoint(TRUNCATE)'`, and import again"
        )
        notes.add(sentence, wal.name)


def opened(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"file:{pathname2url(str(path.resolve()))}?mode=ro&immutable=1", uri=True)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    database.text_factory = lambda value: value.decode(errors="replace")
    database.execute("PRAGMA trusted_schema = OFF")
    return database


def is_table(database: sqlite3.Connection, name: str) -> bool:
    """Whether it is a real table: a view or a virtual one may be anything."""
    sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? AND sql NOT LIKE 'CREATE VIRTUAL%'"
    return database.execute(sql, [name]).fetchone() is not None


def must_be_sound(database: sqlite3.Connection) -> None:
    """Raises Unreadable, sqlite3.Error."""
    (sound,) = database.execute("PRAGMA quick_check(1)").fetchone()
    if sound != "ok":
        raise Unreadable(f"Byte 0: the database is damaged ({sound}).")
