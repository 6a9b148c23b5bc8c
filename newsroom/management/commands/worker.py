from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsroom.checks import unknown_variables
from newsroom.server import port, worker
from newsroom.server.probes import Heartbeat, Pulse, answer_on


class Command(BaseCommand):
    help = "Run background tasks until SIGTERM or Ctrl-C; the task in hand is finished first. Run as many as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--metrics-port", type=int, help="Answer /metrics and /health/live on this port.")
        parser.add_argument("--metrics-host", default="127.0.0.1", help="Address of that port (default: 127.0.0.1).")
        parser.add_argument("--heartbeat", type=Path, metavar="FILE", help="Touch FILE every ten seconds while alive.")

    def handle(self, *args: Any, **options: Any) -> None:
        stop, pulse = Event(), Pulse()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        for said in unknown_variables():
            self.stderr.write(self.style.WARNING(f"WARNING: {said}"))
        server, heartbeat = None, None
        if options["metrics_port"] is not None:
            listening = port.claim(options["metrics_host"], options["metrics_port"], "--metrics-")
            server = answer_on(listening, pulse.is_alive)
            host, taken = listening.getsockname()[:2]
            self.stdout.write(f"Figures at http://{host}:{taken}/metrics")
        if options["heartbeat"]:
            try:
                heartbeat = Heartbeat(options["heartbeat"], pulse.is_alive)
            except OSError as error:
                raise CommandError(port.unusable(error), returncode=2) from error
        self.stdout.write("Waiting for background tasks. Ctrl-C stops it.")
        self.stdout.flush()
        worker.run(stop, pulse.beat)
        if heartbeat:
            heartbeat.end()
        if server:
            server.shutdown()
