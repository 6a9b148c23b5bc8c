"""Files of one line of JSON a record, from which equal content makes equal bytes: what a publisher moves out with.

UTF-8, names in the order of the alphabet, no blanks, times in UTC with six digits, a line end after each record.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import msgspec
from django.core.management.base import CommandError
from django.db.models import Model, QuerySet

AT_ONCE = 500  # rows
SUFFIX = ".gz"
_encode = msgspec.json.Encoder(order="sorted").encode


def line(record: dict[str, Any]) -> bytes:
    return _encode(record) + b"\n"


def values(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """The values of a row's fields as they stand in a line; a duration is told in seconds."""
    return {name: _plain(getattr(row, name)) for name in names}


def moment(at: datetime) -> str:
    """UTC, with six digits, since not a bit of it may get lost."""
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def each[Row: Model](rows: QuerySet[Row]) -> Iterator[Row]:
    """In the order of their numbers, a few hundred in memory."""
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        yield from found
        last = found[-1].pk


@contextmanager
def writing(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Writes a file that its owner alone may read; named ….gz it is compressed. Until the end an old one stays.

    Raises CommandError with exit code 1 if it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with ExitStack() as stack:
                yield _put(stack.enter_context(os.fdopen(_opened(part), "wb")), path, stack)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise CommandError(f"{error.filename or path}: {error.strerror or error}", returncode=1) from error


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, timedelta):
        return value // timedelta(seconds=1)
    return value


def _opened(part: Path) -> int:
    part.unlink(missing_ok=True)
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _put(file: IO[bytes], path: Path, stack: ExitStack) -> Callable[[bytes], object]:
    """Compressed without a name and a time, so that equal lines are equal files."""
    if path.suffix != SUFFIX:
        return file.write
    packed = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0)
    stack.callback(packed.close)
    return packed.write
