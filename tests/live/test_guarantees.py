"""What the bus promises, over every way to follow it: sockets served in two ways, server-sent events, plain HTTP."""

from __future__ import annotations

import random
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from newsroom.live import registry
from newsroom.live.log import bell
from newsroom.live.models import Event
from newsroom.live.outbox import hold, position, redact, rights_changed, stream_closed

from .sockets import Site
from .test_numbering_in_company import left_behind, together
from .tools import STREAM, put, put_many
from .transports import TRANSPORTS, Ended, OverHttp, Way


@pytest.fixture(params=TRANSPORTS)
def way(request: pytest.FixtureRequest, transactional_db: None, settings: Any) -> Iterator[Way]:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "http://news.example", ["testserver"]
    with Site(**TRANSPORTS[request.param][1]) as site:
        yield Way(request.param, site)


def test_a_reader_hears_what_happens_from_now_on(way: Way):
    put(1)

    with way.follow(STREAM) as reader:
        subscribed = {"type": "subscribed", "stream": STREAM, "epoch": position(STREAM).epoch, "offset": 1}
        assert reader.frame() == subscribed
        put(2)
        assert reader.events(1) == [(2, "thing.made", 2)]
        put_many(3, 5)
        assert reader.offsets(3) == [3, 4, 5]


def test_an_event_has_the_shape_that_was_promised(way: Way):
    with way.follow(STREAM) as reader:
        reader.frame()
        put(5)
        frame = reader.frame()

    assert frame["events"][0].pop("at").endswith("Z")
    assert frame == {
        "type": "events",
        "stream": STREAM,
        "epoch": position(STREAM).epoch,
        "from": 0,
        "upto": 1,
        "events": [{"offset": 1, "kind": "thing.made", "data": {"n": 5}}],
    }


def test_who_comes_back_gets_what_was_missed_once_and_in_order(way: Way):
    put_many(1, 250)

    with way.follow(f"{STREAM}@{position(STREAM).epoch}:7") as reader:
        assert reader.frame()["offset"] == 7
        assert reader.offsets(243) == list(range(8, 251))
        put(251)
        assert reader.offsets(1) == [251]


def test_several_streams_are_followed_at_once_each_in_its_order(way: Way):
    put_many(1, 3)
    put_many(1, 2, stream="test.2")
    epoch = position(STREAM).epoch

    with way.follow(f"{STREAM}@{epoch}:1,test.2@{epoch}:0") as reader:
        frames = [reader.frame() for _ in range(4)]
        put(4)
        frames.append(reader.frame())

    assert [each["stream"] for each in frames if each["type"] == "subscribed"] == [STREAM, "test.2"]
    heard = [(each["stream"], each["from"], each["upto"]) for each in frames if each["type"] == "events"]
    assert sorted(heard) == [(STREAM, 1, 3), (STREAM, 3, 4), ("test.2", 0, 2)]


@pytest.mark.parametrize("place", ["@x:1", "@:1", "@x", "@{epoch}:9", "@{epoch}:-1", "@{epoch}:z", "@{epoch}:1"])
def test_what_cannot_be_continued_is_a_reset_and_what_can_is_not(way: Way, place: str):
    put_many(1, 3)
    Event.objects.filter(stream=STREAM, offset__lte=2).delete()  # pruned
    epoch = position(STREAM).epoch

    with way.follow(STREAM + place.format(epoch=epoch)) as reader:
        assert reader.frame() == {"type": "reset", "stream": STREAM}
    with way.follow(f"{STREAM}@{epoch}:2") as reader:
        assert reader.frame()["type"] == "subscribed"
        assert reader.offsets(1) == [3]


@pytest.mark.parametrize("stream", ["nothing.1", "test.secret", "private.1", "live"])
def test_unknown_and_forbidden_streams_are_answered_alike(way: Way, stream: str):
    with way.follow(stream) as reader:
        answer = reader.frame()
    assert (answer["type"], answer["code"], answer["stream"]) == ("error", "unknown_stream", stream)


def test_private_streams_are_for_who_may_read_them(way: Way, alice, bob):
    mine = f"private.{alice.pk}"

    with way.follow(mine, alice) as hers, way.follow(mine, bob) as his:
        assert hers.frame()["type"] == "subscribed"
        assert his.frame()["code"] == "unknown_stream"


