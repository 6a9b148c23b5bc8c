"""The log as apps use it: publish facts, redact them, find a list's position, read on from a position.

A fact commits or vanishes with the rows of its action. Its event gets its number after the commit: see `log.numbering`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, Expression, F, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from newsroom.api.renderers import encode
from newsroom.database.statements import is_postgresql, planned_rows
from newsroom.database.writes import Json, add
from newsroom.live import registry
from newsroom.live.epoch import ensure_epoch
from newsroom.live.log import bell, numbering
from newsroom.live.models import Epoch, Event, Stream

READ_LIMIT = 1000  # events a read
CONTROL = "live"  # control messages: whose rights changed; has no family, hence nobody can subscribe
TAKEN_DOWN = "redactions"  # no stream, only a ring: something has been redacted
SITE = "site"  # has no family either: changes that pages show and no other stream reports


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has become true. `subject` names the thing ("comment.17"), `data` is its whole public state.

    `key` is the idempotency key of the request. The event repeats it, so that the client recognises its own change.
    """

    stream: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """The place after event `offset` in the log named `epoch`. Its JSON is {"epoch", "offset"}."""

    epoch: str
    offset: int

    def is_behind(self, other: Position) -> bool:
        """Whether `other` is further on. Positions of different epochs always count as behind."""
        return self.epoch != other.epoch or self.offset < other.offset


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a stream: the position after its newest event. `redactions` grows whenever events are redacted."""

    position: Position
    redactions: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The encoded events after a position, oldest first and without a gap. `head` was read in the same statement."""

    head: Head
    events: list[bytes]


class Entry(msgspec.Struct, kw_only=True):
    """An event as clients read it. `data` is the whole object as in the API, or {} in a `void` event; `key` is the
    idempotency key of the request.
    """

    offset: int
    kind: str
    at: datetime
    key: str | msgspec.UnsetType = msgspec.UNSET
    data: msgspec.Raw


_NOTHING = msgspec.Raw(b"{}")


def publish(*facts: Fact) -> None:
    """Append facts to their streams: the last step of an action, inside its transaction.

    Build `data` from rows that the action has locked or changed. Raises TransactionManagementError outside a
    transaction.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("publish() belongs into the transaction that made the facts true")
    now = timezone.now()
    if len(facts) == 1:
        add(Event, _row(facts[0], now) | {"data": Json(encode(facts[0].data).decode())})
    else:
        rows = [_row(fact, now) | {"data": msgspec.json.decode(encode(fact.data))} for fact in facts]
        Event.objects.bulk_create(Event(**row) for row in rows)
    numbering.number_in_company(*sorted({fact.stream for fact in facts}))


def _row(fact: Fact, now: datetime) -> dict[str, Any]:
    return {"stream": fact.stream, "kind": fact.kind, "subject": fact.subject, "key": fact.key, "created_at": now}


def hold(*streams: str, about: Sequence[str] = ()) -> None:
    """Lock these streams until the transaction ends, and all others with events of the subjects `about`. An action that
    will redact must do this first, for all that it will redact at once: streams are locked in one order.
    """
    if not is_postgresql():
        return  # the transaction is the only writer
    earlier = _streams_of(Event.objects.filter(subject__in=about)) if about else set()
    numbering.lock_all({*streams, *earlier})


def is_caught_up(stream: str) -> bool:
    """Whether every committed event of a stream that the caller holds is numbered and folded."""
    return not Event.objects.filter(stream=stream, offset=None).exists()


def catch_up(stream: str) -> None:
    """Number and fold the stream's events, as far as possible within two seconds. Call it outside transactions."""
    numbering.wake(stream)


def once_a_second() -> AbstractContextManager[None]:
    """For a write of many transactions: their events get numbers within a second or at the end, many at once, instead
    of after each commit.
    """
    return numbering.once_a_second()


def redact(subject: str) -> None:
    """Remove the data of every event of `subject` so far, on all streams. Later events keep theirs.

    The action should hold the streams already. Any other stream is locked here, before its events are changed.
    """
    transaction.on_commit(partial(bell.ring, TAKEN_DOWN), robust=True)
    _blank(Event.objects.filter(subject=subject, data__isnull=False))


def redact_about(stream: str, number: int) -> None:
    """Remove the data of every event of `stream` so far whose data has this `id`, whatever its subject."""
    transaction.on_commit(partial(bell.ring, TAKEN_DOWN), robust=True)
    _blank(Event.objects.filter(stream=stream, data__id=number))


def _blank(events: QuerySet[Event]) -> None:
    streams = sorted(_streams_of(events))
    hold(*streams)
    if streams and events.update(data=None):
        Stream.objects.filter(name__in=streams).update(redactions=F("redactions") + 1)
        for stream in streams:
            transaction.on_commit(partial(bell.ring, stream), robust=True)


def _streams_of(events: QuerySet[Event]) -> set[str]:
    return set(events.values_list("stream", flat=True).distinct())


def position(stream: str) -> Position:
    """The current position of `stream`. Read it before the rows that are sent with it."""
    return head(stream).position


def positions(streams: Iterable[str]) -> dict[str, Position]:
    """The current position of each of `streams`, from one statement; at most a few hundred names."""
    names = list(streams)
    return {name: here.position for name, here in heads(names).items()} if names else {}


def at_position(stream: str | Expression) -> dict[str, Expression]:
    """Annotations `live_epoch` and `live_top`: a row and its stream's position from one statement.

    For a stream that depends on the row give an expression over OuterRef, for example `Concat(Value("discussion."),
    Cast(OuterRef("pk"), CharField()))`.
    """
    name = Value(stream) if isinstance(stream, str) else stream
    top = Stream.objects.filter(name=name).values("top")[:1]
    return {
        "live_epoch": Coalesce(Subquery(Epoch.objects.values("value")[:1]), Value(""), output_field=CharField()),
        "live_top": Coalesce(Subquery(top), Value(0), output_field=BigIntegerField()),
    }


