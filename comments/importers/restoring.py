"""Brings in what `export_comments` has written, with its numbers, places, versions and decisions: see docs/moving.md.

The file is read twice: first every line is checked, then it is written. A number that is taken here by something else
is replaced, and what has come in under it is recognised by its instance and number from then on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import batched
from typing import IO
from urllib.parse import urlsplit

from django.utils import timezone

from articles.models import Article
from comments import events, ranking, search
from comments.actions import cases
from comments.exporting import DECISION
from comments.importers import loader, tallies
from comments.importers.lines import Contents, Progress, Said, Talk, checked
from comments.importers.opening import lead_to
from comments.importers.places import Found, Sites
from comments.importers.survey import Report
from comments.importers.tallies import Row
from comments.models import Alias, Comment, CommentRevision, Decision, Discussion, DiscussionTally
from comments.sources import key_of
from newsroom.database.batches import Batches
from newsroom.database.statements import among
from newsroom.database.writes import add_many, free_keys, reserve_keys
from newsroom.live.outbox import hold, site_changed
from newsroom.text import clean, clean_line, sanitise_comment

FORMAT = "newsroom"
AT_ONCE = 500  # records
AT_LEAST = 100  # comments in a transaction
_GONE = frozenset({"withdrawn", "removed", "erased"})
_AS_THEY_ARE = (
    *("version", "settled", "created_at", "published_at", "edited_at", "withdrawn_at", "pinned_at", "featured_at"),
    *("locked_at", "by_author"),
)
_CLEANED = "HTML that a comment may not have; left out"


def run(file: IO[bytes], sites: Sites, *, instance: str, dry_run: bool, progress: Progress) -> Report:
    """Check the whole file, then write it. Raises Unreadable with the line, before anything is written.

    Idempotent: what is here already stays as it is.
    """
    report = Report(FORMAT)
    contents = checked(file, report, progress)
    walk = _Walk(report, sites, instance or _instance(contents.talks), dry_run=dry_run)
    walk.discuss(contents)
    number, done = max(1, report.counts["read.comments"]), 0
    for some in batched(contents.said(file), AT_ONCE):
        walk.take(some)
        done += len(some)
        progress("write", done / number, done)
    walk.end()
    return report


def _instance(talks: Iterable[Talk]) -> str:
    """The same in every file of an instance: the host of its first page."""
    return next((urlsplit(each.url).netloc for each in talks if each.url), FORMAT)


class _Walk:
    """Writes records, discussion by discussion. A dry run decides and counts the same."""

    def __init__(self, report: Report, sites: Sites, instance: str, *, dry_run: bool) -> None:
        self._report, self._sites, self._instance, self._dry_run = report, sites, instance, dry_run
        self._batches = Batches(smallest=AT_LEAST)
        self._discussions: dict[int, int] = {}  # number in the file → number here, of those that are here
        self._old: set[int] = set()  # discussions that were here before
        self._comments: dict[int, int] = {}  # the same of comments whose number is another one here
        self._touched: set[int] = set()
        self._filled: set[int] = set()
        self._is_opened = False  # whether any discussion was opened

    def discuss(self, contents: Contents) -> None:
        """Find or open the discussions. What is made here from now on gets higher numbers than what is in the file."""
        talks = contents.talks
        if not self._dry_run and talks:
            self._batches.run(lambda: reserve_keys(Discussion, talks[-1].id))
            self._batches.run(lambda: reserve_keys(Comment, contents.highest))
        for some in batched(talks, AT_ONCE):
            self._find(some)
            for talk in some:
                if talk.id not in self._discussions and not self._dry_run:
                    self._discussions[talk.id] = self._batches.run(lambda talk=talk: self._open(talk))  # type: ignore[misc]
        if not self._dry_run:
            self._batches.run(lambda: self._merge(talks))

    def _find(self, talks: Sequence[Talk]) -> None:
        same = dict(Discussion.objects.filter(pk__in=[each.id for each in talks]).values_list("pk", "created_at"))
        chats = Discussion.objects.filter(mode="chat", created_at__in=[each.created_at for each in talks])
        alike = dict(chats.values_list("created_at", "pk"))
        found = {each.id: self._addresses(each) for each in talks}
        targets = self._sites.targets_of(found.values())
        for talk in talks:
            pk = talk.id if same.get(talk.id) == talk.created_at else None
            if pk is None and talk.mode == "chat":
                pk = alike.get(talk.created_at)
            for address in found[talk.id].addresses if pk is None and talk.mode == "thread" else ():
                if (target := targets.get(address)) is not None:
                    pk = target.discussion or _thread_of(target.article)
                    break
            if pk is not None:
                self._discussions[talk.id] = pk
                self._old.add(pk)

    def _addresses(self, talk: Talk) -> Found:
        addresses = tuple(filter(None, [talk.url, *talk.addresses])) if talk.mode == "thread" else ()
        return Found(tuple(self._sites.moved(each) for each in addresses), (), "", is_mapped=False)

    def _open(self, talk: Talk) -> int:
        page, *others = self._addresses(talk).addresses or (None,)
        named = page or (self._sites.moved(talk.article) if talk.article else None)
        target = self._sites.targets_of([Found((named,), (), "", is_mapped=False)]).get(named) if named else None
        article = Article.objects.filter(pk=target.article).first() if target and target.article else None
        is_free = not Discussion.objects.filter(pk=talk.id).exists()
        made = Discussion(
            pk=talk.id if is_free else None,
            mode=talk.mode,
            title=clean_line(talk.title),
            article=article,
            url=page if article is None else None,
            beside=talk.article if article is None else None,
            switch=talk.switch,
            reason=clean_line(talk.reason),
            window=None if talk.window is None else timedelta(seconds=talk.window),
            slow_mode_seconds=talk.slow_mode_seconds,
            **{
                name: getattr(talk, name)
                for name in ("until", "opens_at", "closes_at", "slow_mode_until", "created_at")
            },
        )
        made.next_change_at = made.next_change(timezone.now())
        made.save(force_insert=True)
        self._is_opened = True
        DiscussionTally.objects.create(discussion=made, last_activity=made.created_at)
        if article is not None:
            lead_to(article, others, self._sites)
        else:
            Alias.objects.bulk_create([Alias(discussion=made, url=each) for each in others], ignore_conflicts=True)
        return int(made.pk)

    def _merge(self, talks: Sequence[Talk]) -> None:
        for talk in talks:
            pk = self._discussions[talk.id]
            if talk.merged_into is not None and pk not in self._old:
                Discussion.objects.filter(pk=pk).update(merged_into=self._discussions[talk.merged_into])

    def take(self, some: Sequence[Said]) -> None:
        """Write those that are new. All are counted."""
        counts = self._report.counts
        known = self._known(some)
        new = [each for each in some if each.id not in known]
        self._comments |= {number: pk for number, pk in known.items() if number != pk}
        counts["known"] += len(known)
        for each in new:
            counts["held" if each.state == "held" else "tombstone" if each.state in _GONE else "new"] += 1
        counts["votes"] += sum(sum(each.votes.values()) for each in some)
        self._filled |= {each.discussion for each in some}
        if self._dry_run or not new:
            return
        self._batches.write(new, self._write)

    def end(self) -> None:
        """Have clients load anew what they may have seen before."""
        self._report.counts["discussions"] = len(self._filled)
        for pk in sorted(self._touched & self._old):
            found = Discussion.objects.get(pk=pk)
            self._batches.run(lambda found=found: events.discussion_rebuilt(found))  # type: ignore[misc]
        if self._touched or self._is_opened:
            self._batches.run(site_changed)

    def _known(self, some: Sequence[Said]) -> dict[int, int]:
        """Number in the file → number here, of those that are here."""
        rows = Comment.objects.filter(pk__in=among([each.id for each in some]))
        there = dict(rows.values_list("pk", "created_at"))
        known = {each.id: each.id for each in some if there.get(each.id) == each.created_at}
        names: dict[str, dict[str, int]] = defaultdict(dict)
        for each in some:
            if each.id not in known:
                names[FORMAT][key_of(self._instance, str(each.id))] = each.id
                if each.source:
                    names[each.source][each.source_id] = each.id
        for source, ids in names.items():
            for source_id, pk in loader.imported(source, ids).values_list("source_id", "pk"):
                known[ids[source_id]] = pk
        return known

    def _write(self, batch: Sequence[Said]) -> None:
        places = {each.id: self._discussions[each.discussion] for each in batch}
        here = Discussion.objects.select_related("article").in_bulk(set(places.values()))
        hold(*(each.stream for each in here.values()))
        lost = set(Comment.objects.filter(pk__in=among([each.id for each in batch])).values_list("pk", flat=True))
        fresh = iter(free_keys(Comment, len(lost)))
        for each in batch:
            if each.id in lost:
                self._comments[each.id] = next(fresh)
        rows = [self._row(each, here[places[each.id]], is_moved=each.id in lost) for each in batch]
        _give_places(rows)
        add_many(Comment, rows)
        for pk in here:
            self._count(pk, [row for row in rows if row["discussion_id"] == pk])
        self._tally(batch, rows)
        CommentRevision.objects.bulk_create(
            CommentRevision(
                comment_id=row["id"],
                version=old.version,
                text=clean(old.text),
                html=sanitise_comment(old.html),
                replaced_at=old.replaced_at,
            )
            for each, row in zip(batch, rows, strict=True)
            for old in each.revisions
        )
        Decision.objects.bulk_create(self._decisions(batch, rows, here))
        self._queue(rows, here)
        self._touched |= here.keys()

    def _number(self, number: int | None) -> int | None:
        return None if number is None else self._comments.get(number, number)

    def _row(self, each: Said, discussion: Discussion, *, is_moved: bool) -> Row:
        html = sanitise_comment(each.html)
        if html != each.html:
            self._report.notes.add(_CLEANED, f"comment {each.id}")
        is_bare = is_moved and not each.source
        return {
            "id": self._number(each.id),
            "discussion_id": discussion.pk,
            "parent_id": self._number(each.parent),
            "root_id": self._number(each.root),
            "author_id": None,
            "author_name": clean_line(each.author.name),
            "author_key": clean_line(each.author.key),
            "text": clean(each.text),
            "html": html,
            "state": each.state,
            "order": each.order,
            "score": ranking.score(each.votes, is_out=each.state in _GONE),
            "source": FORMAT if is_bare else each.source,
            "source_id": key_of(self._instance, str(each.id)) if is_bare else clean_line(each.source_id),
            **{name: getattr(each, name) for name in _AS_THEY_ARE},
        }

    def _count(self, discussion: int, rows: Sequence[Row]) -> None:
        placed = [row for row in rows if row["order"] is not None]
        if placed:
            tallies.count(discussion, placed, [row for row in placed if row["state"] == "published"])

    def _tally(self, batch: Sequence[Said], rows: Sequence[Row]) -> None:
        published = [row for row in rows if row["state"] == "published"]
        if published:
            search.INDEX.learn((row["id"], row["text"]) for row in published)
        votes = {
            row["id"]: dict(sorted(each.votes.items())) for each, row in zip(batch, rows, strict=True) if each.votes
        }
        tallies.keep_votes(votes)
        gone = {row["id"] for row in rows if row["order"] is not None and row["state"] in _GONE}
        tallies.raise_each(tallies.answers(published), votes, gone)

    def _decisions(
        self, batch: Sequence[Said], rows: Sequence[Row], here: Mapping[int, Discussion]
    ) -> Iterator[Decision]:
        for each, row in zip(batch, rows, strict=True):
            place = {"discussion_id": row["discussion_id"], "section_id": here[row["discussion_id"]].section_id}
            for ruling in each.decisions:
                told = {name: getattr(ruling, name) for name in DECISION} | {
                    name: clean_line(getattr(ruling, name)) for name in ("norm", "rule")
                }
                yield Decision(comment_id=row["id"], **place, **told | {"text": clean(ruling.text)})
            if each.state == "held" and not any(ruling.action == "hold" for ruling in each.decisions):
                yield Decision(comment_id=row["id"], action="hold", rule=loader.RULE, **place)

    def _queue(self, rows: Sequence[Row], here: Mapping[int, Discussion]) -> None:
        """Have what is held wait before the moderators."""
        for pk in here:
            held = [row["id"] for row in rows if row["discussion_id"] == pk and row["state"] == "held"]
            if held:
                found = Decision.objects.filter(comment__in=held, action="hold").order_by("comment", "pk")
                found = found.select_related("comment__discussion", "comment__author", "comment__tally")
                last = {each.comment_id: each for each in found}
                events.queue_entered(last.values(), cases.open_many([each.comment for each in last.values()]))


def _give_places(rows: Sequence[Row]) -> None:
    """Move what has the place of something else in its discussion to the next free one."""
    placed = [row for row in rows if row["order"] is not None]
    orders = among([row["order"] for row in placed])
    here = Comment.objects.filter(discussion__in={row["discussion_id"] for row in placed}, order__in=orders)
    taken = set(here.values_list("discussion", "order")) if placed else set()
    for row in placed:
        is_moved = False
        while (place := (row["discussion_id"], row["order"])) in taken or (is_moved and _is_taken(*place)):
            row["order"], is_moved = row["order"] + 1, True
        taken.add(place)


def _is_taken(discussion: int, order: int) -> bool:
    return Comment.objects.filter(discussion=discussion, order=order).exists()


def _thread_of(article: int | None) -> int | None:
    """Of an article that is here."""
    return Discussion.objects.filter(article=article, mode="thread").values_list("pk", flat=True).first()
