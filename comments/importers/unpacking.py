"""Unpacks the file of an import: plain, gzip, or zip with one file in it. What it is, its first bytes say."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from gzip import GzipFile
from lzma import LZMAError
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, cast
from zipfile import BadZipFile, ZipFile

from comments.importers.records import Unreadable

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
ENCRYPTED = 1  # the bit of `ZipInfo.flag_bits`
LEAST, TIMES = 64 * 2**20, 200  # bytes: so many come out of any file, and of a larger one so many times its own
_PIECE = 2**20


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """The plain file, which has a name and can be sought in.

    Raises Unreadable for one that is damaged, has several files in it, or grows beyond measure; OSError.
    """
    with path.open("rb") as file:
        if not file.seekable():
            raise Unreadable("This is no file that can be read twice, but a pipe or the like: save it as a file first.")
        start = file.read(4)
        file.seek(0)
        most = max(LEAST, TIMES * path.stat().st_size)
        if start.startswith(GZIP):
            with _copied(cast("IO[bytes]", GzipFile(fileobj=file)), most) as plain:
                yield plain
        elif start in {ZIP, EMPTY_ZIP}:
            with _copied(_member(file), most) as plain:
                yield plain
        else:
            yield file


def _member(file: IO[bytes]) -> IO[bytes]:
    """The one file in a zip file."""
    try:
        archive = ZipFile(file)
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) != 1:
            raise Unreadable(f"Zip file: it has {len(members)} files in it, not one. Unpack it, and name the one.")
        if members[0].flag_bits & ENCRYPTED:
            raise Unreadable("Zip file: it has a password. Unpack it, and import the file that was in it.")
        return archive.open(members[0])
    except (BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unreadable(f"Zip file: it cannot be unpacked ({error}).") from error


@contextmanager
def _copied(packed: IO[bytes], most: int) -> Iterator[IO[bytes]]:
    with NamedTemporaryFile(prefix="newsroom-import-") as plain:
        size = 0
        while piece := _piece(packed, size):
            if not size and piece.startswith((GZIP, ZIP)):
                raise Unreadable("Byte 0 after unpacking: the file was packed twice. Unpack it once, and import that.")
            size += len(piece)
            if size > most:
                raise Unreadable(f"Byte {size}: unpacked, the file is more than {TIMES} times as large as before.")
            plain.write(piece)
        plain.seek(0)
        yield cast("IO[bytes]", plain)


def _piece(packed: IO[bytes], at: int) -> bytes:
    try:
        return packed.read(_PIECE)
    except (EOFError, zlib.error, LZMAError, BadZipFile) as error:
        raise Unreadable(f"Byte {at} after unpacking: the file is damaged or cut off ({error}).") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise Unreadable(f"Byte {at} after unpacking: the file is damaged ({error}).") from error  # gzip.BadGzipFile
