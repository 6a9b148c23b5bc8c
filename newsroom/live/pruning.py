"""Forgetting old events. Since a stream has no gaps, a position before the first kept event is seen to be lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from newsroom.live.models import Event, Stream

BATCH = 5000  # events a statement, so that no writer waits long


def prune(hours: float) -> int:
    """Delete whole prefixes of numbered events older than `hours`, never streams; how many events that were."""
    before = timezone.now() - timedelta(hours=hours)
    return sum(_prune(stream, before) for stream in list(Stream.objects.values_list("name", flat=True)))


def _prune(stream: str, before: datetime) -> int:
    numbered = Event.objects.filter(stream=stream, offset__isnull=False).order_by("offset")
    kept = numbered.filter(created_at__gte=before).values_list("offset", flat=True).first()
    old = numbered if kept is None else numbered.filter(offset__lt=kept)
    count = 0
    while batch := list(old.values_list("offset", flat=True)[:BATCH]):
        count += Event.objects.filter(stream=stream, offset__gte=batch[0], offset__lte=batch[-1]).delete()[0]
    return count
