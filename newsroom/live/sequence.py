"""Numbering: committed events get the offsets 1, 2, 3 … of their stream, in company and without a gap.

On PostgreSQL it happens after the commit: in each process one run is in progress and one waits, and whoever commits
meanwhile shares the waiting run; of several processes one numbers for all. They meet at the stream's row. On SQLite
the writer is the only one there is and numbers at the end of its own transaction; where others write in that, too,
the last of them numbers for all. Why it is so, and what fails otherwise: docs/live.md.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from django.db import Error, connection, transaction
from django.db.models import QuerySet

from newsroom.api.renderers import encode
from newsroom.live import bell, registry
from newsroom.live.figures import NUMBERED
from newsroom.live.models import Event, Stream
from newsroom.prepared import planned_cursor, prepared
from newsroom.transactions import for_all, has_company, pipelined, short
from newsroom.written import write_each

PATIENCE_SECONDS = 2.0
TURNS = 3  # of others that are waited for
logger = logging.getLogger(__name__)

# What a join brings is there before the first lock is waited for.
_LOCK = """
WITH turn AS MATERIALIZED (SELECT set_config('lock_timeout', %s, true), {turn} AS mine), stream AS MATERIALIZED (
  SELECT top FROM live_stream, turn WHERE name = %s AND mine FOR NO KEY UPDATE OF live_stream)
SELECT mine, top FROM turn LEFT JOIN stream ON true"""
_LOCK_IN_TURN = _LOCK.format(turn="pg_try_advisory_xact_lock(hashtextextended(%s, 0))")
_LOCK_AT_ONCE = _LOCK.format(turn="true")
_OTHERS_TURN = """
WITH patience AS MATERIALIZED (SELECT set_config('lock_timeout', %s, true))
SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)) FROM patience"""
_LEFT = """SELECT 1 FROM live_event WHERE stream = %s AND "offset" IS NULL AND id <= %s LIMIT 1"""
# A statement of its own, younger than the lock: in one statement with it, it would be of a snapshot from before.
_UNNUMBERED = """
SELECT id, kind, subject, data, created_at FROM live_event WHERE stream = %s AND "offset" IS NULL{but} ORDER BY id"""
_BUT_MERGED = """ AND NOT (kind IN ({kinds}) AND EXISTS (
          SELECT 1 FROM live_event AS later WHERE later.stream = live_event.stream AND later."offset" IS NULL
          AND later.kind = live_event.kind AND later.subject = live_event.subject AND later.id > live_event.id))"""


def number_in_company(stream: str) -> None:
    """See that what this transaction has published on `stream` is numbered: now, or with what is committed together
    with it, or else right after the commit.
    """
    if has_company():
        is_done = for_all(f"numbering {stream}", partial(_number_now, stream))
        transaction.on_commit(lambda: None if is_done() else wake(stream), robust=True)
    else:
        _number_now(stream)


def _number_now(stream: str) -> None:
    sequence(stream)
    transaction.on_commit(partial(bell.ring, stream), robust=True)


class _Seat:
    """A run that has not begun yet: who commits before it begins is served by it."""

    def __init__(self) -> None:
        self.done = threading.Event()


_guard = threading.Lock()
_seated: dict[str, _Seat] = {}
_doors: WeakValueDictionary[str, Any] = WeakValueDictionary()
_failing: set[str] = set()  # streams whose fold fails


def wake(stream: str) -> None:
    """Have everything numbered that is committed on `stream`; returns when it is, or after some seconds.

    Never fails: what a lock or the database keeps from us is numbered by the look of the next second.
    """
    with _guard:
        taken = _seated.get(stream)
        if taken is None:
            mine = _seated[stream] = _Seat()
            door = _doors.setdefault(stream, threading.Lock())
    if taken is not None:
        if not taken.done.wait(PATIENCE_SECONDS):
            _stand_up(stream, taken)  # whoever sat there is gone without a word
        return
    try:
        _run(stream, mine, door)
    except Error as error:
        logger.warning("numbering %s is left to the next look: %s", stream, error)
    finally:  # also after KeyboardInterrupt at the door: a seat that nobody gives back would mute the stream
        _stand_up(stream, mine)
        mine.done.set()


def _run(stream: str, mine: _Seat, door: threading.Lock) -> None:
    if not door.acquire(timeout=PATIENCE_SECONDS):
        return
    try:
        if mine.done.is_set():  # the run before took us in
            return
        _stand_up(stream, mine)  # before lock and snapshot: who commits from now on needs another run
        if _sequence_in_turn(stream):
            bell.ring(stream)
    finally:
        door.release()


def _stand_up(stream: str, mine: _Seat) -> None:
    with _guard:
        if _seated.get(stream) is mine:
            del _seated[stream]


def sweep() -> None:
    """Number whatever is unnumbered, on any stream: what a killed writer left, or a failed run."""
    streams = set(Event.objects.filter(offset=None).order_by().values_list("stream", flat=True).distinct())
    for stream in streams:
        try:
            wake(stream)
        except Exception:
            if stream not in _failing:  # once an outage
                logger.exception("%s cannot be numbered; it is tried again every second", stream)
            _failing.add(stream)
    _failing.intersection_update(streams)


def _sequence_in_turn(stream: str) -> int:
    """As `sequence`, unless another process does it for us: it then is waited for.

    Who waits for the stream's row waits for the flush of each process that came earlier, and then finds that their
    events were numbered long ago. The turn is but a hint: what is right is decided under the row's lock, and whoever
    is out of luck with turns takes that.
    """
    if connection.vendor != "postgresql":
        if not _waiting(stream):  # who wrote after us has done it
            return 0
        return short(sequence)(stream)
    upto = 0
    for _ in range(TURNS):
        with _guard:
            later = _seated.pop(stream, None)  # who came while we waited
        is_mine, number = _attempt(stream, _LOCK_IN_TURN, [_patience(), stream, stream])
        if is_mine:
            if later is not None:
                later.done.set()
            return number
        upto = upto or number
        if not upto:
            return 0
        with planned_cursor() as cursor:
            cursor.execute(_OTHERS_TURN, [_patience(), stream])
            cursor.execute(_LEFT, [stream, upto])
            if cursor.fetchone() is None:
                return 0
    return sequence(stream)


def sequence(stream: str) -> int:
    """Number what is committed on `stream` and fold it; how many events that were.

    On PostgreSQL a transaction of its own, never part of somebody's. Raises OperationalError after two seconds
    behind another's lock.
    """
    if connection.vendor == "postgresql":
        return _attempt(stream, _LOCK_AT_ONCE, [_patience(), stream])[1]
    with transaction.atomic():
        return _number(stream, lock(stream), _unnumbered(stream)())


def _attempt(stream: str, how: str, values: list[str]) -> tuple[bool, int]:
    """Whether it was our turn, and how many events that made; or else the last event that has no number, or 0."""
    with pipelined(), transaction.atomic(durable=True):
        with planned_cursor() as cursor:
            cursor.execute(how, values)
            unnumbered = _unnumbered(stream)
            is_mine, top = cursor.fetchone()
        found = unnumbered()
        if not is_mine:
            return False, found[-1][0] if found else 0
        if top is None:  # a new stream
            top, found = lock(stream), _unnumbered(stream)()
        if not found:
            # A lock's commit would cost a flush, and to roll it back all that this connection has planned.
            with planned_cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
        return True, _number(stream, top, found)


def _patience() -> str:
    """How long a statement waits for locks."""
    return f"{PATIENCE_SECONDS * 1000:.0f}ms"


def lock(stream: str) -> int:
    """Lock the stream's row, made if missing, until the transaction ends; its top."""
    found = _locked(stream)
    if not found:
        Stream.objects.bulk_create([Stream(name=stream)], ignore_conflicts=True)
        found = _locked(stream)
    return found[0]


