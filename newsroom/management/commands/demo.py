from __future__ import annotations

import json
import signal
import sys
from argparse import ArgumentParser
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from newsroom.database.fit import must_fit
from newsroom.demo import accounts, content, environment
from newsroom.server import port, worker
from newsroom.server.process import Server


class Command(BaseCommand):
    help = "Run the site with demo content in one process: pages, sockets and background tasks, until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        environment.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises the signal again after a graceful stop
        with suppress(KeyboardInterrupt):
            listening = (port.claimed or [port.claim(options["host"], options["port"])])[0]
            must_fit(migrates=True)
            self._serve(listening, self._prepare(), as_json=options["json"])

    def _prepare(self) -> list[accounts.Account]:
        try:
            call_command("migrate", verbosity=0, interactive=False)
            known = accounts.ensure(settings.DATA_DIR / "accounts.json")
            content.load(self._say)
        except (OSError, accounts.Damaged) as error:
            reason = port.unusable(error) if isinstance(error, OSError) else str(error)
            raise CommandError(reason, returncode=2) from error
        connection.close()
        return known

    def _say(self, line: str) -> None:
        self.stderr.write(line)  # stdout is for output that programs read

    def _serve(self, listening: Any, known: list[accounts.Account], *, as_json: bool) -> None:
        stop = Event()
        tasks = Thread(target=worker.run, args=(stop,), name="tasks")

        def started() -> None:
            tasks.start()
            self.stdout.write(_line(known) if as_json else _greeting(known))
            self.stdout.flush()

        async def stopped() -> None:
            stop.set()
            await sync_to_async(tasks.join)(timeout=10)

        Server(started=started, stopped=stopped).run(sockets=[listening])


def _line(known: list[accounts.Account]) -> str:
    return json.dumps({"url": settings.SITE_URL, "accounts": known})


def _greeting(known: list[accounts.Account]) -> str:
    table = [f"  {each['role']:<14} {each['email']:<28} {each['password']}" for each in known]
    return "\n".join(
        [
            "",
            f"Newsroom is open at {settings.SITE_URL}/",
            "",
            *table,
            "",
            f"  Write and publish   {settings.SITE_URL}/admin/",
            f"  Mails it sent       {settings.SITE_URL}/demo/mail/",
            f"  Everything is in    {settings.DATA_DIR}",
            "",
            "Ctrl-C stops it.",
        ]
    )
