"""Numbering: committed events get the offsets 1, 2, 3 … of their stream, many in one transaction and without a gap.

On PostgreSQL this happens after the commit. In each process at most one run is active for a stream and one is pending;
writers that commit before the pending run begins share it. Of several processes, one numbers for all; they wait for
each other at the stream's row. On SQLite there is one writer only, and it numbers at the end of its own transaction.
docs/live.md explains why, and what would fail otherwise.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import msgspec
from django.db import Error, connection, transaction
from django.db.models import QuerySet

from newsroom.api.renderers import encode
from newsroom.database.statements import is_postgresql, planned_cursor, planned_rows, prepared
from newsroom.database.transactions import pipelined
from newsroom.database.writes import write_each
from newsroom.live import registry
from newsroom.live.log import bell
from newsroom.live.metrics import NUMBERED
from newsroom.live.models import Event, Stream

PATIENCE_SECONDS = 2.0
LOOK_SECONDS = 1.0
TURNS = 3  # of other processes that a run waits for
MANY = 8  # streams of one commit, from which on they are numbered in one transaction
logger = logging.getLogger(__name__)

# The join with `turn` sets lock_timeout and tries the advisory lock before the wait for the row's lock.
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
# Locks all of them, or none if one is missing.
_LOCK_ALL = """
WITH known AS MATERIALIZED (SELECT count(*) AS number FROM live_stream WHERE name = ANY((SELECT %s)::text[]))
SELECT name FROM live_stream, known WHERE name = ANY((SELECT %s)::text[]) AND number = %s
ORDER BY name COLLATE "C" FOR NO KEY UPDATE OF live_stream"""
# A statement of its own, after the lock: in the same statement its snapshot would be older than the lock.
_UNNUMBERED = """
SELECT id, kind, subject, data, created_at FROM live_event WHERE stream = %s AND "offset" IS NULL{but} ORDER BY id"""
_BUT_MERGED = """ AND NOT (kind IN ({kinds}) AND EXISTS (
          SELECT 1 FROM live_event AS later WHERE later.stream = live_event.stream AND later."offset" IS NULL
          AND later.kind = live_event.kind AND later.subject = live_event.subject AND later.id > live_event.id))"""
# For streams whose rows are locked. A statement finds the last offset of each by the index of positions.
_NUMBER_ALL = """
UPDATE live_event SET "offset" = given.place FROM (
  SELECT live_event.id, top + row_number() OVER (PARTITION BY stream ORDER BY live_event.id) AS place
  FROM live_event JOIN live_stream ON name = stream WHERE "offset" IS NULL AND stream {among}) AS given