@prepared(str)
def _locked(stream: str) -> QuerySet[Stream, int]:
    locked = Stream.objects.select_for_update(no_key=connection.vendor == "postgresql").filter(pk=stream)
    return locked.values_list("top", flat=True)


@prepared(str)
def _waiting(stream: str) -> QuerySet[Event, int]:
    return Event.objects.filter(stream=stream, offset=None).values_list("pk", flat=True)[:1]


def _unnumbered(stream: str) -> Callable[[], list[Sequence[Any]]]:
    """Asks at once; the rows can be had later."""
    merged = sorted(registry.merged_of(stream))
    but = _BUT_MERGED.format(kinds=",".join(["%s"] * len(merged))) if merged else ""
    cursor = planned_cursor()
    cursor.execute(_UNNUMBERED.format(but=but), [stream, *merged])
    rows: Callable[[], list[Sequence[Any]]] = cursor.fetchall
    return rows


def _number(stream: str, top: int, found: list[Sequence[Any]]) -> int:
    """Under the stream's lock, and nobody else changes what is unnumbered without it."""
    if not found:
        return 0
    rows = [
        registry.Row(pk, offset, kind, subject, _decode(data), moment(at))
        for offset, (pk, kind, subject, data, at) in enumerate(found, top + 1)
    ]
    merged = registry.merged_of(stream)
    _drop_merged(stream, [row for row in rows if row.kind in merged])
    fold = registry.fold_of(stream)
    if fold:
        fold(stream, rows)
    numbered = [(row.id, row.offset, None if row.data is None else encode(row.data).decode()) for row in rows]
    write_each("live_event", {"offset": "bigint", "data": "jsonb"}, numbered)
    with planned_cursor() as cursor:
        cursor.execute("UPDATE live_stream SET top = %s WHERE name = %s", [top + len(rows), stream])
    transaction.on_commit(partial(NUMBERED.add, len(rows)), robust=True)
    return len(rows)


def _drop_merged(stream: str, numbered: list[registry.Row]) -> None:
    """What those just numbered stand for goes, before the fold counts: it then sees the rows of what went, too."""
    for row in numbered:
        waiting = Event.objects.filter(stream=stream, subject=row.subject, kind=row.kind, offset=None)
        waiting.filter(pk__lt=row.id).delete()


def _decode(data: str | None) -> Any:
    return None if data is None else msgspec.json.decode(data)


def moment(at: datetime | str) -> datetime:
    """As a cursor hands it out: SQLite as text or without a zone, in UTC."""
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _forget() -> None:
    """A forked child inherits neither the runs nor the locks of its parent's threads."""
    global _guard  # noqa: PLW0603
    _guard = threading.Lock()
    _seated.clear()
    _doors.clear()


os.register_at_fork(after_in_child=_forget)
