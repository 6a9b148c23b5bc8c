"""Starting, opening, closing and changing a discussion."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_somewhere
from accounts.audit import record, values_of
from accounts.models import User
from articles.models import Article
from comments import events
from comments.models import MAX_REASON, Discussion, DiscussionTally, OpeningHours
from newsroom.errors import Invalid, NotFound
from newsroom.live.outbox import stream_closed
from newsroom.text import clean_line

MAX_SLOW_SECONDS = 3600
CHANGEABLE = {
    *("title", "switch", "until", "reason", "opens_at", "closes_at", "hours"),
    *("slow_mode_seconds", "slow_mode_until"),
}
ENDS = {"switch": "until", "slow_mode_seconds": "slow_mode_until"}  # what holds until when


def discussion_of(article: Article) -> Discussion:
    """The thread under an article. If missing, it is started: open for the usual time after publication."""
    threads = Discussion.objects.filter(article=article, mode=Discussion.Mode.THREAD)
    found = threads.first()
    if found is not None:
        return found
    try:
        return start_discussion(article.headline, article=article, since=article.published_at)
    except IntegrityError:  # another transaction started it at the same moment
        return threads.get()


def article_published(article: Article) -> None:
    """Start the article's thread if it has none. Lists show the thread from now on, so `chats` gets an event."""
    discussion_of(article)
    DiscussionTally.objects.filter(discussion__article=article).update(version=F("version") + 1)


def article_retracted(article: Article) -> None:
    """Remove the listeners of the article's discussions, and redact what `chats` said of them."""
    for discussion in Discussion.objects.filter(article=article):
        events.activity_hidden(discussion)
        stream_closed(discussion.stream)


def start_chat(title: str, *, actor: User, article: Article | None = None, **fields: Any) -> Discussion:
    """A new chat, open for the usual time. Raises Forbidden, Invalid."""
    with transaction.atomic():
        actor = must("comments.start_chat", acting(actor), article.section_id if article else None)
        chat = start_discussion(title, mode=Discussion.Mode.CHAT, article=article, **fields)
        record(
            actor, "discussion.started", events.subject_of(chat), {}, {"title": chat.title, "mode": chat.mode, **fields}
        )
        events.discussion_changed(chat, "discussion.opened")
    return chat


@transaction.atomic
def start_discussion(
    title: str,
    *,
    mode: str = Discussion.Mode.THREAD,
    article: Article | None = None,
    since: datetime | None = None,
    **fields: Any,
) -> Discussion:
    """A new discussion and its tally, without an event. The usual window begins at `since`; `fields` override it."""
    discussion = Discussion(title=title_from(title), mode=mode, article=article)
    window = settings.DISCUSSION_WINDOWS[mode]
    if window is not None:
        discussion.closes_at = (since or discussion.created_at) + window
        discussion.window = window
    if article is not None and mode == Discussion.Mode.THREAD:
        discussion.hours = OpeningHours.objects.filter(section=article.section_id).first()
    for name, value in fields.items():
        setattr(discussion, name, value)
    if "closes_at" in fields:
        discussion.window = None
    _check(discussion)
    discussion.next_change_at = discussion.next_change(timezone.now())
    discussion.save()
    DiscussionTally.objects.create(discussion=discussion, last_activity=discussion.created_at)
    return discussion


def open_discussion(
    discussion_id: int, *, actor: User, premoderated: bool = False, reason: str = "", until: datetime | None = None
) -> Discussion:
    """Open it by hand, regardless of its times, until then or for good. Raises Forbidden, Invalid, NotFound."""
    switch = Discussion.Switch.PREMODERATED if premoderated else Discussion.Switch.OPEN
    return change_discussion(discussion_id, actor=actor, switch=switch, reason=reason, until=until)


def close_discussion(discussion_id: int, *, actor: User, reason: str = "", until: datetime | None = None) -> Discussion:
    """Close it by hand. After the return no more comments commit. Raises Forbidden, Invalid, NotFound."""
    return change_discussion(discussion_id, actor=actor, switch=Discussion.Switch.CLOSED, reason=reason, until=until)