def position_with(row: Any) -> Position:
    """The position that `at_position` has added to a row."""
    return Position(row.live_epoch, row.live_top)


def rights_changed(user_id: int) -> None:
    """Make every process check again what this person may read. It cuts their connections; allowed clients
    reconnect.
    """
    with transaction.atomic():
        publish(Fact(CONTROL, "rights.changed", f"user.{user_id}", {"user": user_id}))


def stream_closed(stream: str) -> None:
    """Make every process check again, for every listener on `stream`, whether that person may still read it."""
    with transaction.atomic():
        publish(Fact(CONTROL, "stream.closed", stream, {"stream": stream}))


def site_changed() -> None:
    """Make every process drop its cached pages: something has changed that no other stream reports."""
    with transaction.atomic():
        publish(Fact(SITE, "site.changed", SITE, {}))


def head(stream: str) -> Head:
    return heads([stream])[stream]


def heads(streams: Iterable[str]) -> dict[str, Head]:
    """The heads of `streams`, from one statement; at most some hundred names."""
    names = list(streams)
    is_postgresql = connection.vendor == "postgresql"
    # The subquery hides the array's length. Otherwise PostgreSQL plans the statement anew for each length.
    which = "= ANY((SELECT %s)::text[])" if is_postgresql else f"IN ({','.join(['%s'] * len(names)) or 'NULL'})"
    rows = planned_rows(_HEADS.format(which=which), [names] if is_postgresql else names)
    if not rows:
        ensure_epoch()
        return heads(names)
    epoch = rows[0][0]
    known = {name: Head(Position(epoch, top), redactions) for _, name, top, redactions in rows if name}
    return {name: known.get(name, Head(Position(epoch, 0), 0)) for name in names}


def read(stream: str, since: Position, limit: int = READ_LIMIT) -> Batch | None:
    """Up to `limit` events after `since`; None if events may be missing, so that the client has to load anew.

    This is so for another epoch, a position from the future, and one before the oldest kept event.
    """
    if not 0 <= since.offset < _LARGEST:
        return None
    upto = since.offset + limit
    # One statement, since each process runs it for every new event.
    sql = _READ.format(data=_data(registry.words_of(stream)))
    rows = planned_rows(sql, [stream, stream, since.offset, upto])
    if not rows:
        ensure_epoch()
        return None  # the epoch is new: nobody has a position in it
    here = Position(rows[0][0], rows[0][1] or 0)
    if since.epoch != here.epoch or since.offset > here.offset:
        return None
    events = [_encoded(*row[3:]) for row in rows if row[3] is not None]
    if len(events) != min(here.offset, upto) - since.offset:
        return None
    return Batch(Head(here, rows[0][2] or 0), events)


_LARGEST = 2**62
_HEADS = "SELECT live_epoch.value, name, top, redactions FROM live_epoch LEFT JOIN live_stream ON name {which}"
_READ = """
SELECT live_epoch.value, live_stream.top, live_stream.redactions,
       live_event."offset", live_event.kind, live_event.created_at, live_event.key, {data}
FROM live_epoch LEFT JOIN live_stream ON live_stream.name = %s
LEFT JOIN live_event ON live_event.stream = %s AND live_event."offset" > %s AND live_event."offset" <= %s
ORDER BY 4"""


_BETWEEN = """
SELECT "offset", kind, created_at, key, {data} FROM live_event
WHERE stream = %s AND "offset" > %s AND "offset" <= %s ORDER BY 1"""
# The words are looked up for each event. A join might be planned as a scan of all rows that have any.
_WITH_WORDS = {
    "postgresql": "CAST(CASE WHEN jsonb_typeof(live_event.data -> '{first}') = 'null' THEN live_event.data || ("
    "SELECT jsonb_build_object({pairs}) {source}) ELSE live_event.data END AS text)",
    "sqlite": "CASE WHEN json_type(live_event.data, '$.{first}') = 'null' THEN ("
    "SELECT json_set(live_event.data, {pairs}) {source}) ELSE live_event.data END",
}


def between(stream: str, after: int, upto: int) -> list[bytes]:
    """The events `after` < offset ≤ `upto`, each as encoded JSON. Pruned ones are missing."""
    if upto <= after:
        return []
    sql = _BETWEEN.format(data=_data(registry.words_of(stream)))
    return [_encoded(*row) for row in planned_rows(sql, [stream, after, upto])]


@cache
def _data(words: registry.Words | None) -> str:
    """The SQL of an event's data as text, with its words."""
    if words is None:
        return "CAST(live_event.data AS text)"
    path = "" if is_postgresql() else "$."
    pairs = ", ".join(f"'{path}{name}', said.{name}" for name in words.columns)
    number = f"CAST(substr(live_event.subject, {len(words.prefix) + 1}) AS bigint)"
    source = f"FROM {words.table} AS said WHERE said.id = {number}"
    return _WITH_WORDS[connection.vendor].format(first=words.columns[0], pairs=pairs, source=source)


def _encoded(offset: int, kind: str, at: datetime | str, key: str | None, data: str | None) -> bytes:
    moment = numbering.moment(at)
    if data is None:
        return msgspec.json.encode(Entry(offset=offset, kind="void", at=moment, data=_NOTHING))
    raw = msgspec.Raw(data.encode())
    return msgspec.json.encode(Entry(offset=offset, kind=kind, at=moment, key=key or msgspec.UNSET, data=raw))
