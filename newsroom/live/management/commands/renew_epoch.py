from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from newsroom.live.models import Epoch


class Command(BaseCommand):
    help = "Give the live log a new epoch: part of every restore of the database. All clients load their pages anew."

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            Epoch.objects.all().delete()
            epoch = Epoch.objects.create()
        self.stdout.write(f"The log's epoch is now {epoch.value}.")
