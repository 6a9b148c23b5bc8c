"""The numbers of an import, for people and for programs. What can be done about them, each front says in its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from comments.importers.moving import CHANGED
from comments.importers.places import BARE
from comments.importers.survey import Report

OTHER_HOSTS = "No page with comments is on a host of the site"
# Those sentences of a report about which something can be done
OPEN = (OTHER_HOSTS, BARE, CHANGED)

_LEFT = {
    "deleted": "deleted there, with nothing below them",
    "spam": "spam or rejected there",
    "foreign_host": "on pages of other hosts",
    "no_thread": "on pages that the file does not have, that have no address, or that the public could not read",
    "empty": "without text",
    "repeated": "whose id came before",
    "broken": "that cannot be understood",
}
_KEPT = {
    "new": "published",
    "known": "known already",
    "held": "wait for a moderator",
    "tombstone": "places of deleted comments that have answers",
}
_BESIDE = {
    "rerooted": "of these, answers to what is not on their page; they stand at the top",
    "votes": "on these, up and down together",
    "discussions": "that these stand in",
}
_MOST = 20  # lines of one kind


def as_json(report: Report) -> dict[str, Any]:
    """The numbers by their names, as docs/moving.md explains them."""
    counts = report.counts
    return (
        {
            "format": report.format,
            "read": {"threads": counts["read.threads"], "comments": counts["read.comments"]},
        }
        | {name: counts[name] for name in ("new", "known", "held", "tombstone")}
        | {"left": {name: counts[f"left.{name}"] for name in _LEFT}}
        | {name: counts[name] for name in _BESIDE}
    )


def lines_of(report: Report, ways: Mapping[str, str]) -> Iterator[str]:
    """The same as a table, with what people should know besides. A dry run says the same as a real one.

    `ways`: what can be done about each of the sentences in OPEN.
    """
    counts = report.counts
    rows = [("read.threads", "pages read"), ("read.comments", "comments read")]
    rows += _KEPT.items()
    rows += [(f"left.{name}", f"left out: {words}") for name, words in _LEFT.items()]
    rows += _BESIDE.items()
    for name, words in rows:
        yield f"{name:<18} {counts[name]:>9,}  {words}"
    yield from _about_hosts(report)
    if report.hosts and not report.counts["discussions"]:
        yield f"{OTHER_HOSTS}: {ways[OTHER_HOSTS]}."
    for place, reason in report.broken[:_MOST]:
        yield f"Broken, {place}: {reason}"
    for sentence, (number, place) in sorted(report.notes.counts.items()):
        way = f"; {ways[sentence]}" if sentence in ways else ""
        yield f"{sentence}{way}: {number} (the first: {place})"
    if not any(counts[name] for name in ("new", "held", "tombstone")):
        yield "Nothing new."


def _about_hosts(report: Report) -> Iterator[str]:
    for host, pages in report.hosts.most_common(_MOST):
        yield f"Host {host}: {pages:,} pages, {report.comments_there[host]:,} comments left out"
    if len(report.hosts) > _MOST:
        yield f"… and {len(report.hosts) - _MOST:,} hosts more"
