"""Makes a backup, while the site runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.core.signing import Signer

from newsroom import __version__
from newsroom.backup import pictures, postgresql, sqlite
from newsroom.backup.archive import COMPRESSED, FORMAT, Manifest, Writer
from newsroom.backup.files import synchronise

SALT = "newsroom.backup"


def back_up(path: Path, *, has_media: bool, say: Callable[[str], None]) -> tuple[Manifest, int]:
    """Write database and pictures into the file `path`, which appears when it is whole; an earlier one is replaced.

    Returns its manifest and the number of pictures. Raises CommandError, OSError.
    """
    _must_be_a_place(path)
    with TemporaryDirectory(dir=path.parent, prefix=f".{path.name}-") as folder:  # of mode 0700
        dumped, made = Path(folder, "database"), Path(folder, "backup")
        is_compressed = path.name.endswith(COMPRESSED)
        at = datetime.now(UTC)
        if is_sqlite():
            migrations, rows = sqlite.dump(dumped, say)
        else:
            migrations, rows = postgresql.dump(dumped, say, compressed=is_compressed)
        manifest = Manifest(
            format=FORMAT,
            version=__version__,
            engine="sqlite" if is_sqlite() else "postgresql",
            database=sqlite.MEMBER if is_sqlite() else postgresql.MEMBER,
            made_at=at,
            migrations=migrations,
            rows=rows,
            has_media=has_media,
            signature=_signature(at),
        )
        made.touch(mode=0o600)
        with Writer(made, compressed=is_compressed) as archive:
            archive.add_manifest(manifest)
            archive.add(manifest.database, dumped)
            dumped.unlink()
            count = pictures.add_all(archive, say) if has_media else 0
        synchronise(made)
        made.replace(path)
        synchronise(path.parent)
    return manifest, count


def is_sqlite() -> bool:
    return "sqlite" in settings.DATABASES["default"]["ENGINE"]


def _must_be_a_place(path: Path) -> None:
    if not path.parent.is_dir():
        raise CommandError(f"There is no folder {path.parent}.", returncode=2)
    if path.is_dir():
        raise CommandError(f"{path} is a folder: name a file in it.", returncode=2)
    if path.resolve().is_relative_to(pictures.folder().resolve()):
        raise CommandError(f"{path} is among the pictures, which everybody can read: name another place.", returncode=2)


def _signature(at: datetime) -> str:
    with suppress(ImproperlyConfigured):  # there is no SECRET_KEY
        return Signer(salt=SALT).signature(at.isoformat())
    return ""
