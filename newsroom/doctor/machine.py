"""Examines this machine and what is installed: folders, disks, versions."""

from __future__ import annotations

import os
import platform
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryFile

import django
from django.conf import settings

from newsroom import __version__
from newsroom.doctor.findings import Finding, error, ok, warning

FEW, FEWEST = 0.05, 0.01  # shares that are left
LITTLE, LEAST = 1_000_000_000, 100_000_000  # bytes that are left


def versions() -> Iterator[Finding]:
    """Python's oldest is in pyproject.toml: with an older one nothing here could be imported."""
    yield ok("versions", f"Newsroom {__version__}, Python {platform.python_version()}, Django {django.__version__}")


def folders() -> Iterator[Finding]:
    if os.geteuid() == 0:
        remedy = "Run doctor as the site's own user, as its unit does."
        yield warning("folders", "this is root, who may write everywhere", remedy)
    for name, folder in _folders().items():
        yield from _folder(name, folder)


def _folder(name: str, folder: Path) -> Iterator[Finding]:
    if not folder.exists():
        place = next(each for each in folder.parents if each.exists())
        if os.access(place, os.W_OK | os.X_OK):
            yield ok("folders", f"{name} ({folder}) is made when it is needed")
        else:
            remedy = f"install -d -o newsroom -g newsroom -m 0700 {folder}"
            yield error("folders", f"{name} ({folder}) does not exist, and this user cannot make it", remedy)
        return
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as reason:
        remedy = "Give it to the site's user (chown), and name it in ReadWritePaths of the units."
        yield error("folders", f"{name} ({folder}) cannot be written into: {reason.strerror}", remedy)
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    is_secret = name == "NEWSROOM_DATA" and "sqlite" in settings.DATABASES["default"]["ENGINE"]
    if is_secret and mode & 0o077:
        said = f"{name} ({folder}) is open to others ({mode:04o}), and holds password hashes and sessions"
        yield warning("folders", said, f"chmod 0700 {folder}")
    else:
        yield ok("folders", f"{name} ({folder}) can be written into ({mode:04o})")


def disks() -> Iterator[Finding]:
    """The file systems of the site's folders, each once."""
    seen = set()
    for name, folder in _folders().items():
        place = next(each for each in (folder, *folder.parents) if each.exists())
        if (device := place.stat().st_dev) not in seen:
            seen.add(device)
            yield _disk(name, place)


def _disk(name: str, place: Path) -> Finding:
    told = os.statvfs(place)
    free, share = told.f_bavail * told.f_frsize, told.f_bavail / max(1, told.f_blocks)
    files = told.f_favail / told.f_files if told.f_files else 1.0  # some file systems have no fixed number
    said = f"{free / 1e9:,.1f} GB ({share:.0%}) and {files:.0%} of the inodes are left where {name} is"
    if free < LEAST or files < FEWEST:
        return error("disk", said, "Make room: the site can soon save nothing.")
    if (free < LITTLE and share < FEW) or files < FEW:
        return warning("disk", said, "Make room, or take a larger disk.")
    return ok("disk", said)


def _folders() -> dict[str, Path]:
    return {"NEWSROOM_DATA": Path(settings.DATA_DIR), "MEDIA_ROOT": Path(settings.MEDIA_ROOT)}
