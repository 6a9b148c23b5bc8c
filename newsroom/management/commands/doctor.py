from __future__ import annotations

import json
import logging
import sys
from argparse import ArgumentParser
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from environs import ValidationError

from newsroom import env
from newsroom.doctor import database, machine, services, settings, site
from newsroom.doctor.findings import Examination, Finding, run


class Command(BaseCommand):
    help = "Examine this installation: one line for each thing, with what to do next. Exit code 1 if there is an error."
    requires_system_checks = ()  # it runs them itself, and goes on

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print one line of JSON.")
        number = "Processes of `serve` and `worker` on all machines (default: 2)."
        parser.add_argument("--processes", type=int, default=2, metavar="N", help=number)
        parser.add_argument("--url", metavar="URL", help="Ask the running site, too, at the address that readers use.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["processes"] < 1:
            raise CommandError("--processes is at least 1.", returncode=2)
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # the findings say the same
        found = run(_examinations(options["processes"], options["url"]))
        if options["json"]:
            told = list(found)
            self.stdout.write(_as_json(told))
        else:
            told = []
            for each in found:
                told.append(each)
                self.stdout.write(f"{each}")
        if any(each.level == "error" for each in told):
            sys.exit(1)


def _examinations(processes: int, url: str | None) -> dict[str, Examination]:
    wanted: dict[str, Examination] = {
        "versions": machine.versions,
        "settings": settings.examine,
        "database": partial(database.examine, processes),
        "redis": services.redis,
        "mail": services.mail,
        "worker": services.worker,
        "folders": machine.folders,
        "disk": machine.disks,
    }
    if url:
        try:
            env.site(url)
        except ValidationError as error:
            raise CommandError(f"--url: {error.messages[0]}", returncode=2) from error
        wanted["site"] = partial(site.examine, url)
    return wanted


def _as_json(found: list[Finding]) -> str:
    levels = [each.level for each in found]
    status = next(each for each in ("error", "warning", "ok") if each in levels)
    lines = [{"level": each.level, "what": each.what, "said": each.said, "remedy": each.remedy} for each in found]
    return json.dumps({"status": status, "findings": lines}, ensure_ascii=False)
