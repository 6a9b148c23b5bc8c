"""The pictures' part of a backup: the files below MEDIA_ROOT. They never change under their name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from django.conf import settings

from newsroom.backup.archive import MEDIA, PIECE, Writer
from newsroom.backup.files import give_to_owner_of


def folder() -> Path:
    return Path(settings.MEDIA_ROOT)


def add_all(archive: Writer, say: Callable[[str], None]) -> int:
    """Returns the number of files."""
    count, size = 0, 0
    for path in sorted(folder().rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            try:
                size += archive.add(f"{MEDIA}{path.relative_to(folder()).as_posix()}", path)
            except FileNotFoundError:
                continue  # deleted meanwhile
            count += 1
            say(f"Pictures: {count:,}, {size / 1e6:,.0f} MB")
    return count


def put_in_place(name: str, content: IO[bytes]) -> None:
    """Write one picture beside its place, then give it its name. One that is there already is replaced."""
    path = folder() / name.removeprefix(MEDIA)
    missing = [each for each in (path.parent, *path.parent.parents) if not each.exists()]
    path.parent.mkdir(parents=True, exist_ok=True)
    owner = missing[-1].parent if missing else path.parent
    give_to_owner_of(owner, *missing)
    with NamedTemporaryFile(dir=path.parent, prefix=".restore-", delete=False) as file:
        try:
            while piece := content.read(PIECE):
                file.write(piece)
            file.flush()
            os.fchmod(file.fileno(), settings.FILE_UPLOAD_PERMISSIONS)
            give_to_owner_of(path.parent, Path(file.name))
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
