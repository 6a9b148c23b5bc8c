from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import suppress
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from newsroom import metrics
from newsroom.checks import ENDLESS, redirects_for_ever
from newsroom.database.fit import connections_left, limit_statements, must_fit
from newsroom.server.port import claim
from newsroom.server.process import OPTIONS, Workers

SHORTEST_SECRET = 32  # characters; a shorter one can be found by brute force, and then every session forged


class Command(BaseCommand):
    help = "Serve the site in N processes, until SIGTERM: then requests are finished and sockets told to come back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on (default: 127.0.0.1).")
        parser.add_argument("--port", type=int, default=8000, help="Port to listen on (default: 8000).")
        parser.add_argument("--workers", type=int, default=1, help="Processes; more than one needs REDIS_URL.")

    def handle(self, *args: Any, **options: Any) -> None:
        workers: int = options["workers"]
        if workers < 1:
            raise CommandError("--workers is at least 1.", returncode=2)
        if workers > 1 and not settings.REDIS_URL:
            raise CommandError("More than one worker needs REDIS_URL: they ring each other there.", returncode=2)
        _must_be_hard_to_guess("SECRET_KEY", settings.SECRET_KEY)
        for fallback in settings.SECRET_KEY_FALLBACKS:
            _must_be_hard_to_guess("SECRET_KEY_FALLBACKS", fallback)
        limit_statements(settings.STATEMENT_TIMEOUT)  # before the first connection, which a single process keeps
        must_fit()
        connection.close()
        listening = claim(options["host"], options["port"])
        for danger in _dangers(workers):
            self.stderr.write(self.style.WARNING(danger))
        config = uvicorn.Config(workers=workers, **OPTIONS)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises the signal again after a graceful stop
        with suppress(KeyboardInterrupt):
            if workers > 1:
                with TemporaryDirectory(prefix="newsroom-metrics-") as folder:
                    os.environ[metrics.FOLDER] = folder
                    Workers(config, [listening]).run()
            else:
                uvicorn.Server(config).run(sockets=[listening])


def _must_be_hard_to_guess(name: str, secret: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        reason = f"{name} has {len(secret)} characters: at least {SHORTEST_SECRET}, better 50, random ones."
        raise CommandError(f"{reason} Whoever guesses it can log in as anybody.", returncode=2)


def _dangers(workers: int) -> Iterator[str]:
    """Settings that are dangerous on a public network. `check --deploy` reports them, too."""
    if settings.DEBUG:
        yield "WARNING: DEBUG is on: errors show settings and data to everybody who meets one."
    if "*" in settings.ALLOWED_HOSTS:
        yield "WARNING: ALLOWED_HOSTS admits every name: a request may claim any host."
    if redirects_for_ever():
        yield f"WARNING: {ENDLESS} with TRUSTED_PROXIES=0: set it to the number of proxies in front."
    admitted, needed = connections_left(), (workers + 1) * settings.DATABASE_POOL
    if admitted is not None and needed > admitted:
        yield f"WARNING: {workers} + 1 processes may open {needed} connections to PostgreSQL, which admits {admitted}."
