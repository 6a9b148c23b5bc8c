"""What is done every second without anybody asking."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from comments import events
from comments.access import followers_of
from comments.models import Discussion, DiscussionTally, IdempotencyKey
from comments.tasks import tell_followers

ACTIVITY_PAUSE = timedelta(seconds=1)
FOLLOWERS_PAUSE = timedelta(minutes=10)
KEYS_LIVE = timedelta(hours=48)
BATCH = 100


def announce_activity() -> int:
    """Tell `chats` of discussions in which something has happened, each at most once a second; how many."""
    now = timezone.now()
    waiting = DiscussionTally.objects.filter(version__gt=F("announced")).filter(
        Q(announced_at=None) | Q(announced_at__lte=now - ACTIVITY_PAUSE)
    )
    if not waiting.exists():
        return 0
    with transaction.atomic():
        tallies = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))
        found = list(tallies.select_related("discussion__article", "discussion__hours", "last_comment__author")[:BATCH])
        for tally in found:
            tally.announced, tally.announced_at = tally.version, now
        DiscussionTally.objects.bulk_update(found, ["announced", "announced_at"])
        public = [_public(tally) for tally in found if _is_public(tally.discussion)]
        events.discussions_active(public)
        _tell_followers([discussion.tally for discussion in public], now)
    return len(found)


def _tell_followers(tallies: list[DiscussionTally], now: datetime) -> None:
    """Where somebody spoke since they were told last, but not more often than every ten minutes."""
    for tally in tallies:
        told, last = tally.followers_told_at, tally.last_comment
        rests = told is not None and now - told < FOLLOWERS_PAUSE
        spoke = last.published_at if last else None
        is_news = spoke is not None and (told is None or spoke > told)
        followed = is_news and not rests and followers_of(tally.pk)
        if followed:
            DiscussionTally.objects.filter(pk=tally.pk).update(followers_told_at=now)
            tell_followers.enqueue(tally.pk)


def forget_keys() -> int:
    """Drop idempotency keys after 48 hours; how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEYS_LIVE)
    ids = list(old.order_by("created_at").values_list("pk", flat=True)[:BATCH])
    return IdempotencyKey.objects.filter(pk__in=ids).delete()[0] if ids else 0


def _public(tally: DiscussionTally) -> Discussion:
    discussion: Discussion = tally.discussion
    discussion.tally = tally
    return discussion


def _is_public(discussion: Discussion) -> bool:
    is_open = discussion.article is None or discussion.article.state == discussion.article.State.PUBLISHED
    return is_open and discussion.merged_into_id is None
