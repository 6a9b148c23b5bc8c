from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsroom.backup.progress import Progress
from newsroom.backup.restoring import has_same_key, restore
from newsroom.database.fit import Fit, fit
from newsroom.live.epoch import ensure_epoch


class Command(BaseCommand):
    help = "Put a backup into the database and the folder of pictures, while the site is stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--replace", action="store_true", help="Delete what is in the database now.")
        parser.add_argument("--no-media", action="store_true", help="Leave the pictures as they are.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].absolute()
        with_media = not options["no_media"]
        try:
            made, pictures = restore(
                path, replaces=options["replace"], has_media=with_media, say=Progress(self.stderr.write)
            )
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror or error}", returncode=1) from error
        said = f"The site is as it was on {made.made_at:%Y-%m-%d %H:%M} UTC: {sum(made.rows.values()):,} rows"
        self.stdout.write(f"{said}, {pictures:,} pictures.")
        if not has_same_key(made):
            warning = "WARNING: SECRET_KEY is not the one of the backup: authenticator apps and waiting mails are lost."
            self.stderr.write(self.style.WARNING(warning))
        if fit() is Fit.CURRENT:
            self.stdout.write(f"The log's epoch is now {ensure_epoch()}: browsers load their pages anew.")
        else:
            self.stdout.write("The backup is of an earlier version: run `manage.py migrate` before you start the site.")
