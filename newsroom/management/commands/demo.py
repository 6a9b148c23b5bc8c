from __future__ import annotations

from collections.abc import Sequence

from django.core.management.base import BaseCommand


def prepare_environment(argv: Sequence[str]) -> None:
    """Give the settings the demo's defaults; what the environment says already wins."""


class Command(BaseCommand):
    help = "Run the site with demo content, on SQLite, in one process."
