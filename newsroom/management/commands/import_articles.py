from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError

from articles.importers import restoring
from articles.importers.elements import Unreadable
from articles.importers.mending import sentences
from comments.importers import wordpress
from comments.importers.recognising import must_be
from comments.importers.unpacking import unpacked
from newsroom.database.fit import must_fit

EVERY = 100  # items between two steps of the progress bar
FORMATS = {
    "wordpress": "an export file (WXR 1.0 to 1.2)",
    "feed": "RSS 2.0 or Atom with whole texts",
    "jsonfeed": "JSON Feed 1.0 or 1.1",
    "newsroom": "lines of export_articles",
    "ninjs": "items of the IPTC, one, a list, or one a line",
}
LINES = {
    "articles.published": "Articles published",
    "articles.scheduled": "Articles scheduled",
    "articles.draft": "Articles as drafts",
    "articles.retracted": "Articles that were taken back",
    "new.sections": "Sections made",
    "new.addresses": "Old addresses that lead here",
    "new.comments": "Comments published",
    "new.held": "Comments waiting for a moderator",
    "removed.comments": "Comments of an earlier import taken down, since no reader has written them",
    "known.articles": "Articles known already",
    "known.comments": "Comments known already",
    "addresses.taken": "Old addresses that lead to another article already",
}
LEFT_OUT = {
    "left.page": "pages",
    "left.attachment": "attachments",
    "left.photo": "pictures that do not lie in the folder of media",
    "left.nav_menu_item": "menu items",
    "left.trash": "posts in the bin or unfinished",
    "left.repeated": "posts whose number is missing or came before",
    "left.too_long": "posts that are too long",
    "comments.pingbacks": "pingbacks",
    "comments.trackbacks": "trackbacks",
    "comments.spam": "spam comments",
    "comments.trash": "comments in the bin",
    "comments.empty": "comments without text",
    "comments.too_long": "comments that are too long",
    "comments.timeless": "comments without a time",
    "comments.elsewhere": "comments under what was left out",
    "comments.repeated": "comments whose number is missing or came before",
}
OTHERS = {
    "left.": "of type “{}”",
    "comments.type.": "comments of type “{}”",
    "comments.state.": "comments in state “{}”",
}


class Command(BaseCommand):
    help = "Move articles and their comments in. Run it as often as you like: what is known stays as it is."
    told = 0  # items when the progress bar was drawn last
    requires_system_checks = ()  # it needs no SECRET_KEY, so it works beside the demo, whose key is private

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=list(FORMATS), help="; ".join(f"{k}: {v}" for k, v in FORMATS.items()))
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Count only; nothing is written.")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        must_fit()
        try:
            with unpacked(path) as file:
                report = _run(file, options["format"], dry_run=options["dry_run"], progress=self._progress)
        except (Unreadable, OSError) as error:
            reason = error.strerror or str(error) if isinstance(error, OSError) else str(error)
            raise CommandError(f"{path}: {reason}", returncode=1) from error
        finally:
            self._bar("")
        for line in _lines(report):
            self.stdout.write(line)

    def _progress(self, share: float, done: int) -> None:
        if done - self.told >= EVERY or done < self.told:
            self.told = done
            self._bar(f"[{'#' * round(30 * share):<30}] {share:4.0%}  {done}")

    def _bar(self, line: str) -> None:
        if sys.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{line}", style_func=str, ending="")
            self.stderr.flush()


def _run(file: IO[bytes], source: str, *, dry_run: bool, progress: wordpress.Progress) -> wordpress.Report:
    must_be(file, source, "import_articles")
    if source == "newsroom":
        return wordpress.Report(restoring.run(file, dry_run=dry_run, progress=progress))
    return wordpress.run(file, dry_run=dry_run, progress=progress, source=source)


def _lines(report: wordpress.Report) -> list[str]:
    """The numbers in sentences, the same for a dry run and a real one."""
    counts = report.counts
    lines = [f"{label}: {counts[name]}" for name, label in LINES.items() if counts[name]]
    left = [f"{counts[name]} {_left_out(name)}" for name in sorted(counts) if counts[name] and _left_out(name)]
    if left:
        lines.append("Left out: " + ", ".join(left))
    for words, number, (line, column) in sentences(report.mends):
        lines.append(f"Mended: {number} {words} (the first in line {line}, column {column})")
    if report.is_unchanged:
        lines.append("Nothing new.")
    return lines


def _left_out(name: str) -> str:
    if name in LEFT_OUT:
        return LEFT_OUT[name]
    found = ((prefix, words) for prefix, words in OTHERS.items() if name.startswith(prefix))
    return next((words.format(name.removeprefix(prefix)) for prefix, words in found), "")
