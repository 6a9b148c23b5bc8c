from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from comments.exporting import write
from newsroom.backup.lines import writing
from newsroom.backup.progress import Progress
from newsroom.database.fit import must_fit


class Command(BaseCommand):
    help = (
        "Write all discussions and comments into one file of JSON lines, while the site runs. Named ….gz: compressed."
    )
    requires_system_checks = ()  # it needs no SECRET_KEY, so it works beside the demo, whose key is private

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].absolute()
        must_fit()
        with writing(path) as put:
            counts = write(put, Progress(self.stderr.write))
        size = path.stat().st_size / 1e6
        self.stdout.write(
            f"{path}: {size:,.1f} MB, {counts['discussions']:,} discussions, {counts['comments']:,} comments."
        )
        self.stdout.write("Removed and held texts are in it, too: keep it as you keep the database.")
