"""What operators see of moderation: see newsroom.monitoring.stored."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.utils import timezone
from prometheus_client import Metric

from comments.models import Case
from newsroom import metrics


def queue() -> Iterator[Metric]:
    rows = Case.objects.open().order_by().values("kind").annotate(number=Count("pk")).values_list("kind", "number")
    found = dict.fromkeys(Case.Kind.values, 0) | dict(rows)
    yield metrics.family("newsroom_queue_open", "Open cases of moderation.", found, "kind")
    oldest = Case.objects.open().order_by("pk").values_list("opened_at", flat=True).first()
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    text = "How long the case that waits longest has been open."
    yield metrics.family("newsroom_queue_oldest_seconds", text, max(0.0, seconds))
