"""How files of a backup get to the disk, and to whom they belong."""

from __future__ import annotations

import os
from pathlib import Path


def synchronise(place: Path) -> None:
    """Have a file, or the names in a folder, reach the disk."""
    number = os.open(place, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def give_to_owner_of(folder: Path, *places: Path) -> None:
    """What root puts into the site's folder has to belong to the site's user."""
    if os.geteuid() == 0:
        owner = folder.stat()
        for each in places:
            os.chown(each, owner.st_uid, owner.st_gid)
