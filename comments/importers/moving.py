"""Brings the comments of another system in: reads the file twice, once into the spool, then to write.

A dry run takes the same steps and counts the same things, but writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from os import fstat
from typing import IO, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from comments.importers import loader, restoring
from comments.importers.formats import FORMATS
from comments.importers.opening import discussion_of
from comments.importers.places import FOREIGN, NO_THREAD, Sites, arrange
from comments.importers.recognising import must_be
from comments.importers.records import Options, Siteless, State
from comments.importers.sealing import digest_of
from comments.importers.spool import Spool, Turn
from comments.importers.survey import DELETED, REPEATED, Entry, Group, Report, Survey
from comments.models import Comment
from comments.sources import key_of
from newsroom.database.batches import Batches
from newsroom.live.outbox import once_a_second

AT_LEAST = 100  # comments in a transaction: some hundredths of a second of CPU
_COUNTERS = {State.SHOWN: "new", State.HELD: "held", State.DELETED: "tombstone"}

DOWN = "dislike"  # the reaction that the order `best` counts against a comment

CHANGED = "Known ones whose text has changed there since"
_TAKEN_OVER = "Known ones whose text has changed there since; it is taken over"

type Progress = Callable[[str, float, int], None]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the operator asks for. `sites`: the addresses of the site, the usual one first; none: SITE_URL, and what the
    file calls its own.
    """

    sites: tuple[str, ...] = ()
    instance: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)  # old address or identifier → new address
    zone: tzinfo | None = None  # of times without one
    shift: timedelta = timedelta()  # added to all times
    keep_addresses: bool = False  # sealed, so that their owners can have their comments
    update: bool = False  # texts that have changed there since an earlier import
    dry_run: bool = False


class Part(NamedTuple):
    """What there is to write: comments, and the new texts of those that are known."""

    new: list[loader.Import]
    changed: list[loader.Import]


def run(file: IO[bytes], format_name: str, wishes: Wishes, progress: Progress) -> Report:
    """Read the plain file to its end, then write discussion by discussion. Raises Unreadable, or OSError if there is no
    room for what was read, before it writes.

    `progress` is told the phase ("read", "write"), its share (0 to 1), and the number of records that are done.
    Idempotent: what was imported before, by format, instance and id, stays as it is.
    """
    must_be(file, format_name)
    sites = wishes.sites or (settings.SITE_URL,)
    if format_name == restoring.FORMAT:
        places = Sites(sites, wishes.moved)
        return restoring.run(file, places, instance=wishes.instance, dry_run=wishes.dry_run, progress=progress)
    if not wishes.sites and not FORMATS[format_name].has_hosts:
        raise Siteless
    report = Report(format_name)
    with Spool(Group, Entry) as spool:
        survey = Survey(spool, report, instance=wishes.instance, site=sites[0], shift=wishes.shift)
        survey.keeps_addresses = wishes.keep_addresses
        _read(file, survey, report, Options(sites, wishes.zone, is_named=bool(wishes.sites)), progress)
        if not wishes.sites and report.notes.site:
            sites = (report.notes.site, *sites)
        places = Sites(sites, wishes.moved)
        arrange(spool, report, places)
        walk = _Walk(spool, report, places, survey.instance, wishes, progress)
        with once_a_second():
            for number, size, group in spool.threads():
                walk.take(number, size, group)
    return report


def _read(file: IO[bytes], survey: Survey, report: Report, options: Options, progress: Progress) -> None:
    length, number = max(1, fstat(file.fileno()).st_size), 0
    for number, record in enumerate(FORMATS[report.format].read(file, options, report.notes), 1):
        survey.take(record)
        progress("read", min(1.0, file.tell() / length), number)
    survey.end()
    progress("read", 1.0, number)


