"""The first reading of a file: all of it goes into the spool, cleaned, so that nothing is written before its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import blake2b

import msgspec
from django.db.models import Exists, OuterRef
from django.utils import timezone

from comments.importers import loader
from comments.importers.cleaning import LONGEST, cleaned
from comments.importers.records import Broken, Notes, Page, Record, Reply, State
from comments.importers.spool import AT_ONCE, Spool
from comments.models import MAX_TEXT, Comment, CommentRevision
from comments.sources import key_of
from newsroom.text import clean_line

MOST_BROKEN = 100  # of which the report says the place
DELETED, REPEATED = "left.deleted", "left.repeated"
_NAME_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """A comment as it waits in the spool: cleaned, with the ids of the file."""

    source_id: str
    parent: str
    at: datetime
    name: str
    text: str
    html: str
    state: State
    edited_at: datetime | None
    up: int
    down: int
    is_pinned: bool
    person: str
    email: str
    is_changed: bool = False  # it is known, and its text is another one


@dataclass(frozen=True, slots=True)
class Group:
    """The pages of a file that are one page here. Of the article, the discussion and the address the first that there
    is tells where it goes.
    """

    addresses: tuple[str, ...]  # canonical, the usual one first
    title: str
    is_closed: bool
    at: datetime | None
    article: int | None
    discussion: int | None


@dataclass(slots=True)
class Report:
    """What an import or a dry run did. `counts`: by the names of the counters, such as "new", "left.spam"."""

    format: str
    notes: Notes = field(default_factory=Notes)
    counts: Counter[str] = field(default_factory=Counter)
    hosts: Counter[str] = field(default_factory=Counter)  # others than the site's → pages that were left out
    comments_there: Counter[str] = field(default_factory=Counter)
    broken: list[tuple[str, str]] = field(default_factory=list)  # place and reason


class Survey:
    """Takes the records of a file one by one."""

    def __init__(
        self, spool: Spool[Group, Entry], report: Report, *, instance: str, site: str, shift: timedelta
    ) -> None:
        self._spool, self._report, self._notes = spool, report, report.notes
        self._instance, self._site, self._shift = instance, site, shift
        self.keeps_addresses = False  # else they are forgotten at once
        self._now = timezone.now()
        self._waiting: list[Reply] = []
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Page).decode

    @property
    def instance(self) -> str:
        """The name of the instance: as told by the operator, else by the file, else the site's host."""
        return self._instance or self._notes.instance or self._site.partition("://")[2].partition("/")[0]

    def take(self, record: Record) -> None:
        match record:
            case Reply():
                self._waiting.append(record)
                if len(self._waiting) >= AT_ONCE:
                    self.end()
            case Page():
                self._add_page(record)
            case Broken():
                self._break(record.place, record.reason)

    def end(self) -> None:
        """Put into the spool what still waits."""
        some = [each for each in self._waiting if not self._is_too_long(each)]
        self._report.counts["read.comments"] += len(some)
        self._waiting.clear()
        keys = [_id_of(each) for each in some]
        known = _texts(self._report.format, [key_of(self.instance, key) for key in keys])
        for key, reply in zip(keys, some, strict=True):
            self._add_reply(key, reply, known.get(key_of(self.instance, key)))

    def _add_page(self, page: Page) -> None:
        number = self._spool.page(page.id)
        before = self._spool.told_of(number)
        if before is None:
            self._report.counts["read.threads"] += 1
        self._spool.tell_of(number, self._encode(page if before is None else _both(self._decode(before), page)))

    def _is_too_long(self, reply: Reply) -> bool:
        if len(reply.text) <= LONGEST:
            return False
        self._break(reply.place, f"Its text is longer than {LONGEST:,} characters.")
        return True

    def _break(self, place: str, reason: str) -> None:
        self._report.counts.update(["read.comments", "left.broken"])
        if len(self._report.broken) < MOST_BROKEN:
            self._report.broken.append((clean_line(place), clean_line(reason)))

    def _add_reply(self, key: str, reply: Reply, known: str | None) -> None:
        left = "left.spam" if reply.state == State.SPAM else DELETED if reply.state == State.DELETED else None
        html, text = ("", "") if left == "left.spam" else cleaned(reply.text, reply.markup, self._site)
        if left is None and not html:
            left = "left.empty"
        if len(text) > MAX_TEXT and left is None:
            self._notes.add(f"Longer than the {MAX_TEXT:,} characters that our form takes; kept whole", reply.place)
        entry = Entry(
            source_id=key,
            parent=reply.parent,
            at=self._moment(reply.at, reply.place),
            name=clean_line(reply.name)[:_NAME_LENGTH].strip(),
            text=text,
            html=html,
            state=reply.state,
            edited_at=self._edited_at(reply),
            up=max(0, reply.up),
            down=max(0, reply.down),
            is_pinned=reply.is_pinned,
            person=reply.person,
            email=reply.email if self.keeps_addresses and "@" in reply.email else "",
            is_changed=known is not None and bool(html) and known != text,
        )
        is_seen = left is None and reply.state == State.SHOWN
        self._spool.add_reply(entry, left, is_seen=is_seen, thread=self._spool.page(reply.page))

    def _moment(self, at: datetime, place: str) -> datetime:
        shifted = self._shifted(at)
        if shifted > self._now:
            self._notes.add("Written in the future; taken as written now", place)
            return self._now
        return shifted

    def _edited_at(self, reply: Reply) -> datetime | None:
        at = reply.edited_at
        return None if at is None or at <= reply.at else min(self._shifted(at), self._now)

    def _shifted(self, at: datetime) -> datetime:
        """As it is at the ends of the calendar, beyond which nothing can be moved."""
        try:
            return at + self._shift
        except OverflowError:
            return at


def _id_of(reply: Reply) -> str:
    """Its id or, if it has none, one that is made of what it says: the same in every export."""
    if reply.id:
        return reply.id
    said = f"{reply.page}\0{reply.at.isoformat()}\0{reply.name}\0{reply.text}"
    return f"={blake2b(said.encode(), digest_size=16).hexdigest()}"


def _both(one: Page, other: Page) -> Page:
    times = [at for at in (one.at, other.at) if at is not None]
    return replace(
        one,
        addresses=tuple(dict.fromkeys([*one.addresses, *other.addresses])),
        identifier=one.identifier or other.identifier,
        title=one.title or other.title,
        is_closed=one.is_closed or other.is_closed,
        is_public=one.is_public and other.is_public,
        at=min(times, default=None),
    )


def _texts(source: str, source_ids: Sequence[str]) -> Mapping[str, str]:
    """Source id → text, for those comments that stand as they were imported: nobody here has changed them."""
    changed = Exists(CommentRevision.objects.filter(comment=OuterRef("pk")))
    rows = loader.imported(source, source_ids).filter(~changed, state__in=[Comment.State.PUBLISHED, Comment.State.HELD])
    return dict(rows.values_list("source_id", "text"))
