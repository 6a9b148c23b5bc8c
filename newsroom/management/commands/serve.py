from __future__ import annotations

import signal
import socket
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from newsroom.checks import ENDLESS, redirects_for_ever, unknown_variables
from newsroom.database.fit import connections_left, limit_statements, must_fit
from newsroom.server.port import claim, claim_path, inherit, passed_on, release_path
from newsroom.server.process import Server
from newsroom.server.workers import Workers

HOST, PORT = "127.0.0.1", 8000
UDS_MODE = 0o660
SHORTEST_SECRET = 32  # characters; a shorter one can be found by brute force, and then every session forged


class Command(BaseCommand):
    help = "Serve the site in N processes, until SIGTERM: then requests are finished and sockets told to come back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", help=f"Address to listen on (default: {HOST}).")
        parser.add_argument("--port", type=int, help=f"Port to listen on (default: {PORT}).")
        parser.add_argument("--uds", type=Path, metavar="PATH", help="Unix socket to listen on, instead of a port.")
        mode = f"Its permissions (default: {UDS_MODE:o}, for a proxy of the same group)."
        parser.add_argument("--uds-mode", type=_mode, metavar="MODE", help=mode)
        parser.add_argument("--fd", type=int, metavar="N", help="Listen on the socket that was passed on as file N.")
        parser.add_argument("--workers", type=int, default=1, help="Processes; more than one needs REDIS_URL.")
        said = "Run background tasks, too, in one more process, so that no `worker` is needed on this machine."
        parser.add_argument("--tasks", action="store_true", help=said)

    def handle(self, *args: Any, **options: Any) -> None:
        workers: int = options["workers"]
        _must_agree(options)
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
        with _listening(options) as sockets:
            for danger in _dangers(workers, sockets):
                self.stderr.write(self.style.WARNING(danger))
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again after a graceful stop
            with suppress(KeyboardInterrupt):
                if workers > 1 or options["tasks"]:
                    Workers(workers, sockets, tasks=options["tasks"]).run()
                else:
                    Server().run(sockets=sockets)


def _mode(text: str) -> int:
    """Permissions as chmod takes them: 660."""
    with suppress(ValueError):
        if 0 <= int(text, 8) <= 0o777:
            return int(text, 8)
    raise ArgumentTypeError(f"{text!r} is no mode such as 660.")


def _must_agree(options: dict[str, Any]) -> None:
    """What it is to listen on is told once."""
    port = options["host"] is not None or options["port"] is not None
    if port + (options["uds"] is not None) + (options["fd"] is not None) > 1:
        raise CommandError("Only one of --port (with --host), --uds and --fd can be given.", returncode=2)
    if options["uds_mode"] is not None and options["uds"] is None:
        raise CommandError("--uds-mode needs --uds.", returncode=2)


@contextmanager
def _listening(options: dict[str, Any]) -> Iterator[list[socket.socket]]:
    """What it was told to listen on; else what systemd has opened for it; else the usual port."""
    path: Path | None = options["uds"]
    if path is not None:
        listening = claim_path(path, UDS_MODE if options["uds_mode"] is None else options["uds_mode"])
        try:
            yield [listening]
        finally:
            release_path(path, listening)
    elif options["fd"] is not None:
        yield [inherit(options["fd"])]
    elif options["host"] is None and options["port"] is None and (activated := passed_on()):
        yield activated
    else:
        host, port = (HOST if options["host"] is None else options["host"]), options["port"]
        yield [claim(host, PORT if port is None else port)]


def _must_be_hard_to_guess(name: str, secret: str) -> None:
    if len(secret) < SHORTEST_SECRET:
        reason = f"{name} has {len(secret)} characters: at least {SHORTEST_SECRET}, better 50, random ones."
        raise CommandError(f"{reason} Whoever guesses it can log in as anybody.", returncode=2)


def _dangers(workers: int, sockets: list[socket.socket]) -> Iterator[str]:
    """Settings that are dangerous on a public network. `check --deploy` reports them, too."""
    if settings.DEBUG:
        yield "WARNING: DEBUG is on: errors show settings and data to everybody who meets one."
    if "*" in settings.ALLOWED_HOSTS:
        yield "WARNING: ALLOWED_HOSTS admits every name: a request may claim any host."
    if redirects_for_ever():
        yield f"WARNING: {ENDLESS} with TRUSTED_PROXIES=0: set it to the number of proxies in front."
    if not settings.TRUSTED_PROXIES and any(each.family == socket.AF_UNIX for each in sockets):
        yield "WARNING: a Unix socket tells no addresses: with TRUSTED_PROXIES=0 every limit hits all readers together."
    for said in unknown_variables():
        yield f"WARNING: {said}"
    admitted, needed = connections_left(), (workers + 1) * settings.DATABASE_POOL
    if admitted is not None and needed > admitted:
        yield f"WARNING: {workers} + 1 processes may open {needed} connections to PostgreSQL, which admits {admitted}."
