"""The log as apps see it: publish facts, take them back, say where a list stands, read on from there.

A fact commits or vanishes with the rows of its action. Its event is numbered after the commit: see `sequence`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import msgspec
from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, Expression, F, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from newsroom.api.renderers import encode
from newsroom.live import bell, sequence
from newsroom.live.models import Epoch, Event, Stream
from newsroom.prepared import planned_rows
from newsroom.written import Json, add

READ_LIMIT = 1000  # events a read
CONTROL = "live"  # the bus's own stream: who must be asked again; no family, hence closed to everybody
SITE = "site"  # closed likewise: whatever pages show and no other stream tells of


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that has become true. `subject` names the thing ("comment.17"), `data` is its whole public state.

    `key` is the idempotency key of the request, echoed in the event so that a writer finds the echo.
    """

    stream: str
    kind: str
    subject: str
    data: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Position:
    """After `offset` of the log that is called `epoch`."""

    epoch: str
    offset: int


@dataclass(frozen=True, slots=True)
class Head:
    """How a stream stands: `redactions` changes when events of it were blanked."""

    epoch: str
    top: int
    redactions: int


@dataclass(frozen=True, slots=True)
class Batch:
    """The encoded events after a position, oldest first and without a gap; `head` was read before them."""

    head: Head
    events: list[bytes]


class Entry(msgspec.Struct, kw_only=True):
    """An event as everybody reads it. `data` is the whole object as the API gives it, {} in a `void` one; `key` is
    that of the writer's request.
    """

    offset: int
    kind: str
    at: datetime
    key: str | msgspec.UnsetType = msgspec.UNSET
    data: msgspec.Raw


_NOTHING = msgspec.Raw(b"{}")