def test_text_that_was_taken_down_is_void(way: Way):
    with way.follow(STREAM) as reader:
        reader.frame()
        put(1, subject="thing.bad")
        put(2)
        assert reader.offsets(2) == [1, 2]  # they are kept now
        with transaction.atomic():
            hold(STREAM)
            redact("thing.bad")
            put(3, kind="thing.removed", subject="thing.bad")
        assert reader.events(1) == [(3, "thing.removed", 3)]

    with way.follow(f"{STREAM}@{position(STREAM).epoch}:0") as late:
        late.frame()
        assert late.events(3) == [(1, "void", None), (2, "thing.made", 2), (3, "thing.removed", 3)]


def test_a_new_epoch_resets_everybody(way: Way):
    put(1)
    with way.follow(STREAM) as reader:
        reader.frame()

        call_command("renew_epoch", stdout=StringIO())

        assert reader.frame() == {"type": "reset", "stream": STREAM}


def test_what_a_killed_writer_left_and_whose_ring_was_lost_arrives_all_the_same(way: Way, monkeypatch):
    with way.follow(STREAM) as reader:
        reader.frame()

        left_behind(1)

        assert reader.offsets(1) == [1]
        monkeypatch.setattr(bell, "ring", lambda stream: None)
        put(2)
        assert reader.offsets(1) == [2]


def test_whose_rights_change_is_cut_and_comes_back_only_where_allowed(way: Way, alice):
    mine = f"private.{alice.pk}"
    with way.follow(mine, alice) as reader:
        assert reader.frame()["type"] == "subscribed"
        alice.is_active = False
        alice.save()

        rights_changed(alice.pk)

        if isinstance(reader, OverHttp):
            assert reader.frame()["code"] == "unknown_stream"
        with pytest.raises(Ended):
            reader.frame()


def test_readers_who_come_and_go_hear_each_event_once_in_order(way: Way):
    """They are cut at random and resume, while events come one by one and in bursts, some of them taken down."""
    total, epoch = 150, position(STREAM).epoch

    def write() -> None:
        chance = random.Random(0)
        n = 0
        while n < total:
            burst = min(chance.choice((1, 1, 2, 7, 40)), total - n)
            put_many(n + 1, n + burst)
            n += burst

    def read(seed: int) -> None:
        chance = random.Random(seed)
        heard: list[int] = []
        while len(heard) < total:
            with way.follow(f"{STREAM}@{epoch}:{len(heard)}") as reader:
                assert reader.frame() == {"type": "subscribed", "stream": STREAM, "epoch": epoch, "offset": len(heard)}
                for _ in range(chance.randint(0, 5)):
                    if len(heard) == total:
                        break
                    frame = reader.frame()
                    assert frame["from"] == len(heard)
                    heard += [event["data"]["n"] for event in frame["events"]]
                    assert frame["upto"] == len(heard)
        assert heard == list(range(1, total + 1))

    together(write, *[lambda seed=seed: read(seed) for seed in range(4)])


def test_who_cannot_be_told_whether_they_may_is_sent_away_and_not_left_waiting(way: Way):
    broken: list[bool] = [True]

    def may_read(viewer: object, key: str) -> bool:
        if broken:
            raise RuntimeError
        return True

    registry.register("broken", may_read=may_read)
    if way.kind is not OverHttp:
        with way.follow("broken.1") as reader, pytest.raises(Ended):
            reader.frame()
    broken.clear()
    with way.follow("broken.1") as reader:
        assert reader.frame()["type"] == "subscribed"


def test_a_stream_that_nobody_may_read_any_more_ends(way: Way, monkeypatch):
    open_to: list[bool] = [True]
    registry.register("door", may_read=lambda viewer, key: bool(open_to))
    with way.follow("door.1") as reader:
        assert reader.frame()["type"] == "subscribed"
        open_to.clear()
        stream_closed("door.1")

        told = reader.frame()
        assert (told["type"], told["code"]) in {("unsubscribed", "forbidden"), ("error", "unknown_stream")}
        with pytest.raises(Ended):
            reader.frame()
