from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsroom.database.sqlite3.room import give_back
from newsroom.live.log.pruning import prune

KEPT_HOURS = 48.0


class Command(BaseCommand):
    help = "Forget the live events that nobody resumes from any more. Comments and articles stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--hours", type=float, default=KEPT_HOURS, help=f"How many to keep ({KEPT_HOURS:.0f}).")

    def handle(self, *args: Any, hours: float, **options: Any) -> None:
        if hours < 0:
            raise CommandError("--hours is not negative.", returncode=2)
        self.stdout.write(f"{prune(hours)} events forgotten.")
        give_back()
