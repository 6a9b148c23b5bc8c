from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from newsroom.live.log.pruning import BATCH
from newsroom.live.log.pruning import prune as prune_until
from newsroom.live.models import Event, Stream
from newsroom.live.outbox import Position, position, read

from .tools import STREAM, events, put, put_many

pytestmark = pytest.mark.django_db(transaction=True)


def prune(*arguments: str) -> str:
    out = StringIO()
    call_command("prune_live", *arguments, stdout=out)
    return out.getvalue()


def test_old_events_are_forgotten_as_a_prefix_and_positions_before_them_are_lost():
    put_many(1, 5)
    put_many(1, 2, "test.2")
    long_ago = timezone.now() - timedelta(hours=49)
    Event.objects.filter(stream=STREAM, offset__in=[1, 2, 4]).update(created_at=long_ago)  # 4 is behind a younger one
    Event.objects.filter(stream="test.2").update(created_at=long_ago)

    assert prune() == "4 events forgotten.\n"

    epoch = position(STREAM).epoch
    assert read(STREAM, Position(epoch, 1)) is None
    assert [each["offset"] for each in events(Position(epoch, 2))] == [3, 4, 5]
    assert position("test.2").offset == 2
    assert Stream.objects.filter(pk="test.2").exists()
    put(3, stream="test.2")
    assert [each["offset"] for each in events(Position(epoch, 2), "test.2")] == [3]


def test_how_much_is_kept_can_be_said():
    put(1)

    assert prune("--hours", "1") == "0 events forgotten.\n"
    assert prune("--hours", "0") == "1 events forgotten.\n"
    with pytest.raises(CommandError):
        prune("--hours", "-1")


def test_streams_on_which_nothing_is_old_cost_no_statement_however_many_they_are():
    put(1)
    Stream.objects.bulk_create([Stream(name=f"test.{n}", top=1) for n in range(2, 20_002)], batch_size=1000)

    with CaptureQueriesContext(connection) as asked:
        assert prune_until(48) == 0

    assert len(asked) == 1
    assert Event.objects.count() == 1


def test_it_can_be_stopped_between_two_batches_and_goes_on_later():
    long_ago = timezone.now() - timedelta(hours=49)
    rows = [Event(stream=f"test.{n % 2}", offset=n // 2 + 1, kind="x", created_at=long_ago) for n in range(BATCH + 10)]
    Event.objects.bulk_create(rows, batch_size=1000)
    asked = iter([False, True])

    assert prune_until(48, lambda: next(asked)) == BATCH

    assert sorted(Event.objects.values_list("stream", "offset"))[:2] == [
        ("test.0", BATCH // 2 + 1),
        ("test.0", BATCH // 2 + 2),
    ]
    assert prune() == "10 events forgotten.\n"


def test_a_batch_that_begins_behind_an_event_still_kept_leaves_no_hole():
    """The fourth event was written long before the first three, so it is in a batch of its own."""
    long_ago = timezone.now() - timedelta(hours=49)
    others = [Event(stream="test.2", offset=n, kind="x", created_at=long_ago) for n in range(1, BATCH)]
    mine = [Event(stream=STREAM, offset=n, kind="x", created_at=long_ago) for n in (1, 2, 3)]
    young = Event(stream=STREAM, offset=5, kind="x", created_at=timezone.now())
    fourth = Event(stream=STREAM, offset=4, kind="x", created_at=long_ago)
    Event.objects.bulk_create([fourth, *others, *mine, young], batch_size=1000)

    assert prune() == f"{BATCH + 2} events forgotten.\n"
    assert sorted(Event.objects.values_list("offset", flat=True)) == [4, 5]

    assert prune() == "1 events forgotten.\n"
    assert list(Event.objects.values_list("offset", flat=True)) == [5]


def test_events_of_one_stream_that_were_written_in_another_order_go_as_a_prefix():
    """Numbers follow the commits; a batch may hold the fourth event and not the third."""
    long_ago = timezone.now() - timedelta(hours=49)
    young = timezone.now()
    places = [(4, long_ago), (1, long_ago), (5, young), (2, long_ago), (6, long_ago), (3, long_ago)]
    Event.objects.bulk_create(Event(stream=STREAM, offset=n, kind="x", created_at=at) for n, at in places)

    assert prune() == "4 events forgotten.\n"

    assert sorted(Event.objects.values_list("offset", flat=True)) == [5, 6]
