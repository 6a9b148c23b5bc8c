"""Migrating takes ten seconds of every run. On SQLite a migrated file is kept for as long as the code is the same."""

from __future__ import annotations

import fcntl
import shutil
import sys
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path

from django.db import connection

from tests.support.product import ROOT

FOLDER = ROOT / "var" / "tests"
MADE_OF = ("newsroom", "accounts", "articles", "comments", "tests/support")


class Migrated:
    """A lock is held from `fetch` to `keep` where nothing was kept: of several processes one migrates."""

    def __init__(self) -> None:
        files = [*(file for folder in MADE_OF for file in (ROOT / folder).rglob("*.py")), ROOT / "uv.lock"]
        digest = blake2b(sys.version.encode(), digest_size=12)
        for file in sorted(files):
            digest.update(f"{file} ".encode() + file.read_bytes())
        self._kept = FOLDER / f"migrated-{digest.hexdigest()}.sqlite3"
        self._lock = ExitStack()

    def fetch(self) -> bool:
        """Whether the tests' database is now a copy of what was kept."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        fcntl.flock(self._lock.enter_context((FOLDER / "migrated.lock").open("w")), fcntl.LOCK_EX)
        if not self._kept.exists():
            return False
        self._lock.close()
        name = Path(connection.settings_dict["TEST"]["NAME"])
        for end in ("-wal", "-shm"):
            name.with_name(name.name + end).unlink(missing_ok=True)
        shutil.copyfile(self._kept, name)
        return True

    def keep(self) -> None:
        for old in FOLDER.glob("migrated-*.sqlite3"):
            old.unlink()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [f"{self._kept}.new"])
        Path(f"{self._kept}.new").rename(self._kept)
        self._lock.close()
