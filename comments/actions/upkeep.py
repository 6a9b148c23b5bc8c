"""What is done every second without anybody asking."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from comments import events
from comments.models import Discussion, DiscussionTally, IdempotencyKey

ACTIVITY_PAUSE = timedelta(seconds=1)
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
        found = list(tallies.select_related("discussion__article", "last_comment__author")[:BATCH])
        for tally in found:
            tally.announced, tally.announced_at = tally.version, now
        DiscussionTally.objects.bulk_update(found, ["announced", "announced_at"])
        events.discussions_active([_public(tally) for tally in found if _is_public(tally.discussion)])
    return len(found)


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
    return discussion.article is None or discussion.article.state == discussion.article.State.PUBLISHED
