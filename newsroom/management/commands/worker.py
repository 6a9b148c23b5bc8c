from __future__ import annotations

import signal
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand

from newsroom.checks import unknown_variables
from newsroom.server import worker


class Command(BaseCommand):
    help = "Run background tasks until SIGTERM or Ctrl-C; the task in hand is finished first. Run as many as you like."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        for said in unknown_variables():
            self.stderr.write(self.style.WARNING(f"WARNING: {said}"))
        self.stdout.write("Waiting for background tasks. Ctrl-C stops it.")
        self.stdout.flush()
        worker.run(stop)
