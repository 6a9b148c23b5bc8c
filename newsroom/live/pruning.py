"""Forgetting old events. Since a stream has no gaps, a position before the first kept event is seen to be lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from newsroom.live.models import Event

BATCH = 5000  # events a statement, so that no writer waits long


def prune(hours: float, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete whole prefixes of numbered events older than `hours`, never streams; how many events that were.

    The log is walked in the order in which it was written, as far as it is old: what is young, and streams on which
    nothing happens, cost nothing, however many they are. `is_stopped` is asked before each batch.
    """
    before = timezone.now() - timedelta(hours=hours)
    count = last = 0
    while not is_stopped():
        batch = Event.objects.filter(pk__gt=last).order_by("pk")[:BATCH]
        seen = batch.aggregate(newest=Max("pk"), oldest=Min("created_at"))
        if seen["oldest"] is None or seen["oldest"] >= before:
            break
        count += _forget(last, seen["newest"], before)
        last = seen["newest"]
    return count


def _forget(after: int, upto: int, before: datetime) -> int:
    """Of every stream that has old events with `after` < id ≤ `upto`: the oldest ones, as far as none is younger."""
    young = connection.ops.adapt_datetimefield_value(before)
    with connection.cursor() as cursor:
        is_postgresql = connection.vendor == "postgresql"
        chosen = f"= ANY (ARRAY({_CHOSEN}))" if is_postgresql else f"IN ({_CHOSEN})"
        cursor.execute(f"DELETE FROM live_event WHERE id {chosen}", [after, upto, young, young])  # noqa: S608  constant
        return int(cursor.rowcount)


# Materialized: else SQLite looks for `kept` once for each event that goes. PostgreSQL gets an array: it may otherwise
# look through all that is chosen once for each event that there is.
_CHOSEN = """
WITH old AS MATERIALIZED (
  SELECT stream, max("offset") AS newest FROM live_event
  WHERE id > %s AND id <= %s AND created_at < %s AND "offset" IS NOT NULL GROUP BY stream
), prefix AS MATERIALIZED (
  SELECT stream, newest, (
    SELECT young."offset" FROM live_event AS young
    WHERE young.stream = old.stream AND young."offset" <= old.newest AND young.created_at >= %s
    ORDER BY young."offset" LIMIT 1
  ) AS kept
  FROM old
)
  SELECT gone.id FROM prefix JOIN live_event AS gone ON gone.stream = prefix.stream
  WHERE gone."offset" <= prefix.newest AND (prefix.kept IS NULL OR gone."offset" < prefix.kept)
"""
