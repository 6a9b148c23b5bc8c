"""Deletes old events. Streams have no gaps, so a position before the first kept event is recognised as lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max, Min
from django.utils import timezone

from newsroom.database.batches import Batches
from newsroom.database.statements import planned_cursor, stored_time
from newsroom.live.models import Event

BATCH = 5000  # events a statement, so that no writer waits long


def prune(hours: float, is_stopped: Callable[[], bool] = lambda: False) -> int:
    """Delete whole prefixes of numbered events older than `hours`, never streams. Returns the number of deleted events.

    Walks the log in the order in which it was written and stops at the first young event. So young events and quiet
    streams cost nothing. `is_stopped` is asked before each batch.
    """
    before = timezone.now() - timedelta(hours=hours)
    count = last = 0
    batches = Batches()
    while not is_stopped():
        batch = Event.objects.filter(pk__gt=last).order_by("pk")[:BATCH]
        seen = batch.aggregate(newest=Max("pk"), oldest=Min("created_at"))
        if seen["oldest"] is None or seen["oldest"] >= before:
            break
        count += batches.run(lambda after=last, upto=seen["newest"]: _forget(after, upto, before))  # type: ignore[misc]
        last = seen["newest"]
    return count


def _forget(after: int, upto: int, before: datetime) -> int:
    """Delete the events with `after` < id ≤ `upto` that are old, as far as they begin their streams. Returns their
    number.
    """
    young = stored_time(before)
    chosen = f"= ANY (ARRAY({_CHOSEN}))" if connection.vendor == "postgresql" else f"IN ({_CHOSEN})"
    with planned_cursor() as cursor:
        values = [after, upto, young, young, upto, after, upto]
        cursor.execute(f"DELETE FROM live_event WHERE id {chosen}", values)  # noqa: S608  constant
        return int(cursor.rowcount)


# `first` and `kept` are offsets. A stream whose event before `first` is still there waits for the next run.
# MATERIALIZED and the order of CROSS JOIN: without them SQLite computes `kept` once for each deleted event. PostgreSQL
# gets an array: otherwise it may scan the chosen rows once for each event of the table.
_CHOSEN = """
WITH old AS MATERIALIZED (
  SELECT stream, min("offset") AS first FROM live_event
  WHERE id > %s AND id <= %s AND created_at < %s AND "offset" IS NOT NULL GROUP BY stream
), prefix AS MATERIALIZED (
  SELECT stream, first, (
    SELECT later."offset" FROM live_event AS later
    WHERE later.stream = old.stream AND later."offset" >= old.first AND (later.created_at >= %s OR later.id > %s)
    ORDER BY later."offset" LIMIT 1
  ) AS kept
  FROM old WHERE NOT EXISTS (
    SELECT 1 FROM live_event AS earlier WHERE earlier.stream = old.stream AND earlier."offset" = old.first - 1)
)
  SELECT gone.id FROM live_event AS gone CROSS JOIN prefix
  WHERE gone.id > %s AND gone.id <= %s AND gone.stream = prefix.stream
  AND gone."offset" >= prefix.first AND (prefix.kept IS NULL OR gone."offset" < prefix.kept)
"""
