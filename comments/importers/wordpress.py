"""Imports a WordPress export: posts become articles, their comments the discussions under them. Feeds of articles are
imported likewise; they have no comments.

A dry run takes the same steps and counts the same things, but writes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import batched
from os import fstat
from typing import IO, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from articles.importers import loader as articles
from articles.importers.feeds import rss_or_atom
from articles.importers.json_feeds import json_feed, ninjs
from articles.importers.markup import article_html, comment_of
from articles.importers.mending import Mends
from articles.importers.wordpress import Post, Reply, items
from articles.models import BODY_LENGTH, Article, Section, State
from articles.old_addresses import keys_of
from comments.actions import start_discussion, take_down
from comments.importers import loader
from comments.importers.spool import AT_ONCE, Spool, Turn
from comments.models import Comment, Discussion
from newsroom.database.batches import Batches
from newsroom.live.outbox import once_a_second, site_changed
from newsroom.text import clean_line, plain

SOURCES: Mapping[str, Callable[[IO[bytes], Mends], Iterator[Post | Reply]]] = {
    "wordpress": items,
    "feed": rss_or_atom,
    "jsonfeed": json_feed,
    "ninjs": ninjs,
}
_MAKES_SECTIONS = {"wordpress"}  # other sources have keywords, of which only names of sections count
AT_LEAST = 100  # comments in a transaction: some hundredths of a second of CPU
LONGEST = 65_525  # characters of a comment in WordPress
_WRITTEN_BY_READERS = {"", "comment"}  # types; others, such as an editor's note, must not become public
_ECHOES = {"pingback": "comments.pingbacks", "trackback": "comments.trackbacks"}
_SHOWN, _WAITING = "1", "0"
_LEFT_OUT = {"spam": "comments.spam", "trash": "comments.trash", "post-trashed": "comments.trash"}
_DEFAULT_CATEGORIES = {"uncategorized", "allgemein", "uncategorised", "без-рубрики"}

type Progress = Callable[[float, int], None]


@dataclass(slots=True)
class Report:
    """The result of an import or a dry run: `counts` by names such as "articles.published", "left.page",
    "comments.type.note".
    """

    counts: Counter[str] = field(default_factory=Counter)
    mends: Mends = field(default_factory=Mends)

    @property
    def is_unchanged(self) -> bool:
        changes = {"articles", "new", "removed"}
        return not any(self.counts[key] for key in self.counts if key.partition(".")[0] in changes)


def run(file: IO[bytes], *, dry_run: bool, progress: Progress, source: str = "wordpress") -> Report:
    """Read the file to its end, then write its posts one by one. Raises Unreadable, or OSError if there is no room for
    what was read, before it writes.

    `progress` is told the share (0 to 1) of the file and the number of posts and comments: first what is read, then
    what is done. Idempotent: what was imported before, by site and id, stays as it is. New comments are added, and
    those that no reader has written are taken down.
    """
    report = Report()
    with Spool(Post, Reply) as spool:
        number, length = 0, max(1, fstat(file.fileno()).st_size)
        for number, item in enumerate(SOURCES[source](file, report.mends), 1):
            if isinstance(item, Post):
                spool.add_thread(item)
            else:
                spool.add_reply(item, _why_not(item))
            progress(min(1.0, file.tell() / length), number)
        done = 0

        def step(items: int) -> None:
            nonlocal done
            done += items
            progress(done / number, done)

        walk = _Walk(spool, report, step, source=source, dry_run=dry_run)
        with once_a_second():
            for thread, size, post in spool.threads():
                walk.take(thread, size, post)
    return report


class _Walk:
    def __init__(
        self, spool: Spool[Post, Reply], report: Report, step: Callable[[int], None], *, source: str, dry_run: bool
    ) -> None:
        self.spool = spool
        self.report = report
        self.step = step  # to be called with the number of items that are done
        self.source = source
        self.dry_run = dry_run
        self.now = timezone.now()
        self.batches = Batches(smallest=AT_LEAST)
        self.sections = {each.casefold() for row in Section.objects.values_list("slug", "name") for each in row}

    def take(self, number: int, size: int, post: Post) -> None:
        """The post and its `size` comments; both have this number in the spool."""
        self.step(1)
        self._take_down(number)
        found = self._import_of(post)
        if found is None:
            self.report.counts["comments.elsewhere"] += size
            self.step(size)
            return
        pk = articles.known(self.source, [found.source_id]).get(found.source_id)
        self._count("known.articles" if pk else f"articles.{found.state}")
        self._count_section(found, is_new=pk is None)
        addresses = self._addresses_of(post, pk)
        self.report.counts.update(self.spool.take(number, "comments.repeated"))
        if self.dry_run:
            for _part in self._parts(post):
                pass
            return
        if pk is None and self.batches.has_room_for(size):
            parts = list(self._parts(post))  # cleaned before the transaction
            self.batches.run(lambda: self._write(pk, found, post, addresses, parts), rows=size)
            return
        self._write(pk, found, post, addresses, self._parts(post))
        if pk is None:
            self.batches.run(site_changed)

    def _write(
        self,
        pk: int | None,
        found: articles.Import,
        post: Post,
        addresses: list[str],
        parts: Iterable[Sequence[loader.Import]],
    ) -> None:
        """Write an article and its comments in one transaction or, where the caller has none, in several."""
        discussion = self._thread_of(pk) if pk is not None and not addresses else None
        if discussion is None:
            discussion = self.batches.run(lambda: self._discussion(pk, found, post, addresses))
        writer = loader.Loader(discussion, source=self.source, batches=self.batches, is_new=pk is None)
        for part in parts:
            writer.write(part)
        writer.end()

    def _parts(self, post: Post) -> Iterator[list[loader.Import]]:
        """What is new of the replies that the spool has in turn."""
        for turns in self.spool.turns():
            yield self._new_of(turns, post.blog)
            self.step(len(turns))

    def _import_of(self, post: Post) -> articles.Import | None:
        """None if the post is left out, which is counted."""
        if post.type != "post" or post.state is None:
            self._count(f"left.{clean_line(post.type)[:20] or 'other'}" if post.type != "post" else "left.trash")
            return None
        number = f"post {post.source_id}"
        if not post.id or self.spool.owners([number]):  # only the first record of a number counts
            self._count("left.repeated")
            return None
        self.spool.claim([number], post.source_id)
        found = _article(self._with_sections(post), self.now, self.source) if len(post.body) <= BODY_LENGTH else None
        if found is None or len(found.html) > BODY_LENGTH:
            self._count("left.too_long")
            return None
        return found

    def _with_sections(self, post: Post) -> Post:
        """The post with those categories that are sections here, or become some."""
        if self.source in _MAKES_SECTIONS:
            return post
        return replace(post, categories=[each for each in post.categories if self._is_section(each[1])])

    def _is_section(self, name: str) -> bool:
        return clean_line(name)[:60].casefold() in self.sections

    def _take_down(self, number: int) -> None:
        """Take down what an earlier release published although no reader had written it, such as an editor's private
        note.

        Of several records with one id the first counts, as everywhere.
        """
        others = (reply for reply in self.spool.left_out(number) if reply.type not in _WRITTEN_BY_READERS)
        for some in batched(others, AT_ONCE):
            kinds = {reply.source_id: clean_line(reply.type)[:20] for reply in some}
            gone = self.spool.owners(map(_gone, kinds))
            left = [source_id for source_id in kinds if _gone(source_id) not in gone]
            for source_id, pk in loader.standing(self.source, left).items():
                self.spool.claim([_gone(source_id)], source_id)
                note = _("WordPress calls it “%s”: no reader has written it.") % kinds[source_id]
                if self.dry_run or self.batches.run(partial(take_down, pk, rule=loader.RULE, note=note)):
                    self._count("removed.comments")

    def _addresses_of(self, post: Post, pk: int | None) -> list[str]:
        """The addresses that lead to no article yet; the first article that had one keeps it."""
        keys = dict.fromkeys(keys_of(post.blog, post.addresses))
        led, owners = articles.led_by(keys), self.spool.owners(keys)
        free = [key for key in keys if key not in led and key not in owners]
        self.report.counts["new.addresses"] += len(free)
        taken = [key for key in keys if owners.get(key, post.source_id) != post.source_id]
        taken += [key for key in led if key not in owners and led[key] != pk]
        self.report.counts["addresses.taken"] += len(taken)
        self.spool.claim(free, post.source_id)
        return free

    def _discussion(self, pk: int | None, found: articles.Import, post: Post, addresses: list[str]) -> Discussion:
        if pk is None:
            article = articles.store(found)
            site_changed()
        else:
            article = Article.objects.get(pk=pk)
        articles.remember(article, addresses)
        thread = None if pk is None else self._thread_of(pk)
        if thread is not None:
            return thread
        switch = Discussion.Switch.AUTO if post.comments_open else Discussion.Switch.CLOSED
        fields: dict[str, Any] = {"switch": switch, "created_at": article.created_at}
        if article.published_at is None:
            fields["closes_at"] = None  # its window begins with its publication
        return start_discussion(article.headline, article=article, since=article.published_at, **fields)

    def _thread_of(self, article: int) -> Discussion | None:
        return Discussion.objects.filter(article=article, mode=Discussion.Mode.THREAD).first()

    def _new_of(self, turns: Sequence[Turn[Reply]], site: str) -> list[loader.Import]:
        """Those that are new, cleaned; all are counted. What is known is not cleaned again."""
        there = loader.known(self.source, (turn.reply.source_id for turn in turns if turn.left is None))
        found: dict[int, loader.Import] = {}
        left: list[int] = []
        for age, why, _is_torn, reply in turns:
            if why is None and reply.source_id in there:
                self._count("known.comments")
                continue
            new = reason = None
            if why is None:
                new, reason = _comment(reply, site, self.now)
            if new is None:
                left.append(age)
                if reason:
                    self._count(reason)
            else:
                self._count("new.held" if new.is_held else "new.comments")
                found[age] = new
        self.spool.leave_out(left)
        parents = self.spool.parents(list(found))
        return [replace(new, parent=parents.get(age)) for age, new in found.items()]

    def _count(self, name: str) -> None:
        self.report.counts[name] += 1

    def _count_section(self, found: articles.Import, *, is_new: bool) -> None:
        slug, name = articles.section_key(*found.section), clean_line(found.section[1])[:60].casefold()
        if is_new and not {slug, name} & self.sections:
            self.sections |= {slug, name}
            self._count("new.sections")


def _gone(source_id: str) -> str:
    """The name by which the spool knows that a comment was taken down: two records of it count once."""
    return f"gone {source_id}"


def _why_not(reply: Reply) -> str | None:
    """The reason why a comment is left out, as a count's name; None if it is imported."""
    if reply.type not in _WRITTEN_BY_READERS:
        return _ECHOES.get(reply.type) or f"comments.type.{clean_line(reply.type)[:20]}"
    if reply.at is None:
        return "comments.timeless"
    if reply.approved in {_SHOWN, _WAITING}:
        return None
    return _LEFT_OUT.get(reply.approved) or f"comments.state.{clean_line(reply.approved)[:20]}"


