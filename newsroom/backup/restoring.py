"""Puts a backup back, while the site is stopped. Nothing is changed before every part of it is known to be whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.core.signing import BadSignature, Signer
from django.db.migrations.loader import MigrationLoader

from newsroom import __version__
from newsroom.backup import pictures, postgresql, sqlite
from newsroom.backup.archive import MEDIA, Manifest, checked, members, readable
from newsroom.backup.files import give_to_owner_of
from newsroom.backup.making import SALT, is_sqlite

# Tables in which `migrate` itself puts rows: a database with rows in no others is empty.
FILLED = {"accounts_legalpage", "auth_permission", "django_content_type", "django_migrations", "live_epoch"}


def restore(path: Path, *, replaces: bool, has_media: bool, say: Callable[[str], None]) -> tuple[Manifest, int]:
    """Put database and pictures of the backup `path` into their places. Returns its manifest, and how many pictures.

    Pictures come first: beside the old database they do no harm. Then the database is exchanged at once. It has no
    epoch. Raises CommandError, OSError.
    """
    if not path.is_file():
        raise CommandError(f"There is no file {path}.", returncode=2)
    with _alone(replaces=replaces) as rows:
        _must_be_empty(rows, replaces=replaces)
        say("Checking the backup")
        manifest = checked(path)
        must_fit(manifest)
        with _staging() as folder:
            staged, count = folder / "database", 0
            with readable(path):
                for name, content in members(path):
                    if name == manifest.database:
                        with staged.open("xb") as file:
                            os.fchmod(file.fileno(), 0o600)
                            shutil.copyfileobj(content, file)
                    elif name.startswith(MEDIA) and has_media:
                        pictures.put_in_place(name, content)
                        count += 1
                        say(f"Pictures: {count:,}")
            say("Exchanging the database")
            if is_sqlite():
                give_to_owner_of(folder.parent, staged)
                sqlite.put_in_place(staged)
            else:
                postgresql.put_in_place(staged)
    return manifest, count


def has_same_key(manifest: Manifest) -> bool:
    """Whether SECRET_KEY, or one of its fallbacks, is the one with which the backup was made."""
    try:
        Signer(salt=SALT).unsign(f"{manifest.made_at.isoformat()}:{manifest.signature}")
    except (BadSignature, ImproperlyConfigured):
        return False
    return True


@contextmanager
def _alone(*, replaces: bool) -> Iterator[Mapping[str, int]]:
    with sqlite.alone(may_be_damaged=replaces) if is_sqlite() else postgresql.alone() as rows:
        yield rows


@contextmanager
def _staging() -> Iterator[Path]:
    """A folder for the unpacked database, on SQLite beside the present one: it is exchanged by a new name."""
    place = None
    if is_sqlite():
        place = sqlite.path().parent
        place.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=place, prefix=".newsroom-restore-") as folder:
        yield Path(folder)


def _must_be_empty(rows: Mapping[str, int], *, replaces: bool) -> None:
    full = sorted(name for name, count in rows.items() if count and name not in FILLED)
    if full and not replaces:
        said = f"The database is not empty ({', '.join(full[:3])} …): --replace deletes what is in it."
        raise CommandError(said, returncode=2)


def must_fit(manifest: Manifest) -> None:
    here = "sqlite" if is_sqlite() else "postgresql"
    if manifest.engine != here:
        said = f"The backup is of {manifest.engine}, this database is {here}: one cannot be restored into the other."
        raise CommandError(f"{said} Let DATABASE_URL name a {manifest.engine} database.", returncode=2)
    known = MigrationLoader(None).disk_migrations or {}
    apps = {app for app, _ in known}
    unknown = [each for each in manifest.migrations if tuple(each.split(".", 1)) not in known]
    if _numbers(manifest.version) > _numbers(__version__) or any(each.split(".")[0] in apps for each in unknown):
        said = (
            f"The backup was made by Newsroom {manifest.version}, this is {__version__}: install that one or a newer."
        )
        raise CommandError(said, returncode=2)


def _numbers(version: str) -> list[int]:
    return [int("".join(filter(str.isdigit, part)) or 0) for part in version.split(".")]
