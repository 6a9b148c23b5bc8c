from __future__ import annotations

import json
import re
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from comments.importers.formats import FORMATS
from comments.importers.moving import CHANGED, Wishes, run
from comments.importers.places import BARE, read_map
from comments.importers.records import Siteless, Unreadable
from comments.importers.reporting import OTHER_HOSTS, as_json, lines_of
from comments.importers.restoring import FORMAT as OWN
from comments.importers.unpacking import unpacked
from comments.sources import MAX_INSTANCE, Unfit, instance_named, site_of, zone_of
from newsroom.database.fit import must_fit

NAMES = sorted([*FORMATS, OWN])
UNFIT = {
    "site": "--site {}: this is no address of a site.",
    "instance": f"--instance: at most {MAX_INSTANCE} letters, digits and the signs . _ - / are allowed.",
    "zone": "--zone {}: there is no such time zone.",
}
WAYS = {
    OTHER_HOSTS: "name the site's own with --site URL, once for each",
    BARE: "--map gives them another",
    CHANGED: "say --update to take it over",
}
EVERY = 0.2  # seconds between two steps of the progress bar
_SHIFT = re.compile(r"([+-]?)(?:(\d{1,2}):(\d{2})|(\d{1,6}))")


class Command(BaseCommand):
    help = "Move comments of another system in. Run it as often as you like: only what is new is added."
    requires_system_checks = ()  # it needs no SECRET_KEY, so it works beside the demo, whose key is private
    phase, drawn, began = "", 0.0, 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=NAMES, metavar="FORMAT", help=", ".join(NAMES))
        parser.add_argument("file", metavar="FILE", type=Path, help="Plain, gzip, or zip with one file in it.")
        parser.add_argument(
            "--site", action="append", default=[], metavar="URL", help="An address of the site; the usual one first."
        )
        parser.add_argument("--instance", default="", metavar="NAME", help="Of the system there; else the site's host.")
        parser.add_argument("--map", type=Path, metavar="FILE", help="CSV: old address or identifier, new address.")
        parser.add_argument(
            "--zone", default="", metavar="ZONE", help="Of times that name none, such as Europe/Berlin."
        )
        parser.add_argument(
            "--shift", default="", metavar="TIME", help="Added to all times: HH:MM or seconds, as in --shift=-02:00."
        )
        parser.add_argument(
            "--keep-addresses",
            action="store_true",
            help="Seal authors' e-mail addresses, so that return_comments can give people theirs.",
        )
        parser.add_argument("--update", action="store_true", help="Take over texts that have changed there since.")
        parser.add_argument("--dry-run", action="store_true", help="Count only; nothing is written.")
        parser.add_argument("--json", action="store_true", help="Print the numbers as one line of JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        must_fit()
        wishes = _wishes(options)
        self.began = time.monotonic()
        try:
            with unpacked(path) as file:
                report = run(file, options["format"], wishes, self._progress)
        except Siteless as error:
            raise CommandError(f"{path}: {error}: name the site with --site URL", returncode=2) from error
        except (Unreadable, OSError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            raise CommandError(f"{path}: {reason}", returncode=1) from error
        except IntegrityError as error:
            said = "something else has brought in the same comments at the same moment: run it again"
            raise CommandError(f"{path}: {said}", returncode=1) from error
        finally:
            self._bar("")
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report), ensure_ascii=False))
            return
        for line in lines_of(report, WAYS):
            self.stdout.write(line)

    def _progress(self, phase: str, share: float, done: int) -> None:
        now = time.monotonic()
        if now - self.drawn < EVERY:
            return
        self.drawn = now
        if self.phase != phase:
            self.phase, self.began = phase, now
        left = (now - self.began) * (1 - share) / share if share > 0.01 else 0
        time_left = f"  {timedelta(seconds=round(left))} left" if left else ""
        self._bar(f"{phase:<5} [{'#' * round(30 * share):<30}] {share:4.0%}  {done}{time_left}")

    def _bar(self, line: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{line}", style_func=str, ending="")
            self.stderr.flush()


def _wishes(options: dict[str, Any]) -> Wishes:
    """Raises CommandError."""
    try:
        sites = tuple(site_of(each) for each in options["site"])
        instance, zone = instance_named(options["instance"]), zone_of(options["zone"])
    except Unfit as unfit:
        raise CommandError(UNFIT[unfit.about].format(unfit.said), returncode=2) from unfit
    if options["keep_addresses"] and not settings.SECRET_KEY:
        raise CommandError("--keep-addresses seals with SECRET_KEY: set the one that the site runs with.", returncode=2)
    moved: dict[str, str] = {}
    if path := options["map"]:
        try:
            moved = read_map(path, sites[0] if sites else settings.SITE_URL)
        except (Unreadable, OSError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            raise CommandError(f"{path}: {reason}", returncode=1) from error
    return Wishes(
        sites=sites,
        instance=instance,
        moved=moved,
        zone=zone,
        shift=_shift(options["shift"]),
        keep_addresses=options["keep_addresses"],
        update=options["update"],
        dry_run=options["dry_run"],
    )


def _shift(text: str) -> timedelta:
    found = _SHIFT.fullmatch(text) if text else None
    if text and found is None:
        raise CommandError(f"--shift {text}: write HH:MM or seconds, as in --shift=-02:00.", returncode=2)
    if found is None:
        return timedelta()
    sign, hours, minutes, seconds = found.groups()
    whole = timedelta(hours=int(hours or 0), minutes=int(minutes or 0), seconds=int(seconds or 0))
    return -whole if sign == "-" else whole