WHERE live_event.id = given.id"""
_TOP_ALL = """
UPDATE live_stream SET top = coalesce((SELECT max("offset") FROM live_event WHERE stream = name), top)
WHERE name {among}"""


def number_in_company(*streams: str) -> None:
    """Have the events that this transaction has published on these streams numbered: now, or right after the commit."""
    plain = [each for each in streams if not (registry.fold_of(each) or registry.merged_of(each))]
    together = plain if len(plain) >= MANY else []
    for stream in sorted({*streams}.difference(together)):
        if connection.vendor == "postgresql":
            transaction.on_commit(partial(_number_soon, stream), robust=True)
        else:
            sequence(stream)
            transaction.on_commit(partial(bell.ring, stream), robust=True)
    if together and connection.vendor != "postgresql":
        _number_together(together)
        transaction.on_commit(partial(_ring, together), robust=True)
    elif together:
        transaction.on_commit(partial(_wake_together, together), robust=True)


class _Turn:
    """Streams with events that wait for the next look of a long write."""

    def __init__(self) -> None:
        self.waiting: set[str] = set()
        self.looked = time.monotonic()

    def look(self) -> None:
        """Number what waits."""
        streams, self.waiting = sorted(self.waiting), set()
        for stream in streams:
            wake(stream)
        self.looked = time.monotonic()


_turn: ContextVar[_Turn | None] = ContextVar("turn", default=None)


@contextmanager
def once_a_second() -> Iterator[None]:
    """For a write of many transactions on PostgreSQL: what each commits is numbered within a second or at the end, all
    at once. If the process is killed before, `sweep` numbers it elsewhere, as ever.
    """
    turn = _Turn()
    token = _turn.set(turn)
    try:
        yield
    finally:
        _turn.reset(token)
        turn.look()


def _number_soon(stream: str) -> None:
    turn = _turn.get()
    if turn is None:
        wake(stream)
        return
    turn.waiting.add(stream)
    if time.monotonic() - turn.looked >= LOOK_SECONDS:
        turn.look()


def _wake_together(streams: Sequence[str]) -> None:
    """Like `wake`, for many streams without folds: as many statements as for ten."""
    try:
        with transaction.atomic(durable=True):
            planned_rows("SELECT set_config('lock_timeout', %s, true)", [_patience()])
            lock_all(streams)
            _number_together(streams)
    except Error as error:
        logger.warning("numbering %s streams is left to the next look: %s", len(streams), error)
    _ring(streams)


def _ring(streams: Sequence[str]) -> None:
    for stream in streams:
        bell.ring(stream)


def _number_together(streams: Sequence[str]) -> None:
    """Number the events of these streams, whose rows are locked, or on SQLite of this transaction, the only one."""
    names: list[Any] = [[*streams]]
    among = "= ANY((SELECT %s)::text[])"
    if not is_postgresql():
        Stream.objects.bulk_create([Stream(name=name) for name in streams], ignore_conflicts=True)
        among, names = "IN (SELECT value FROM json_each(%s))", [encode(streams).decode()]
    with planned_cursor() as cursor:
        cursor.execute(_NUMBER_ALL.format(among=among), names)
        number = cursor.rowcount
        cursor.execute(_TOP_ALL.format(among=among), names)
    transaction.on_commit(partial(NUMBERED.inc, number), robust=True)


class _Run:
    """A pending run. It numbers everything that commits before it begins."""

    def __init__(self) -> None:
        self.done = threading.Event()


_guard = threading.Lock()
_pending: dict[str, _Run] = {}
_running: WeakValueDictionary[str, Any] = WeakValueDictionary()
_failing: set[str] = set()  # streams whose fold fails


def wake(stream: str) -> None:
    """Number all committed events of `stream`. Returns when it is done, or after some seconds.

    Never fails: what a lock or an outage prevents is numbered by `sweep` within a second.
    """
    with _guard:
        taken = _pending.get(stream)
        if taken is None:
            mine = _pending[stream] = _Run()
            running = _running.setdefault(stream, threading.Lock())
    if taken is not None:
        if not taken.done.wait(PATIENCE_SECONDS):
            _remove_pending(stream, taken)  # the thread of that run has died
        return
    try:
        _run(stream, mine, running)
    except Error as error:
        logger.warning("numbering %s is left to the next look: %s", stream, error)
    finally:  # even after a KeyboardInterrupt: a pending run that never ends would block the stream's numbering
        _remove_pending(stream, mine)
        mine.done.set()


def _run(stream: str, mine: _Run, running: threading.Lock) -> None:
    if not running.acquire(timeout=PATIENCE_SECONDS):
        return
    try:
        if mine.done.is_set():  # the former run has done it as well
            return
        _remove_pending(stream, mine)  # before lock and snapshot: later commits need another run
        if _sequence_in_turn(stream):
            bell.ring(stream)
    finally:
        running.release()


def _remove_pending(stream: str, mine: _Run) -> None:
    with _guard:
        if _pending.get(stream) is mine:
            del _pending[stream]


def unnumbered() -> QuerySet[Event]:
    """The events without a number. Read `kind`, too: for what stands in the index of all offsets, SQLite would read
    through that one instead of the few rows of the partial index.
    """
    return Event.objects.filter(offset=None)


def sweep() -> None:
    """Number all unnumbered events of any stream, which killed writers or failed runs have left."""
    streams = {stream for stream, _ in unnumbered().values_list("stream", "kind").distinct()}
    for stream in streams:
        try:
            wake(stream)
        except Exception:
            if stream not in _failing:  # log once an outage
                logger.exception("%s cannot be numbered; it is tried again every second", stream)
            _failing.add(stream)
    _failing.intersection_update(streams)


def _sequence_in_turn(stream: str) -> int:
    """Like `sequence`, but if another process is numbering, wait for it instead.

    Without this, each process would wait at the stream's row for the flush of every earlier process, and then find its
    events numbered already. The advisory lock is only a hint: correctness depends on the row's lock. So a process that
    came too late TURNS times numbers without the advisory lock.
    """
    if connection.vendor != "postgresql":
        if not _waiting(stream):  # a later writer has done it
            return 0
        return sequence(stream)
    upto = 0
    for _ in range(TURNS):
        with _guard:
            later = _pending.pop(stream, None)  # those that came while we waited
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
    """Number and fold the committed events of `stream`. Returns their number.

    On PostgreSQL this is a transaction of its own and must not run inside another one. Raises OperationalError after
    PATIENCE_SECONDS behind another's lock.
    """
    if connection.vendor == "postgresql":
        return _attempt(stream, _LOCK_AT_ONCE, [_patience(), stream])[1]
    with transaction.atomic(savepoint=False):  # what fails here fails with the whole transaction
        return _number(stream, lock(stream), _unnumbered(stream)())


def _attempt(stream: str, how: str, values: list[str]) -> tuple[bool, int]:
    """(True, number of events numbered); or, if another process has the turn, (False, id of the last unnumbered event
    or 0).
    """
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
            # A commit after a row lock would cost a flush; a rollback would drop this connection's prepared plans.
            with planned_cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
        return True, _number(stream, top, found)


def _patience() -> str:
    """The `lock_timeout` of a statement."""
    return f"{PATIENCE_SECONDS * 1000:.0f}ms"


def lock(stream: str) -> int:
    """Lock the stream's row until the transaction ends; creates it if missing. Returns its `top`."""
    found = _locked(stream)
    if not found:
        Stream.objects.bulk_create([Stream(name=stream)], ignore_conflicts=True)
        found = _locked(stream)
    return found[0]


