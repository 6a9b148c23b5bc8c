from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from newsroom.live.epoch import renew_epoch


class Command(BaseCommand):
    help = "Give the live log a new epoch: part of every restore of the database. All clients load their pages anew."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"The log's epoch is now {renew_epoch()}.")