@transaction.atomic
def change_discussion(discussion_id: int, *, actor: User, **changes: Any) -> Discussion:
    """Set any of CHANGEABLE. Waits for posts in progress.

    At `until` the switch returns to automatic; only a manual switch has one. At `slow_mode_until` slow mode by hand
    ends. Publishes what readers have to know. Raises Forbidden, Invalid, NotFound.
    """
    must_somewhere("comments.change_discussion", actor)
    if unknown := changes.keys() - CHANGEABLE:
        raise TypeError(f"cannot change {', '.join(sorted(unknown))}")
    discussion, now = lock(discussion_id), timezone.now()
    actor = must("comments.change_discussion", acting(actor), discussion.section_id)
    before = _visible_state(discussion, now)
    slow, was = _slowness(discussion), values_of(discussion, {*changes, *ENDS.values()})
    for name, value in changes.items():
        setattr(discussion, name, value)
    for name, end in ENDS.items():
        if name in changes and end not in changes:
            setattr(discussion, end, None)
    if "closes_at" in changes:
        discussion.window = None  # set by hand, it no longer follows the publication
    discussion.title, discussion.reason = title_from(discussion.title), clean_line(discussion.reason)
    _check(discussion, ends={changes.get(end) for end in ENDS.values()})
    discussion.next_change_at = discussion.next_change(now)
    discussion.save()
    record(actor, "discussion.changed", events.subject_of(discussion), was, values_of(discussion, was))
    if _visible_state(discussion, now) != before:
        events.discussion_turned(discussion, now)
    if _slowness(discussion) != slow:
        events.discussion_changed(discussion, "discussion.slow")
    return discussion


def due(now: datetime) -> QuerySet[Discussion]:
    """Those that open or close by now."""
    return Discussion.objects.filter(next_change_at__lte=now)


def turn_due_discussions() -> int:
    """Publish which discussions have opened or closed by their times. Returns their number."""
    now = timezone.now()
    if not due(now).exists():
        return 0
    # The weak lock works beside posts in progress; with a strong one, skip_locked would skip busy discussions.
    with transaction.atomic():
        rows = due(now).select_for_update(skip_locked=True, no_key=True, of=("self",))
        found = list(whole(rows)[:50])
        for discussion in found:
            if discussion.switch != Discussion.Switch.AUTO and not discussion.is_by_hand(now):
                discussion.switch, discussion.until, discussion.reason = Discussion.Switch.AUTO, None, ""
            discussion.next_change_at = discussion.next_change(now)
            discussion.save(update_fields=["switch", "until", "reason", "next_change_at"])
            events.discussion_turned(discussion, now)
    return len(found)


def _visible_state(discussion: Discussion, now: datetime) -> tuple[object, ...]:
    return (discussion.state_at(now), discussion.reason, discussion.title, discussion.next_change(now))


def _slowness(discussion: Discussion) -> tuple[object, ...]:
    return (discussion.slow_seconds, discussion.slow_mode_until)


def lock(discussion_id: int) -> Discussion:
    """Lock it exclusively; posts in progress hold a shared lock. Raises NotFound."""
    found = whole(Discussion.objects.select_for_update(of=("self",)).filter(pk=discussion_id)).first()
    if found is None:
        raise NotFound(_("There is no such discussion."))
    return found


def whole(discussions: QuerySet[Discussion]) -> QuerySet[Discussion]:
    return discussions.select_related("article", "hours", "tally__last_comment__author")


def title_from(title: str) -> str:
    return clean_line(title)[:200]


def _check(discussion: Discussion, ends: Collection[datetime | None] = ()) -> None:
    """`ends`: the new ones, which must lie ahead. Raises Invalid."""
    errors = _wrong_ends(discussion, ends)
    if not discussion.title:
        errors["title"] = [_("Write something first.")]
    if discussion.switch not in Discussion.Switch.values:
        errors["switch"] = [_("One of: %s.") % ", ".join(Discussion.Switch.values)]
    if len(discussion.reason) > MAX_REASON:
        errors["reason"] = [_("At most %d characters fit in here.") % MAX_REASON]
    if not 0 <= discussion.slow_mode_seconds <= MAX_SLOW_SECONDS:
        errors["slow_mode_seconds"] = [_("From 0 to %d.") % MAX_SLOW_SECONDS]
    if discussion.opens_at and discussion.closes_at and discussion.opens_at >= discussion.closes_at:
        errors["closes_at"] = [_("It must open before it closes.")]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)


def _wrong_ends(discussion: Discussion, ends: Collection[datetime | None]) -> dict[str, list[str]]:
    """What is wrong with the ends, by field."""
    now, errors = timezone.now(), {}
    for name in ENDS.values():
        at = getattr(discussion, name)
        if at is not None and at in ends and at <= now:
            errors[name] = [_("This lies in the past.")]
    if discussion.until is not None and discussion.switch == Discussion.Switch.AUTO:
        errors["until"] = [_("Only a switch by hand has an end.")]
    if discussion.slow_mode_until is not None and not discussion.slow_mode_seconds:
        errors["slow_mode_until"] = [_("Only slow mode has an end.")]
    return errors