def publish(*facts: Fact) -> None:
    """Append facts to their streams: the last step of an action, inside its transaction.

    `data` is read from rows that the action has locked or changed. Raises TransactionManagementError outside.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("publish() belongs into the transaction that made the facts true")
    now = timezone.now()
    if len(facts) == 1:
        add(Event, _row(facts[0], now) | {"data": Json(encode(facts[0].data).decode())})
    else:
        rows = [_row(fact, now) | {"data": msgspec.json.decode(encode(fact.data))} for fact in facts]
        Event.objects.bulk_create(Event(**row) for row in rows)
    for stream in sorted({fact.stream for fact in facts}):
        sequence.number_in_company(stream)


def _row(fact: Fact, now: datetime) -> dict[str, Any]:
    return {"stream": fact.stream, "kind": fact.kind, "subject": fact.subject, "key": fact.key, "created_at": now}


def hold(*streams: str) -> None:
    """Lock these streams until the transaction ends: first of all in an action that will redact."""
    for stream in sorted(set(streams)):
        sequence.lock(stream)


def is_caught_up(stream: str) -> bool:
    """Whether everything committed on a stream that the caller holds is numbered and folded."""
    return not Event.objects.filter(stream=stream, offset=None).exists()


def catch_up(stream: str) -> None:
    """Have it numbered and folded, as far as that can be done within two seconds; outside of transactions."""
    sequence.wake(stream)


def redact(subject: str) -> None:
    """Blank the data of every event of `subject` so far, on all streams; what comes after stays.

    The action has held the streams; those it forgot are held here, before their events are touched.
    """
    _blank(Event.objects.filter(subject=subject, data__isnull=False))


def redact_about(stream: str, number: int) -> None:
    """Blank the data of every event of `stream` so far whose data has this `id`, whatever its subject."""
    _blank(Event.objects.filter(stream=stream, data__id=number))


def _blank(events: QuerySet[Event]) -> None:
    streams = sorted(set(events.values_list("stream", flat=True)))
    hold(*streams)
    if streams and events.update(data=None):
        Stream.objects.filter(name__in=streams).update(redactions=F("redactions") + 1)
        for stream in streams:
            transaction.on_commit(partial(bell.ring, stream), robust=True)


def position(stream: str) -> Position:
    """Where `stream` stands now; read it before the rows that it shall go with."""
    here = head(stream)
    return Position(here.epoch, here.top)


def at_position(stream: str | Expression) -> dict[str, Expression]:
    """Annotations `live_epoch` and `live_top`: a row and its stream's position from one statement.

    For a stream that depends on the row give an expression over OuterRef, for example
    `Concat(Value("discussion."), Cast(OuterRef("pk"), CharField()))`.
    """
    name = Value(stream) if isinstance(stream, str) else stream
    top = Stream.objects.filter(name=name).values("top")[:1]
    return {
        "live_epoch": Coalesce(Subquery(Epoch.objects.values("value")[:1]), Value(""), output_field=CharField()),
        "live_top": Coalesce(Subquery(top), Value(0), output_field=BigIntegerField()),
    }


def rights_changed(user_id: int) -> None:
    """Have every process ask again what this person may hear; their sockets are cut and come back, or not."""
    with transaction.atomic():
        publish(Fact(CONTROL, "rights.changed", f"user.{user_id}", {"user": user_id}))


def stream_closed(stream: str) -> None:
    """Have every process ask again, for everybody on `stream`, whether they may still hear it."""
    with transaction.atomic():
        publish(Fact(CONTROL, "stream.closed", stream, {"stream": stream}))


def site_changed() -> None:
    """Have every process forget the pages that it keeps: something has changed that no other stream tells of."""
    with transaction.atomic():
        publish(Fact(SITE, "site.changed", SITE, {}))


def head(stream: str) -> Head:
    return heads([stream])[stream]


def heads(streams: Iterable[str]) -> dict[str, Head]:
    """How each of `streams` stands, from one statement for all of them; at most some hundred names."""
    names = list(streams)
    is_postgresql = connection.vendor == "postgresql"
    # Seen through a subquery, an array has no length that PostgreSQL would plan anew for each time.
    which = "= ANY((SELECT %s)::text[])" if is_postgresql else f"IN ({','.join(['%s'] * len(names)) or 'NULL'})"
    rows = planned_rows(_HEADS.format(which=which), [names] if is_postgresql else names)
    if not rows:
        ensure_epoch()
        return heads(names)
    epoch = rows[0][0]
    known = {name: Head(epoch, top, redactions) for _, name, top, redactions in rows if name}
    return {name: known.get(name, Head(epoch, 0, 0)) for name in names}


def read(stream: str, since: Position, limit: int = READ_LIMIT) -> Batch | None:
    """Up to `limit` events after `since`; None if it cannot be proven that none is missing: start anew.

    That is so for a foreign epoch, a position from the future and one before the oldest event still kept.
    """
    if not 0 <= since.offset < _LARGEST:
        return None
    upto = since.offset + limit
    rows = planned_rows(_READ, [stream, stream, since.offset, upto])  # every new event costs each process this much
    if not rows:
        ensure_epoch()
        return None  # nobody has a position in a log that is new
    here = Head(rows[0][0], rows[0][1] or 0, rows[0][2] or 0)
    if since.epoch != here.epoch or since.offset > here.top:
        return None
    events = [_encoded(*row[3:]) for row in rows if row[3] is not None]
    return Batch(here, events) if len(events) == min(here.top, upto) - since.offset else None


_LARGEST = 2**62
_HEADS = "SELECT live_epoch.value, name, top, redactions FROM live_epoch LEFT JOIN live_stream ON name {which}"
_READ = """
SELECT live_epoch.value, live_stream.top, live_stream.redactions,
       live_event."offset", live_event.kind, live_event.created_at, live_event.key, CAST(live_event.data AS text)
FROM live_epoch LEFT JOIN live_stream ON live_stream.name = %s
LEFT JOIN live_event ON live_event.stream = %s AND live_event."offset" > %s AND live_event."offset" <= %s
ORDER BY 4"""


def between(stream: str, after: int, upto: int) -> list[bytes]:
    """The events `after` < offset ≤ `upto`, each as encoded JSON, as far as they are still kept."""
    if upto <= after:
        return []
    rows = (
        Event.objects.filter(stream=stream, offset__gt=after, offset__lte=upto)
        .order_by("offset")
        .values_list("offset", "kind", "created_at", "key", Cast("data", TextField()))
    )
    return [_encoded(*row) for row in rows]


def _encoded(offset: int, kind: str, at: datetime | str, key: str | None, data: str | None) -> bytes:
    moment = sequence.moment(at)
    if data is None:
        return msgspec.json.encode(Entry(offset=offset, kind="void", at=moment, data=_NOTHING))
    raw = msgspec.Raw(data.encode())
    return msgspec.json.encode(Entry(offset=offset, kind=kind, at=moment, key=key or msgspec.UNSET, data=raw))


def ensure_epoch() -> str:
    """The log's epoch; a new one if there is none, as after a crash of the database."""
    Epoch.objects.bulk_create([Epoch()], ignore_conflicts=True)
    return Epoch.objects.values_list("value", flat=True).get()
