"""Who may read the files of a SQLite site: they hold password hashes, sessions and addresses, so only its owner."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path

FOLDER, FILE = 0o700, 0o600  # modes


def keep_folder_private(folder: Path) -> None:
    """Make the site's own folder, and close to others one that stands open; a foreign one stays as it is."""
    with suppress(OSError):  # opening the database says so more clearly
        folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        folder.chmod(FOLDER)


@lru_cache(8)
def keep_file_private(database: str) -> None:
    """Make the file of a database, and close to others one that stands open. Once a process and database.

    SQLite gives the files beside it (`-wal`, `-shm`) the mode of the database when it makes them; those that were left
    by an earlier version are closed here.
    """
    if database.startswith((":memory:", "file:")):
        return
    with suppress(OSError):
        Path(database).touch(mode=FILE)
        for name in (database, f"{database}-wal", f"{database}-shm"):
            if (path := Path(name)).exists():
                path.chmod(FILE)
