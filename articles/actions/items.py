"""Ticker items: draft, schedule, publish, correct, pin, retract.

Lock order, everywhere: streams (only if earlier events are redacted), article, ticker, item.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must
from accounts.models import User
from articles import breaking, events, tasks
from articles.actions.guards import begin, check, fill, must_be_ahead, must_be_meant_now, must_be_version
from articles.actions.history import keep, note_deed, snapshot
from articles.models import Article, Revision, SeenMark, State, Ticker, TickerItem
from newsroom.errors import Conflict, NotFound
from newsroom.live.outbox import redact
from newsroom.text import clean_line, must_show_own_pictures, render_article

WRITABLE = frozenset(TickerItem.WORDS) | {"level", "article", "pinned", "key_event"}


@transaction.atomic
def publish_item(ticker: Ticker, *, actor: User, publish_at: datetime | None = None, **fields: Any) -> TickerItem:
    """Publish a new item in `ticker`, or schedule it. `fields`: headline, text, level, article, pinned, key_event.

    Raises Forbidden, Invalid.
    """
    actor = must("articles.publish_item", acting(actor), ticker.section_id)
    item = _new(ticker, actor, fields)
    is_later = publish_at is not None
    made = _schedule(item, publish_at) if publish_at is not None else _publish(item, actor)
    note_deed(made, "scheduled" if is_later else "published", actor)
    return made


@transaction.atomic
def draft_item(ticker: Ticker, *, actor: User, **fields: Any) -> TickerItem:
    """A new item that readers do not see yet. Raises Forbidden, Invalid."""
    actor = must("articles.draft_item", acting(actor), ticker.section_id)
    item = _new(ticker, actor, fields)
    item.save()
    note_deed(item, "drafted", actor)
    return item


@transaction.atomic
def publish_drafted_item(item_id: int, *, actor: User, now: bool = False) -> TickerItem:
    """Make a draft public; a scheduled one only with `now`.

    Raises NotFound, Forbidden, Conflict.
    """
    actor = begin("publish_drafted_item", actor)
    item = locked_in_order("publish_drafted_item", item_id, actor)
    _must_wait(item)
    must_be_meant_now(item, now=now)
    return _publish(item, actor)


@transaction.atomic
def publish_due_item(item_id: int) -> bool:
    """Publish it if it is due and its ticker not locked by another transaction. Returns whether it did."""
    due = TickerItem.objects.filter(pk=item_id, state=State.SCHEDULED, publish_at__lte=timezone.now())
    known = due.values_list("article_id", "ticker_id").first()
    if known is None:
        return False
    _lock_article(known[0])
    free = Ticker.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=known[1]).exists()
    item = due.for_list().select_for_update(of=("self",), no_key=True).first() if free else None
    if item is not None:
        _publish(item, None)
    return item is not None


@transaction.atomic
def schedule_item(item_id: int, *, actor: User, publish_at: datetime) -> TickerItem:
    """Schedule a draft, or reschedule an item. Raises NotFound, Forbidden, Invalid, Conflict."""
    actor = begin("schedule_item", actor)
    item = locked_in_order("schedule_item", item_id, actor)
    _must_wait(item)
    before = snapshot(item)
    if item.state == State.SCHEDULED and item.publish_at == publish_at:
        return item
    item.version += 1
    keep(_schedule(item, publish_at), before, Revision.Deed.SCHEDULED, actor)
    return item


@transaction.atomic
def unschedule_item(item_id: int, *, actor: User) -> TickerItem:
    """Make it a draft again. Raises NotFound, Forbidden, Conflict."""
    actor = begin("unschedule_item", actor)
    item = locked_in_order("unschedule_item", item_id, actor)
    if item.state != State.SCHEDULED:
        raise Conflict(_("It is not scheduled."))
    before = snapshot(item)
    item.state, item.publish_at = State.DRAFT, None
    item.version += 1
    item.save(update_fields=["state", "publish_at", "version"])
    keep(item, before, Revision.Deed.UNSCHEDULED, actor)
    return item


@transaction.atomic
def correct_item(
    item_id: int, *, actor: User, note: str = "", seen: Collection[int] | None = None, **fields: Any
) -> TickerItem:
    """Change an item. The former text of a published one is redacted in the log, and `note` tells readers why.

    If words change or a note is given, readers see that it was corrected. Without any difference nothing happens.
    Raises NotFound, Forbidden, PreconditionFailed, Invalid; Conflict if it is retracted.
    """
    actor = begin("correct_item", actor)
    events.hold_stream_of_item(item_id)
    item = locked_in_order("correct_item", item_id, actor, fields.get("article"))
    must_be_version(item, seen)
    if item.state == State.RETRACTED:
        raise Conflict(_("It has been retracted."))
    before = snapshot(item)
    changed, note = _write(item, fields), clean_line(note)
    is_noted = item.state == State.PUBLISHED and note not in {"", item.correction}
    if not changed and not is_noted:
        return item
    item.version += 1
    if is_noted:
        item.correction = note
    if item.state == State.PUBLISHED and (is_noted or changed.intersection(TickerItem.WORDS)):
        item.corrected_at = timezone.now()
    check(item)
    item.save()
    if item.state == State.PUBLISHED:
        keep(item, before, Revision.Deed.CORRECTED, actor, note)
        redact(events.subject_of_item(item_id))
        events.item_corrected(item)
        breaking.changed(item, level_before=str(before["level"]))
    else:
        keep(item, before, Revision.Deed.EDITED, actor)
    return item


def pin_item(item_id: int, *, actor: User, seen: Collection[int] | None = None) -> TickerItem:
    """Keep it on top. Raises NotFound, Forbidden, PreconditionFailed, Conflict."""
    return _pin(item_id, actor, seen, pinned=True)


def unpin_item(item_id: int, *, actor: User, seen: Collection[int] | None = None) -> TickerItem:
    """Let it return to its place. Raises NotFound, Forbidden, PreconditionFailed, Conflict."""
    return _pin(item_id, actor, seen, pinned=False)


@transaction.atomic
def retract_item(item_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> TickerItem:
    """Take it back: its text leaves list and log; its place stays and shows `note`. Idempotent.

    Raises NotFound, Forbidden, PreconditionFailed, Invalid.
    """
    actor = begin("retract_item", actor)
    events.hold_stream_of_item(item_id)
    item = locked_in_order("retract_item", item_id, actor)
    must_be_version(item, seen)
    if item.state == State.RETRACTED:
        return item
    if item.state == State.PUBLISHED:
        redact(events.subject_of_item(item_id))
    before = snapshot(item)
    item.state, item.pinned, item.retraction = State.RETRACTED, False, clean_line(note)
    item.version += 1
    check(item)
    item.save(update_fields=["state", "pinned", "retraction", "version"])
    keep(item, before, Revision.Deed.RETRACTED, actor, item.retraction)
    if item.number is not None:
        events.item_retracted(item)
        breaking.changed(item)
    return item


@transaction.atomic
def mark_seen(ticker: Ticker, *, reader: User, number: int) -> int:
    """Store how far `reader` has read, and tell their other devices. It never falls, and is at most the last number
    given. Returns the stored number.
    """
    reader, number = acting(reader), min(number, ticker.last_number)
    mark, _made = SeenMark.objects.get_or_create(user=reader, ticker=ticker)
    if SeenMark.objects.filter(pk=mark.pk, number__lt=number).update(number=number):
        events.ticker_seen(ticker, reader=reader.pk, number=number)
    return max(mark.number, number)


def _new(ticker: Ticker, actor: User, fields: dict[str, Any]) -> TickerItem:
    _lock_article(getattr(fields.get("article"), "pk", None))
    item = TickerItem(ticker=ticker, author=actor)
    _write(item, fields)
    check(item)
    return item


def _write(item: TickerItem, fields: dict[str, Any]) -> frozenset[str]:
    changed = fill(item, fields, WRITABLE)
    if "text" in changed or item.pk is None:
        must_show_own_pictures("text", item.text)
        item.html = render_article(item.text)
    return changed


def _schedule(item: TickerItem, publish_at: datetime) -> TickerItem:
    item.publish_at = must_be_ahead(publish_at)
    item.state = State.SCHEDULED
    item.save()
    return item


def _publish(item: TickerItem, actor: User | None) -> TickerItem:
    """Give it the next number of its ticker. The ticker's lock lasts until the commit: no gaps, and events in this
    order.
    """
    before = snapshot(item)
    ticker = Ticker.objects.select_for_update(no_key=True).get(pk=item.ticker_id)
    ticker.last_number += 1
    item.ticker, item.number = ticker, ticker.last_number
    item.state, item.published_at, item.publish_at = State.PUBLISHED, timezone.now(), None
    if ticker.last_number == 1:
        ticker.began_at = item.published_at
    ticker.save(update_fields=["last_number", "began_at"])
    is_new = item.pk is None
    item.version += not is_new
    item.save()
    if not is_new:
        keep(item, before, Revision.Deed.PUBLISHED, actor)
    tasks.announce_item(item)
    events.item_published(item)
    breaking.changed(item)
    return item


@transaction.atomic
def _pin(item_id: int, actor: User, seen: Collection[int] | None, *, pinned: bool) -> TickerItem:
    deed = "pin_item" if pinned else "unpin_item"
    actor = begin(deed, actor)
    item = locked_in_order(deed, item_id, actor)
    must_be_version(item, seen)
    if item.state == State.RETRACTED:
        raise Conflict(_("It has been retracted."))
    if item.pinned == pinned:
        return item
    before = snapshot(item)
    item.pinned = pinned
    item.version += 1
    item.save(update_fields=["pinned", "version"])
    keep(item, before, Revision.Deed.PINNED if pinned else Revision.Deed.UNPINNED, actor)
    if item.state == State.PUBLISHED:
        (events.item_pinned if pinned else events.item_unpinned)(item)
    return item


def _must_wait(item: TickerItem) -> None:
    if item.state not in {State.DRAFT, State.SCHEDULED}:
        raise Conflict(_("It has been published already."))


def locked_in_order(deed: str, item_id: int, actor: User, article: Article | None = None) -> TickerItem:
    """The item, locked after the article that it links to (or is going to): a retraction locks in the same order.

    Raises NotFound if the actor may not know of it, Forbidden if their duties do not allow the deed here.
    """
    known = TickerItem.objects.visible_to(actor).filter(pk=item_id).values_list("article_id", "ticker_id").first()
    if known is None:
        raise NotFound(_("There is no such item."))
    _lock_article(*{known[0], article.pk if article else None})
    ticker = Ticker.objects.select_for_update(no_key=True).get(pk=known[1])
    must(f"articles.{deed}", actor, ticker.section_id)
    return TickerItem.objects.for_list().select_for_update(of=("self",), no_key=True).get(pk=item_id)


def _lock_article(*ids: int | None) -> None:
    wanted = sorted(each for each in ids if each is not None)
    list(Article.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk").values("pk"))
