"""What is due by time: see `newsroom.live.registry.due`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from comments import events
from comments.access import followers_of
from comments.models import KEPT, Comment, Decision, Discussion, DiscussionTally, IdempotencyKey, RefusedText, public
from comments.tasks import tell_followers

ACTIVITY_PAUSE = timedelta(seconds=1)
FOLLOWERS_PAUSE = timedelta(minutes=10)
KEYS_LIVE = timedelta(hours=48)
BATCH = 100
PLACED = 500  # decisions at once
MANY = 1000  # refused texts a transaction


def unannounced(now: datetime) -> QuerySet[DiscussionTally]:
    """Those of discussions that have changed and were not announced within the last second."""
    rested = Q(announced_at=None) | Q(announced_at__lte=now - ACTIVITY_PAUSE)
    return DiscussionTally.objects.filter(rested, version__gt=F("announced"))


def announce_activity() -> int:
    """Publish on `chats` which discussions have changed, each at most once a second. Returns their number."""
    now = timezone.now()
    waiting = unannounced(now)
    if not waiting.exists():
        return 0
    with transaction.atomic():
        tallies = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))
        tallies = tallies.annotate(is_public=ExpressionWrapper(public("discussion__"), BooleanField()))
        found = list(tallies.select_related("discussion__article", "discussion__hours", "last_comment__author")[:BATCH])
        for tally in found:
            tally.announced, tally.announced_at = tally.version, now
        DiscussionTally.objects.bulk_update(found, ["announced", "announced_at"])
        shown = [_discussion_of(tally) for tally in found if tally.is_public]
        events.discussions_active(shown)
        _tell_followers([discussion.tally for discussion in shown], now)
    return len(found)


def _tell_followers(tallies: list[DiscussionTally], now: datetime) -> None:
    """Notify followers of discussions with new comments, at most every ten minutes for each discussion."""
    for tally in tallies:
        told, last = tally.followers_told_at, tally.last_comment
        rests = told is not None and now - told < FOLLOWERS_PAUSE
        spoke = last.published_at if last else None
        is_news = spoke is not None and (told is None or spoke > told)
        followed = is_news and not rests and followers_of(tally.pk)
        if followed:
            DiscussionTally.objects.filter(pk=tally.pk).update(followers_told_at=now)
            tell_followers.enqueue(tally.pk)


def old_keys(now: datetime) -> QuerySet[IdempotencyKey]:
    return IdempotencyKey.objects.filter(created_at__lt=now - KEYS_LIVE)


def forget_keys() -> int:
    """Delete idempotency keys after 48 hours. Returns their number."""
    ids = list(old_keys(timezone.now()).order_by("created_at").values_list("pk", flat=True)[:BATCH])
    return IdempotencyKey.objects.filter(pk__in=ids).delete()[0] if ids else 0


def place_decisions() -> int:
    """Note for decisions of an earlier release where their comments stand. Returns their number."""
    ids = list(Decision.objects.filter(discussion=None).order_by("pk").values_list("pk", flat=True)[:PLACED])
    said = Comment.objects.filter(pk=OuterRef("comment"))
    discussion, section = (Subquery(said.values(path)) for path in ("discussion", "discussion__article__section"))
    return Decision.objects.filter(pk__in=ids).update(discussion=discussion, section=section) if ids else 0


def forget_refused() -> None:
    """Delete texts that rules have refused after seven days."""
    old = RefusedText.objects.filter(created_at__lte=timezone.now() - KEPT).order_by("created_at")
    while ids := list(old.values_list("pk", flat=True)[:MANY]):
        RefusedText.objects.filter(pk__in=ids).delete()


def _discussion_of(tally: DiscussionTally) -> Discussion:
    discussion: Discussion = tally.discussion
    discussion.tally = tally
    return discussion
