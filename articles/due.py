"""Publishes what is scheduled. No query hides scheduled things by the clock."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from articles import actions
from articles.models import Article, State, TickerItem

logger = logging.getLogger(__name__)
AT_ONCE = 20  # of each kind, each second


def articles(now: datetime) -> QuerySet[Article]:
    return Article.objects.filter(state=State.SCHEDULED, publish_at__lte=now)


def items(now: datetime) -> QuerySet[TickerItem]:
    return TickerItem.objects.filter(state=State.SCHEDULED, publish_at__lte=now)


def publish_due_articles() -> int:
    return _run(articles(timezone.now()), actions.publish_due_article)


def publish_due_items() -> int:
    """In the order of their times, so that their numbers follow it."""
    return _run(items(timezone.now()), actions.publish_due_item)


def _run(rows: QuerySet[Any], publish: Callable[[int], bool]) -> int:
    due = rows.order_by("publish_at", "pk").values_list("pk", flat=True)
    return sum(_attempt(publish, pk) for pk in due[:AT_ONCE])


def _attempt(publish: Callable[[int], bool], pk: int) -> bool:
    try:
        return publish(pk)
    except Exception:
        logger.exception("%s %s failed, the next look tries again", publish.__name__, pk)
        return False
