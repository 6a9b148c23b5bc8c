"""What becomes public by itself when its time has come; nothing does by a clock in a query."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from articles import actions
from articles.models import Article, State, TickerItem

logger = logging.getLogger(__name__)
AT_ONCE = 20  # deeds of each kind a look


def publish_due_articles() -> int:
    return _run(Article.objects.all(), actions.publish_due_article)


def publish_due_items() -> int:
    """In the order of their times, so that their numbers follow it."""
    return _run(TickerItem.objects.all(), actions.publish_due_item)


def _run(rows: QuerySet[Any], publish: Callable[[int], bool]) -> int:
    due = rows.filter(state=State.SCHEDULED, publish_at__lte=timezone.now()).order_by("publish_at", "pk")
    return sum(_attempt(publish, pk) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def _attempt(publish: Callable[[int], bool], pk: int) -> bool:
    try:
        return publish(pk)
    except Exception:
        logger.exception("%s %s failed, the next look tries again", publish.__name__, pk)
        return False
