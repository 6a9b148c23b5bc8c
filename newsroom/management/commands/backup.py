from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsroom.backup.making import back_up
from newsroom.backup.progress import Progress


class Command(BaseCommand):
    help = "Write database and pictures into one file, while the site runs. Named ….gz or ….tgz it is compressed."
    requires_system_checks = ()  # it works while settings are unsafe, too

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--no-media", action="store_true", help="Leave the pictures out.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].absolute()
        try:
            made, pictures = back_up(path, has_media=not options["no_media"], say=Progress(self.stderr.write))
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror or error}", returncode=1) from error
        rows, size = sum(made.rows.values()), path.stat().st_size / 1e6
        self.stdout.write(f"{path}: {size:,.1f} MB, {rows:,} rows of {len(made.rows)} tables, {pictures:,} pictures.")
        self.stdout.write("Keep SECRET_KEY and the other variables, too: they are not in it.")