class _Walk:
    def __init__(
        self,
        spool: Spool[Group, Entry],
        report: Report,
        places: Sites,
        instance: str,
        wishes: Wishes,
        progress: Progress,
    ) -> None:
        self._spool, self._report, self._places = spool, report, places
        self._instance, self._wishes, self._progress = instance, wishes, progress
        self._batches = Batches(smallest=AT_LEAST)
        self._done = 0
        without = sum(report.counts[name] for name in ("left.broken", FOREIGN, NO_THREAD))
        self._all = max(1, report.counts["read.comments"] - without)

    def take(self, number: int, size: int, group: Group) -> None:
        """The page and its `size` comments, which have this number in the spool."""
        self._report.counts.update(self._spool.take(number, REPEATED, saved=DELETED))
        if self._spool.is_empty():
            self._step(size)
            return
        self._report.counts["discussions"] += 1
        if self._wishes.dry_run:
            for _part in self._parts():
                pass
        elif group.discussion is None and self._batches.has_room_for(size):
            parts = list(self._parts())
            self._batches.run(lambda: self._write(group, parts), rows=size)
        else:
            self._write(group, self._parts())

    def _write(self, group: Group, parts: Iterable[Part]) -> None:
        """Write the comments of a page in one transaction or, where the caller has none, in several."""
        discussion, is_new = self._batches.run(lambda: discussion_of(group, self._places))
        writer = loader.Loader(discussion, source=self._report.format, batches=self._batches, is_new=is_new)
        for part in parts:
            writer.write(part.new)
            writer.rewrite(part.changed)
        writer.end()

    def _parts(self) -> Iterator[Part]:
        """What is new of the comments that the spool has in turn."""
        for turns in self._spool.turns():
            yield self._new_of(turns)
            self._step(len(turns))

    def _new_of(self, turns: Sequence[Turn[Entry]]) -> Part:
        """Those that are new or changed; all are counted."""
        counts = self._report.counts
        coming = {turn.age: turn for turn in turns if turn.left is None}
        self._spool.leave_out([turn.age for turn in turns if turn.left is not None])
        keys = {age: key_of(self._instance, turn.reply.source_id) for age, turn in coming.items()}
        there = loader.known(self._report.format, keys.values())
        parents = self._spool.parents(list(coming))
        found = Part([], [])
        for age, turn in coming.items():
            entry, parent = turn.reply, parents.get(age)
            counts["rerooted"] += turn.is_torn
            counts["votes"] += entry.up + entry.down
            if keys[age] in there:
                counts["known"] += 1
                if entry.is_changed:
                    self._report.notes.add(_TAKEN_OVER if self._wishes.update else CHANGED, keys[age])
                if entry.is_changed and self._wishes.update:
                    found.changed.append(_import(entry, self._instance, parent))
                continue
            counts[_COUNTERS[entry.state]] += 1
            found.new.append(_import(entry, self._instance, parent))
        return found

    def _step(self, comments: int) -> None:
        self._done += comments
        self._progress("write", min(1.0, self._done / self._all), self._done)


def _import(entry: Entry, instance: str, parent: str | None) -> loader.Import:
    """`parent`: the id in the file of what it answers."""
    state = Comment.State.HELD if entry.state == State.HELD else Comment.State.PUBLISHED
    if entry.state == State.DELETED:
        state = Comment.State.REMOVED if entry.text else Comment.State.ERASED
    is_erased = state == Comment.State.ERASED
    return loader.Import(
        seal=digest_of(entry.email) if entry.email and not is_erased else "",
        source_id=key_of(instance, entry.source_id),
        parent=key_of(instance, parent) if parent else None,
        at=entry.at,
        name="" if is_erased else entry.name or _("Anonymous"),
        key=key_of(instance, entry.person) if entry.person and not is_erased else "",
        text=entry.text,
        html=entry.html,
        state=state,
        edited_at=None if is_erased else entry.edited_at,
        is_pinned=entry.is_pinned,
        votes=_votes(entry),
    )


def _votes(entry: Entry) -> dict[str, int]:
    """By the names of reactions: up is the first that there is, down is a dislike, shown or not."""
    up = next(iter(settings.REACTIONS), "like")
    return dict(Counter({up: entry.up}) + Counter({DOWN: entry.down}))
