from __future__ import annotations

import gzip
import os
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from comments.exporting import write
from newsroom.backup.progress import Progress
from newsroom.database.fit import must_fit

SUFFIX = ".gz"


class Command(BaseCommand):
    help = (
        "Write all discussions and comments into one file of JSON lines, while the site runs. Named ….gz: compressed."
    )
    requires_system_checks = ()  # it needs no SECRET_KEY, so it works beside the demo, whose key is private

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].absolute()
        part = path.with_name(f".{path.name}.part")
        must_fit()
        try:
            try:
                with ExitStack() as stack:
                    file = stack.enter_context(os.fdopen(_opened(part), "wb"))
                    counts = write(_writing(file, path, stack), Progress(self.stderr.write))
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror or error}", returncode=1) from error
        size = path.stat().st_size / 1e6
        self.stdout.write(
            f"{path}: {size:,.1f} MB, {counts['discussions']:,} discussions, {counts['comments']:,} comments."
        )
        self.stdout.write("Removed and held texts are in it, too: keep it as you keep the database.")


def _opened(part: Path) -> int:
    """A new file that its owner alone may read."""
    part.unlink(missing_ok=True)
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _writing(file: IO[bytes], path: Path, stack: ExitStack) -> Callable[[bytes], object]:
    """Compressed without a name and a time, so that equal lines are equal files."""
    if path.suffix != SUFFIX:
        return file.write
    packed = gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0)
    stack.callback(packed.close)
    return packed.write
