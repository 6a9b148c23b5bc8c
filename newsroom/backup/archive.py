"""The file of a backup: a tar archive, compressed if its name says so.

Its members are, in this order: `manifest.json`, the database, `media/…`, and `SHA256SUMS` of all others, which
`sha256sum -c` reads, too. A file without the last one was never finished.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from gzip import BadGzipFile
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Self

import msgspec
from django.core.management.base import CommandError

FORMAT = 1
MANIFEST, SUMS, MEDIA = "manifest.json", "SHA256SUMS", "media/"
COMPRESSED = (".gz", ".tgz")
PIECE = 1024 * 1024  # bytes read at a time


class Manifest(msgspec.Struct, kw_only=True):
    """What is in a backup. `rows` counts those of each table; `signature` tells whether SECRET_KEY is the same."""

    format: int
    version: str
    engine: str
    database: str  # the name of its member
    made_at: datetime
    migrations: list[str]  # app.name
    rows: dict[str, int]
    has_media: bool
    signature: str = ""


class Writer:
    """Adds members to an archive, and at the end their sums."""

    def __init__(self, path: Path, *, compressed: bool) -> None:
        self._tar = tarfile.open(path, "w:gz" if compressed else "w")  # noqa: SIM115  closed by __exit__
        self._sums: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._add_bytes(SUMS, "".join(self._sums).encode())
        self._tar.close()

    def add_manifest(self, manifest: Manifest) -> None:
        self._add_bytes(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))

    def add(self, name: str, path: Path) -> int:
        """Returns the number of bytes. Raises OSError."""
        with path.open("rb") as file:
            member = self._tar.gettarinfo(arcname=name, fileobj=file)
            member.uid, member.gid, member.uname, member.gname, member.mode = 0, 0, "", "", 0o600
            hashing = _Hashing(file)
            self._tar.addfile(member, hashing)
        self._sums.append(f"{hashing.digest.hexdigest()}  {name}\n")
        return member.size

    def _add_bytes(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = len(content), 0o600
        self._tar.addfile(member, BytesIO(content))
        self._sums.append(f"{sha256(content).hexdigest()}  {name}\n")


class _Hashing:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece


def checked(path: Path) -> Manifest:
    """The manifest, after every member was read and its sum compared. Raises CommandError for what is no whole
    backup.
    """
    manifest, sums, told = None, dict[str, str](), None
    with readable(path):
        for name, file in members(path):
            if name == SUMS:
                told = file.read()
                continue
            piece = file.read(PIECE)
            if manifest is None:
                manifest = _manifest(path, name, piece)
            digest = sha256()
            while piece:
                digest.update(piece)
                piece = file.read(PIECE)
            _must_belong(path, name, manifest)
            sums[name] = digest.hexdigest()
    if manifest is None or told is None:
        raise _damaged(path, "it ends early")
    if told.decode(errors="replace") != "".join(f"{digest}  {name}\n" for name, digest in sums.items()):
        raise _damaged(path, "its parts differ from their sums")
    if manifest.database not in sums:
        raise _damaged(path, "it has no database")
    return manifest


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """(name, content) of each member, in their order. Read them inside `readable`."""
    with tarfile.open(path, "r:*") as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isfile() else None
            if file is None:
                raise _damaged(path, f"{member.name} is no file")
            yield member.name, file


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """A block that raises CommandError for an archive that ends early or is none."""
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, BadGzipFile) as error:
        raise _damaged(path, str(error) or "it ends early") from error


def _damaged(path: Path, reason: str) -> CommandError:
    first = reason.splitlines()[0].rstrip(".:")  # tarfile tells of each way in which it has tried to read it
    return CommandError(f"{path} is damaged, or no backup: {first}. Nothing was changed.", returncode=1)


def _manifest(path: Path, name: str, content: bytes) -> Manifest:
    try:
        if name != MANIFEST:
            raise msgspec.DecodeError(f"{name} comes first")
        number = msgspec.json.decode(content, type=dict)["format"]
        if number > FORMAT:
            said = f"{path} has the format {number}, this version reads up to {FORMAT}: install a newer one."
            raise CommandError(said, returncode=2)
        return msgspec.json.decode(content, type=Manifest)
    except (msgspec.MsgspecError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise _damaged(path, f"its manifest cannot be read ({error})") from error


def _must_belong(path: Path, name: str, manifest: Manifest) -> None:
    """A member must not lead out of the folder that it is for."""
    place = PurePosixPath(name)
    is_picture = name.startswith(MEDIA) and not place.is_absolute() and ".." not in place.parts
    if name not in {MANIFEST, manifest.database} and not is_picture:
        raise _damaged(path, f"{name!r} does not belong there")
