from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import CharField, OuterRef, Value
from django.db.models.functions import Cast, Concat

from accounts.models import User
from newsroom.live.models import Epoch, Event, Stream
from newsroom.live.outbox import Fact, Position, at_position, hold, position, publish, read, redact

from .tools import STREAM, events, put

pytestmark = pytest.mark.django_db(transaction=True)


def test_publishing_needs_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        publish(Fact(STREAM, "thing.made", "thing.1", {}))

    put()

    assert position(STREAM).offset == 1


def test_events_are_numbered_from_one_without_gaps_though_some_roll_back():
    start = position(STREAM)

    for n in range(6):
        with transaction.atomic():
            put(n)
            transaction.set_rollback(n % 3 == 1)

    assert start.offset == 0
    assert [(each["offset"], each["data"]["n"]) for each in events(start)] == [(1, 0), (2, 2), (3, 3), (4, 5)]
    assert position(STREAM).offset == 4


def test_two_publications_of_one_transaction_are_numbered_in_their_order():
    start = position(STREAM)

    with transaction.atomic():
        put(1)
        publish(Fact(STREAM, "thing.made", "thing.2", {"n": 2}), Fact("test.2", "thing.made", "thing.3", {"n": 3}))

    assert [each["data"]["n"] for each in events(start)] == [1, 2]
    assert position("test.2").offset == 1


def test_the_fold_completes_the_data_of_numbered_events():
    start = position(STREAM)

    put(7, kind="thing.counted")

    assert events(start)[0]["data"] == {"n": 7, "order": 10}


def test_the_key_of_the_writer_is_echoed():
    start = position(STREAM)

    with transaction.atomic():
        publish(Fact(STREAM, "thing.made", "thing.1", {}, key="k-1"))
    put()

    assert [each.get("key") for each in events(start)] == ["k-1", None]


def test_redacted_events_are_void_and_keep_their_place():
    start = position(STREAM)
    put(1, subject="thing.1")
    put(2, subject="thing.2")
    put(3, stream="test.2", subject="thing.1")
    other = Position(start.epoch, 0)

    with transaction.atomic():
        hold(STREAM, "test.2")
        redact("thing.1")
        publish(Fact(STREAM, "thing.removed", "thing.1", {"state": "removed"}))

    assert [(e["offset"], e["kind"], e["data"]) for e in events(start)] == [
        (1, "void", {}),
        (2, "thing.made", {"n": 2}),
        (3, "thing.removed", {"state": "removed"}),
    ]
    assert [e["kind"] for e in events(other, "test.2")] == ["void"]
    assert Event.objects.get(stream=STREAM, offset=1).kind == "thing.made"  # the fold counts by it


def test_a_redaction_that_rolls_back_leaves_the_text():
    put(1, subject="thing.1")

    with pytest.raises(KeyError), transaction.atomic():  # noqa: PT012
        redact("thing.1")
        raise KeyError

    assert events(Position(position(STREAM).epoch, 0))[0]["data"] == {"n": 1}


@pytest.mark.parametrize("offset", [-1, 3, 10**18])
def test_a_position_that_cannot_be_continued_is_no_batch(offset):
    put(1)
    put(2)
    here = position(STREAM)

    assert read(STREAM, Position(here.epoch, offset)) is None
    assert read(STREAM, Position("foreign", 1)) is None
    assert read(STREAM, Position(here.epoch, 1)) is not None


def test_a_pruned_log_is_read_from_the_first_kept_event_on():
    for n in range(4):
        put(n)
    epoch = position(STREAM).epoch
    Event.objects.filter(stream=STREAM, offset__lte=2).delete()

    assert read(STREAM, Position(epoch, 1)) is None
    assert len(events(Position(epoch, 2))) == 2
    assert events(Position(epoch, 4)) == []


def test_reading_a_position_writes_nothing_and_a_stream_without_row_stands_at_zero(django_assert_num_queries):
    with django_assert_num_queries(1):
        here = position("test.nobody")

    assert here.offset == 0
    assert not Stream.objects.filter(pk="test.nobody").exists()


def test_a_row_and_its_position_come_from_one_statement(alice, django_assert_num_queries):
    put(stream=f"test.{alice.pk}")
    put(stream=f"test.{alice.pk}")
    stream = Concat(Value("test."), Cast(OuterRef("pk"), CharField()))

    with django_assert_num_queries(1):
        row = User.objects.annotate(**at_position(stream)).get()

    assert (row.live_epoch, row.live_top) == (position("test.x").epoch, 2)
    fixed = User.objects.annotate(**at_position("test.nobody")).get()
    assert fixed.live_top == 0


def test_the_epoch_renews_itself_when_its_row_is_lost():
    put(1)
    before = position(STREAM)
    Epoch.objects.all().delete()

    after = position(STREAM)

    assert after.epoch not in ("", before.epoch)
    assert after.offset == 1
    assert read(STREAM, before) is None
