"""Keeps a SQLite site's files private to their owner: they hold password hashes, sessions and addresses."""

from __future__ import annotations

import stat
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

FOLDER, FILE = 0o700, 0o600  # modes


def keep_folder_private(folder: Path) -> None:
    """Create the site's own folder, or remove other users' access to it. A folder of another owner, or one that is made
    for all users, such as /tmp, is not changed.
    """
    with suppress(OSError):  # opening the database gives a clearer error
        folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        if not folder.stat().st_mode & stat.S_ISVTX:
            folder.chmod(FOLDER)


@lru_cache(8)
def keep_file_private(database: str) -> None:
    """Create a database's file, or remove other users' access to it. Runs once for each process and database.

    SQLite creates the files beside it (`-wal`, `-shm`) with the mode of the database. Those that an earlier version
    left behind are changed here.
    """
    if database.startswith((":memory:", "file:")):
        return
    with suppress(OSError):
        Path(database).touch(mode=FILE)
        for name in (database, f"{database}-wal", f"{database}-shm"):
            if (path := Path(name)).exists():
                path.chmod(FILE)