def lock_all(streams: Collection[str]) -> None:
    """Lock the rows of these streams on PostgreSQL, in the order of their names; creates what is missing.

    A transaction that waits for a row that another one creates must not hold any of them: rows are created first.
    """
    names = sorted(streams)
    which = [names, names, len(names)]
    if names and not planned_rows(_LOCK_ALL, which):
        Stream.objects.bulk_create([Stream(name=name) for name in names], ignore_conflicts=True)
        planned_rows(_LOCK_ALL, which)


@prepared(str)
def _locked(stream: str) -> QuerySet[Stream, int]:
    locked = Stream.objects.select_for_update(no_key=connection.vendor == "postgresql").filter(pk=stream)
    return locked.values_list("top", flat=True)


@prepared(str)
def _waiting(stream: str) -> QuerySet[Event, int]:
    return Event.objects.filter(stream=stream, offset=None).values_list("pk", flat=True)[:1]


def _unnumbered(stream: str) -> Callable[[], list[Sequence[Any]]]:
    """Send the query and return a function for its rows."""
    merged = sorted(registry.merged_of(stream))
    but = _BUT_MERGED.format(kinds=",".join(["%s"] * len(merged))) if merged else ""
    cursor = planned_cursor()
    cursor.execute(_UNNUMBERED.format(but=but), [stream, *merged])
    rows: Callable[[], list[Sequence[Any]]] = cursor.fetchall
    return rows


def _number(stream: str, top: int, found: list[Sequence[Any]]) -> int:
    """Number these events and fold them. The caller holds the stream's lock, without which no process changes
    unnumbered events.
    """
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
    transaction.on_commit(partial(NUMBERED.inc, len(rows)), robust=True)
    return len(rows)


def _drop_merged(stream: str, numbered: list[registry.Row]) -> None:
    """Delete the events that the numbered ones replace. This comes before the fold, which counts from rows, not
    events.
    """
    for row in numbered:
        waiting = Event.objects.filter(stream=stream, subject=row.subject, kind=row.kind, offset=None)
        waiting.filter(pk__lt=row.id).delete()


def _decode(data: str | None) -> Any:
    return None if data is None else msgspec.json.decode(data)


def moment(at: datetime | str) -> datetime:
    """A time as read by a cursor, with its zone: SQLite gives text, or UTC without zone."""
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _forget() -> None:
    """A forked child inherits neither the runs nor the locks of its parent's threads."""
    global _guard  # noqa: PLW0603
    _guard = threading.Lock()
    _pending.clear()
    _running.clear()


os.register_at_fork(after_in_child=_forget)
