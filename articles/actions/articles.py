"""Articles: draft, edit, schedule, publish, correct, retract.

Lock order, everywhere: streams (only if earlier events are redacted), article, ticker, item.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import must
from accounts.audit import record
from accounts.models import User
from articles import events, hooks, tasks
from articles.access import may_edit_words
from articles.actions.guards import (
    begin,
    check,
    fill,
    must_be_ahead,
    must_be_meant_now,
    must_be_past,
    must_be_version,
)
from articles.actions.history import keep, note_deed, snapshot
from articles.models import Article, Revision, State, TickerItem
from articles.slugs import free_slug
from newsroom.errors import Conflict, Forbidden, NotFound
from newsroom.live.outbox import redact
from newsroom.text import clean_line, must_show_own_pictures, render_article, sanitise_article

WRITABLE = frozenset(Article.WORDS) | {"slug", "section", "language", "photo", "body_format", "writer"}


@transaction.atomic
def draft_article(*, actor: User, related: Collection[Article] = (), **fields: Any) -> Article:
    """A new draft. `fields` are those of the model; the slug is made from the headline.

    Raises Forbidden, Invalid.
    """
    actor = begin("draft_article", actor)
    article = Article(created_by=actor)
    fields["slug"] = fields.get("slug") or free_slug(clean_line(str(fields.get("headline", ""))))
    _fill(article, fields)
    _must("draft_article", actor, article)
    _store(article, related)
    note_deed(article, "drafted", actor)
    return article


@transaction.atomic
def edit_article(
    article_id: int,
    *,
    actor: User,
    seen: Collection[int] | None = None,
    related: Collection[Article] | None = None,
    **fields: Any,
) -> Article:
    """Change an article before publication: its author and those who write for its section a draft, its editors also a
    scheduled one.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid; Conflict if it is published: then correct it.
    """
    actor = begin("edit_article", actor)
    article = _locked(article_id, actor)
    _must_edit_words(actor, article)
    if article.state not in {State.DRAFT, State.SCHEDULED}:
        raise Conflict(_("It has been published: correct it instead."))
    must_be_version(article, seen)
    before = snapshot(article)
    if _fill(article, fields) | _others(article, related):
        _must_edit_words(actor, article)  # in the section to which it goes, too
        article.version += 1
        _store(article, related)
        keep(article, before, Revision.Deed.EDITED, actor)
    return article


@transaction.atomic
def schedule_article(article_id: int, *, actor: User, publish_at: datetime) -> Article:
    """Schedule its publication at that time. Raises NotFound, Forbidden, Invalid, Conflict."""
    actor = begin("schedule_article", actor)
    article = _locked(article_id, actor)
    _must("schedule_article", actor, article)
    if article.state not in {State.DRAFT, State.SCHEDULED}:
        raise Conflict(_("It has been published already."))
    if article.state == State.SCHEDULED and article.publish_at == publish_at:
        return article
    before = snapshot(article)
    article.publish_at = must_be_ahead(publish_at)
    _turn(article, State.SCHEDULED)
    keep(article, before, Revision.Deed.SCHEDULED, actor)
    return article


@transaction.atomic
def unschedule_article(article_id: int, *, actor: User) -> Article:
    """Make it a draft again. Raises NotFound, Forbidden, Conflict."""
    actor = begin("unschedule_article", actor)
    article = _locked(article_id, actor)
    _must("unschedule_article", actor, article)
    if article.state != State.SCHEDULED:
        raise Conflict(_("It is not scheduled."))
    before = snapshot(article)
    article.publish_at = None
    _turn(article, State.DRAFT)
    keep(article, before, Revision.Deed.UNSCHEDULED, actor)
    return article


@transaction.atomic
def discard_article(article_id: int, *, actor: User) -> None:
    """Delete a draft: its author, and the editors of its section.

    Raises NotFound, Forbidden; Conflict if it is no draft.
    """
    actor = begin("discard_article", actor)
    article = _locked(article_id, actor)
    _must("discard_article", actor, article)
    if article.state != State.DRAFT:
        raise Conflict(_("Only drafts can be deleted; what was published is retracted."))
    record(actor, "article.discarded", f"article.{article.pk}", {"headline": article.headline}, {})
    try:
        article.delete()
    except ProtectedError as error:
        raise Conflict(_("Under it something was decided about a comment, which stays on record.")) from error


@transaction.atomic
def publish_article(article_id: int, *, actor: User, now: bool = False) -> Article:
    """Make a draft or a retracted article public; a scheduled one only with `now`.

    Raises NotFound, Forbidden, Conflict.
    """
    actor = begin("publish_article", actor)
    article = _locked(article_id, actor)
    _must("publish_article", actor, article)
    if article.state == State.PUBLISHED:
        raise Conflict(_("It has been published already."))
    must_be_meant_now(article, now=now)
    return _publish(article, actor)


@transaction.atomic
def publish_due_article(article_id: int) -> bool:
    """Publish it if it is due and not locked by another transaction. Returns whether it did."""
    due = Article.objects.filter(pk=article_id, state=State.SCHEDULED, publish_at__lte=timezone.now())
    article = due.select_for_update(skip_locked=True, no_key=True).first()
    if article is not None:
        _publish(article, None)
    return article is not None


@transaction.atomic
def correct_article(
    article_id: int,
    *,
    actor: User,
    note: str = "",
    seen: Collection[int] | None = None,
    related: Collection[Article] | None = None,
    published_at: datetime | None = None,
    **fields: Any,
) -> Article:
    """Change a published article. Its former text is redacted in the log; its address stays.

    `published_at` moves the publication within the past; times that depend on it move along.

    If words change or a note is given, readers see that it was updated. The note stands under the article, and its
    followers are notified of it. Without any difference nothing happens. Raises NotFound, Forbidden,
    PreconditionFailed, Invalid; Conflict unless it is published.
    """
    actor = begin("correct_article", actor)
    events.hold_streams_of_article(article_id)
    article = _locked(article_id, actor)
    _must("correct_article", actor, article)
    if article.state != State.PUBLISHED:
        raise Conflict(_("It is not published."))
    must_be_version(article, seen)
    note = clean_line(note)
    fields.pop("slug", None)
    before = snapshot(article)
    changed = _fill(article, fields) | _others(article, related) | _moved(article, published_at)
    _must("correct_article", actor, article)  # in the section to which it goes, too
    is_noted = note not in {"", article.correction}
    if not changed and not is_noted:
        return article
    article.version += 1
    if is_noted:
        article.correction = note
    if is_noted or changed.intersection(Article.WORDS):
        article.updated_at = timezone.now()
    _store(article, related)
    keep(article, before, Revision.Deed.CORRECTED, actor, note)
    redact(events.subject_of_article(article_id))
    hooks.tell("corrected", article)
    if is_noted:
        tasks.announce_article(article, "article.corrected", "article", article.pk)
    events.article_corrected(article)
    return article


@transaction.atomic
def retract_article(article_id: int, *, actor: User, note: str = "") -> Article:
    """Take a published article back: its text leaves page, API and log, its streams close, and its address shows
    `note`.

    Raises NotFound, Forbidden, Invalid; Conflict unless it is published.
    """
    actor = begin("retract_article", actor)
    events.hold_streams_of_article(article_id)
    article = _locked(article_id, actor)
    _must("retract_article", actor, article)
    if article.state != State.PUBLISHED:
        raise Conflict(_("It is not published."))
    before = snapshot(article)
    article.retraction = clean_line(note)
    check(article)
    redact(events.subject_of_article(article_id))
    _turn(article, State.RETRACTED)
    keep(article, before, Revision.Deed.RETRACTED, actor, article.retraction)
    hooks.tell("retracted", article)
    events.items_relinked(_items_of(article))
    events.article_retracted(article)
    return article


def _publish(article: Article, actor: User | None) -> Article:
    before = snapshot(article)
    article.published_at = article.published_at or timezone.now()
    article.publish_at, article.retraction = None, ""
    _turn(article, State.PUBLISHED)
    keep(article, before, Revision.Deed.PUBLISHED, actor)
    hooks.tell("published", article)
    tasks.announce_article(article, "article.published", "section", article.section_id)
    events.items_relinked(_items_of(article))
    events.article_published(article)
    return article


def _turn(article: Article, state: State) -> Article:
    article.state = state
    article.version += 1
    article.save(update_fields=["state", "version", "publish_at", "published_at", "retraction"])
    return article


def _fill(article: Article, fields: dict[str, Any]) -> frozenset[str]:
    changed = fill(article, fields, WRITABLE)
    if "body" in changed or "body_format" in changed or article.pk is None:
        is_markdown = article.body_format == Article.Format.MARKDOWN
        if is_markdown:
            must_show_own_pictures("body", article.body)
        article.html = render_article(article.body) if is_markdown else sanitise_article(article.body)
    return changed


def _others(article: Article, related: Collection[Article] | None) -> frozenset[str]:
    """{"related"} if other related articles are given than it has now; otherwise empty."""
    if related is None:
        return frozenset()
    is_same = {each.pk for each in related} - {article.pk} == set(article.related.values_list("pk", flat=True))
    return frozenset() if is_same else frozenset(["related"])


def _moved(article: Article, published_at: datetime | None) -> frozenset[str]:
    if published_at is None or published_at == article.published_at:
        return frozenset()
    article.published_at = must_be_past(published_at)
    return frozenset(["published_at"])


def _store(article: Article, related: Collection[Article] | None) -> None:
    check(article)
    article.save()
    if related is not None:
        article.related.set([other for other in related if other.pk != article.pk])


def _items_of(article: Article) -> list[TickerItem]:
    """The published items that link to it. Their link appears or disappears with it, so they get a new version."""
    items = TickerItem.objects.listed().for_list().filter(article=article).order_by("pk")
    found = list(items.select_for_update(of=("self",), no_key=True))
    for item in found:
        item.article = article
        item.version += 1
        item.save(update_fields=["version"])
    return found


def _locked(article_id: int, actor: User) -> Article:
    """The article, if the actor may know of it. Raises NotFound."""
    rows = Article.objects.visible_to(actor).select_for_update(no_key=True)
    article = rows.filter(pk=article_id).first()
    if article is None:
        raise NotFound(_("There is no such article."))
    return article


def _must(deed: str, actor: User, article: Article) -> None:
    must(f"articles.{deed}", actor, article.section_id, is_own=article.created_by_id == actor.pk)


def _must_edit_words(actor: User, article: Article) -> None:
    if not may_edit_words(actor, article):
        raise Forbidden(_("You can change your own drafts only."))
