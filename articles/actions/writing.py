"""Articles: draft, edit, schedule, publish, correct, retract.

Locks, everywhere in this order: streams (only where earlier events are redacted), article, ticker, item.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from articles import events, registry, tasks
from articles.actions.checks import check, fill, must_be_ahead, must_be_past, must_be_version, must_edit, must_write
from articles.models import Article, State, TickerItem
from articles.slugs import free_slug
from newsroom.errors import Conflict, Forbidden, NotFound
from newsroom.live.outbox import hold, redact
from newsroom.text import clean_line, render_article, sanitise_article

WRITABLE = frozenset(
    ["slug", "section", "kicker", "headline", "lead", "body", "author_line", "language", "photo", "body_format"]
)


@transaction.atomic
def draft_article(*, actor: User, related: Iterable[Article] = (), **fields: Any) -> Article:
    """A new draft of a journalist or an editor; `fields` are those of the model, slug is made from the headline.

    Raises Forbidden, Invalid.
    """
    must_write(actor)
    article = Article(created_by=actor)
    fields["slug"] = fields.get("slug") or free_slug(clean_line(str(fields.get("headline", ""))))
    _write(article, fields, related)
    return article


@transaction.atomic
def edit_article(
    article_id: int,
    *,
    actor: User,
    version: int | None = None,
    related: Iterable[Article] | None = None,
    **fields: Any,
) -> Article:
    """Change what is not published yet: a journalist their own drafts, an editor scheduled articles too.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid; Conflict once it is published: then it is corrected.
    """
    must_write(actor)
    article = _locked(article_id)
    if not actor.edits and (article.created_by_id != actor.pk or article.state != State.DRAFT):
        raise Forbidden(_("You can change your own drafts only."))
    if article.state not in {State.DRAFT, State.SCHEDULED}:
        raise Conflict(_("It has been published: correct it instead."))
    must_be_version(article, version)
    article.version += 1
    _write(article, fields, related)
    return article


@transaction.atomic
def schedule_article(article_id: int, *, actor: User, publish_at: datetime) -> Article:
    """Publish it at that time, by its due deed. Raises NotFound, Forbidden, Invalid, Conflict."""
    must_edit(actor)
    article = _locked(article_id)
    if article.state not in {State.DRAFT, State.SCHEDULED}:
        raise Conflict(_("It has been published already."))
    article.publish_at = must_be_ahead(publish_at)
    return _turn(article, State.SCHEDULED)


@transaction.atomic
def unschedule_article(article_id: int, *, actor: User) -> Article:
    """Make it a draft again. Raises NotFound, Forbidden, Conflict."""
    must_edit(actor)
    article = _locked(article_id)
    if article.state != State.SCHEDULED:
        raise Conflict(_("It is not scheduled."))
    article.publish_at = None
    return _turn(article, State.DRAFT)


@transaction.atomic
def discard_article(article_id: int, *, actor: User) -> None:
    """Delete a draft: an editor any, a journalist their own. Raises NotFound, Forbidden; Conflict if it is none."""
    must_write(actor)
    article = _locked(article_id)
    if not actor.edits and article.created_by_id != actor.pk:
        raise Forbidden(_("You can change your own drafts only."))
    if article.state != State.DRAFT:
        raise Conflict(_("Only drafts can be deleted; what was published is retracted."))
    article.delete()


@transaction.atomic
def publish_article(article_id: int, *, actor: User) -> Article:
    """Make a draft, a scheduled or a retracted article public, now. Raises NotFound, Forbidden, Conflict."""
    must_edit(actor)
    article = _locked(article_id)
    if article.state == State.PUBLISHED:
        raise Conflict(_("It has been published already."))
    return _publish(article)


@transaction.atomic
def publish_due_article(article_id: int) -> bool:
    """Publish it if its time has come and nobody else is at it; says whether it did."""
    due = Article.objects.filter(pk=article_id, state=State.SCHEDULED, publish_at__lte=timezone.now())
    article = due.select_for_update(skip_locked=True, no_key=True).first()
    if article is not None:
        _publish(article)
    return article is not None


@transaction.atomic
def correct_article(
    article_id: int,
    *,
    actor: User,
    note: str = "",
    version: int | None = None,
    related: Iterable[Article] | None = None,
    published_at: datetime | None = None,
    **fields: Any,
) -> Article:
    """Change a published article; what it said before leaves the log. Its address stays.

    `published_at` moves its publication within the past; times that follow it move along.

    Readers see `note` under the article and its followers are told; without one it was a slip of the pen.
    Raises NotFound, Forbidden, PreconditionFailed, Invalid; Conflict unless it is published.
    """
    must_edit(actor)
    _forget(article_id)
    article = _locked(article_id)
    if article.state != State.PUBLISHED:
        raise Conflict(_("It is not published."))
    must_be_version(article, version)
    article.version += 1
    article.updated_at = timezone.now()
    article.correction = clean_line(note) or article.correction
    if published_at is not None:
        article.published_at = must_be_past(published_at)
    fields.pop("slug", None)
    _write(article, fields, related)
    registry.tell("corrected", article)
    if note:
        tasks.announce_article(article, "article.corrected", "article", article.pk)
    events.article_corrected(article)
    return article


@transaction.atomic
def retract_article(article_id: int, *, actor: User) -> Article:
    """Take a published article back: its words leave page, API and log, its streams close.

    Raises NotFound, Forbidden; Conflict unless it is published.
    """
    must_edit(actor)
    _forget(article_id)
    article = _locked(article_id)
    if article.state != State.PUBLISHED:
        raise Conflict(_("It is not published."))
    _turn(article, State.RETRACTED)
    registry.tell("retracted", article)
    events.items_relinked(_items_of(article))
    events.article_retracted(article)
    return article


def _publish(article: Article) -> Article:
    article.published_at = article.published_at or timezone.now()
    article.publish_at = None
    _turn(article, State.PUBLISHED)
    registry.tell("published", article)
    tasks.announce_article(article, "article.published", "section", article.section_id)
    events.items_relinked(_items_of(article))
    events.article_published(article)
    return article


def _turn(article: Article, state: State) -> Article:
    article.state = state
    article.version += 1
    article.save(update_fields=["state", "version", "publish_at", "published_at"])
    return article


def _write(article: Article, fields: dict[str, Any], related: Iterable[Article] | None) -> None:
    fill(article, fields, WRITABLE)
    is_markdown = article.body_format == Article.Format.MARKDOWN
    article.html = render_article(article.body) if is_markdown else sanitise_article(article.body)
    check(article)
    article.save()
    if related is not None:
        article.related.set([other for other in related if other.pk != article.pk])


def _items_of(article: Article) -> list[TickerItem]:
    """The published items that link to it: their link comes and goes with it, so they rise a version."""
    items = TickerItem.objects.listed().for_list().filter(article=article).order_by("pk")
    found = list(items.select_for_update(of=("self",), no_key=True))
    for item in found:
        item.article = article
        item.version += 1
        item.save(update_fields=["version"])
    return found


def _forget(article_id: int) -> None:
    hold("articles")
    redact(events.subject_of_article(article_id))


def _locked(article_id: int) -> Article:
    article = Article.objects.select_for_update(no_key=True).filter(pk=article_id).first()
    if article is None:
        raise NotFound(_("There is no such article."))
    return article
