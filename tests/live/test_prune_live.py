from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

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