def _article(post: Post, now: datetime, source: str) -> articles.Import:
    html = article_html(post.body, post.blog, is_html=post.is_html)
    return articles.Import(
        source=source,
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
    """Published or scheduled by its time; everything else is a draft."""
    if post.state in {None, State.DRAFT}:
        return State.DRAFT
    return State.SCHEDULED if post.at is not None and post.at > now else State.PUBLISHED


def _section(categories: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """The first category with a name; a default section for posts without one."""
    told = [
        (slug, name) for slug, name in categories if slug.casefold() not in _DEFAULT_CATEGORIES and clean_line(name)
    ]
    return told[0] if told else ("uncategorized", _("Uncategorized"))


def _comment(reply: Reply, site: str, now: datetime) -> tuple[loader.Import | None, str]:
    """The comment without its parent, or the reason why it is left out, as a count's name."""
    if len(reply.text) > LONGEST:
        return None, "comments.too_long"
    html, text = comment_of(reply.text, site)
    if not html:
        return None, "comments.empty"
    return (
        loader.Import(
            source_id=reply.source_id,
            parent=None,
            at=min(reply.at or now, now),  # a time in the future is impossible
            name=reply.name[:80].strip() or _("Anonymous"),
            text=text,
            html=html,
            state=Comment.State.HELD if reply.approved == _WAITING else Comment.State.PUBLISHED,
        ),
        "",
    )
