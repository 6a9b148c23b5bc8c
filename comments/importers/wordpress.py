"""Moves a WordPress export in: posts become articles, their comments the discussions under them.

A dry run goes the same way and counts the same things, it only does not write.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.importers import loader as articles
from articles.importers.markup import article_html, comment_html
from articles.importers.mending import Mends
from articles.importers.wordpress import Post, Reply, posts
from articles.models import BODY_LENGTH, Article, Section, State
from articles.old_addresses import keys_of
from comments.actions import start_discussion
from comments.importers import loader
from comments.models import Discussion
from newsroom.batches import Batches
from newsroom.live.outbox import site_changed
from newsroom.text import clean, clean_line, plain

SOURCE = "wordpress"
LONGEST = 65_525  # characters of a comment in WordPress
_WRITTEN_BY_READERS = {"", "comment"}  # types; whatever else there is, such as an editor's note, is nobody's to read
_ECHOES = {"pingback": "comments.pingbacks", "trackback": "comments.trackbacks"}
_SHOWN, _WAITING = "1", "0"
_LEFT_OUT = {"spam": "comments.spam", "trash": "comments.trash", "post-trashed": "comments.trash"}
_DEFAULT_CATEGORIES = {"uncategorized", "allgemein", "uncategorised", "без-рубрики"}

type Progress = Callable[[int], None]


@dataclass(slots=True)
class Report:
    """What was done, or would be: `counts` by names such as "articles.published", "left.page", "comments.type.note"."""

    counts: Counter[str] = field(default_factory=Counter)
    mends: Mends = field(default_factory=Mends)

    @property
    def is_unchanged(self) -> bool:
        return not any(self.counts[key] for key in self.counts if key.partition(".")[0] in {"articles", "new"})


def run(file: IO[bytes], *, dry_run: bool, progress: Progress | None = None) -> Report:
    """Read the file twice: first whole, then post by post into the database. Raises Unreadable before it writes.

    `progress` hears after each item how many have been read in this round. Idempotent: what is known by its number
    and site stays as it is; comments that have come since are added.
    """
    now = timezone.now()
    survey = _read(file, _Walk(now, dry_run=True), progress)
    return survey if dry_run else _read(file, _Walk(now, dry_run=False), progress)


def _read(file: IO[bytes], walk: _Walk, progress: Progress | None) -> Report:
    for number, post in enumerate(posts(file, walk.report.mends), 1):
        walk.take(post)
        if progress:
            progress(number)
    return walk.report


class _Walk:
    def __init__(self, now: datetime, *, dry_run: bool) -> None:
        self.now = now
        self.dry_run = dry_run
        self.report = Report()
        self.batches = Batches()
        self.seen: set[str] = set()  # source ids of this file: a number comes but once
        self.addresses: dict[str, str] = {}  # old addresses of this file, with the source id of their article
        self.sections = {each.casefold() for row in Section.objects.values_list("slug", "name") for each in row}

    def take(self, post: Post) -> None:
        found = self._import_of(post)
        if found is None:
            self.report.counts["comments.elsewhere"] += len(post.replies)
            return
        pk = articles.known(SOURCE, [found.source_id]).get(found.source_id)
        self._count("known.articles" if pk else f"articles.{found.state}")
        self._count_section(found, is_new=pk is None)
        addresses = self._addresses_of(post, pk)
        replies = self._replies_of(post)
        if self.dry_run:
            return
        discussion = self.batches.run(lambda: self._discussion(pk, found, post, addresses))
        loader.load(discussion, replies, source=SOURCE, batches=self.batches, is_new=pk is None)
        if pk is None and replies:
            self.batches.run(site_changed)

    def _import_of(self, post: Post) -> articles.Import | None:
        """None for what is left out; that is counted."""
        if post.type != "post" or post.state is None:
            self._count(f"left.{clean_line(post.type)[:20] or 'other'}" if post.type != "post" else "left.trash")
            return None
        if not post.id or post.source_id in self.seen:
            self._count("left.repeated")
            return None
        self.seen.add(post.source_id)
        found = _article(post, self.now) if len(post.body) <= BODY_LENGTH else None
        if found is None or len(found.html) > BODY_LENGTH:
            self._count("left.too_long")
            return None
        return found

    def _addresses_of(self, post: Post, pk: int | None) -> list[str]:
        """Those that lead nowhere yet; the first article that had one keeps it."""
        keys = dict.fromkeys(keys_of(post.blog, post.addresses))
        led = articles.led_by(keys)
        free = [key for key in keys if key not in led and key not in self.addresses]
        self.report.counts["new.addresses"] += len(free)
        taken = [key for key in keys if self.addresses.get(key, post.source_id) != post.source_id]
        taken += [key for key in led if key not in self.addresses and led[key] != pk]
        self.report.counts["addresses.taken"] += len(taken)
        self.addresses |= dict.fromkeys(free, post.source_id)
        return free

    def _discussion(self, pk: int | None, found: articles.Import, post: Post, addresses: list[str]) -> Discussion:
        if pk is None:
            article = articles.store(found)
            site_changed()
        else:
            article = Article.objects.get(pk=pk)
        articles.remember(article, addresses)
        thread = Discussion.objects.filter(article=article, mode=Discussion.Mode.THREAD).first()
        if thread is not None:
            return thread
        switch = Discussion.Switch.AUTO if post.comments_open else Discussion.Switch.CLOSED
        fields: dict[str, Any] = {"switch": switch, "created_at": article.created_at}
        if article.published_at is None:
            fields["closes_at"] = None  # its window begins with its publication
        return start_discussion(article.headline, article=article, since=article.published_at, **fields)

    def _replies_of(self, post: Post) -> list[loader.Import]:
        kept = {reply.id: reply for reply in self._kept(post)}
        ids = {reply_id: f"{post.site}:{reply_id}" for reply_id in kept}
        there = loader.known(SOURCE, ids.values())
        parents = {reply.id: reply.parent for reply in post.replies}
        found = []
        for reply_id, source_id in ids.items():
            reply, is_known = kept[reply_id], source_id in there
            is_held = reply.approved == _WAITING
            self._count("known.comments" if is_known else f"new.{'held' if is_held else 'comments'}")
            if not is_known and not self.dry_run:
                above = _above(reply_id, parents, kept)
                found.append(_comment(reply, source_id, ids[above] if above else None, post.blog))
        return found

    def _kept(self, post: Post) -> Iterator[Reply]:
        """Those that people wrote and somebody may read; the others are counted."""
        for reply in post.replies:
            name = f"comment {post.site}:{reply.id}"
            left = _why_not(reply)
            if left is None and (not reply.id or name in self.seen):
                left = "comments.repeated"
            if left is None and len(reply.text) > LONGEST:
                left = "comments.too_long"
            if left is None and not comment_html(reply.text):
                left = "comments.empty"
            self.seen.add(name)
            if left is None:
                yield reply
            else:
                self._count(left)

    def _count(self, name: str) -> None:
        self.report.counts[name] += 1

    def _count_section(self, found: articles.Import, *, is_new: bool) -> None:
        slug, name = articles.section_key(*found.section), clean_line(found.section[1])[:60].casefold()
        if is_new and not {slug, name} & self.sections:
            self.sections |= {slug, name}
            self._count("new.sections")


def _why_not(reply: Reply) -> str | None:
    """What a comment is counted as that no reader has written, or that neither readers nor moderators wait for."""
    if reply.type not in _WRITTEN_BY_READERS:
        return _ECHOES.get(reply.type) or f"comments.type.{clean_line(reply.type)[:20]}"
    if reply.approved in {_SHOWN, _WAITING}:
        return None
    return _LEFT_OUT.get(reply.approved) or f"comments.state.{clean_line(reply.approved)[:20]}"


def _article(post: Post, now: datetime) -> articles.Import:
    html = article_html(post.body, post.blog)
    return articles.Import(
        source=SOURCE,
        source_id=post.source_id,
        state=_state(post, now),
        headline=post.title,
        slug=post.slug,
        lead=post.excerpt,
        html=html,
        text=plain(html),
        author_line=post.author,
        language=post.language,
        at=post.at,
        section=_section(post.categories),
    )


def _state(post: Post, now: datetime) -> State:
    """Published or scheduled, as the time has come or not; everything else is a draft."""
    if post.state in {None, State.DRAFT}:
        return State.DRAFT
    return State.SCHEDULED if post.at is not None and post.at > now else State.PUBLISHED


def _section(categories: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The first category that says something; a section of ours for those that have none."""
    told = [
        (slug, name) for slug, name in categories if slug.casefold() not in _DEFAULT_CATEGORIES and clean_line(name)
    ]
    return told[0] if told else ("uncategorized", _("Uncategorized"))


def _comment(reply: Reply, source_id: str, parent: str | None, site: str) -> loader.Import:
    html = comment_html(reply.text, site)
    return loader.Import(
        source_id=source_id,
        parent=parent,
        at=reply.at,
        name=reply.name[:80].strip() or _("Anonymous"),
        text=_words(html),
        html=html,
        is_held=reply.approved == _WAITING,
    )


def _words(html: str) -> str:
    """The text of HTML with its paragraphs and breaks; a rule of thumb for search and excerpts."""
    parts = html.replace("</p>", "</p>\n\n").replace("<br>", "\n").replace("</li>", "\n").split("\n")
    lines = "\n".join(plain(part) for part in parts)
    return clean(re.sub(r"\n{3,}", "\n\n", lines)) or plain(html) or "…"


def _above(reply_id: str, parents: dict[str, str], kept: dict[str, Reply]) -> str | None:
    """The nearest comment above that was kept; None for one whose parents are missing or go round in circles."""
    seen = {reply_id}
    above = parents.get(reply_id, "0")
    while above not in seen:
        if above in kept:
            return above
        seen.add(above)
        above = parents.get(above, "0")
        if above == "0":
            return None
    return None
