from __future__ import annotations

import random
import threading
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import transaction

from newsroom.live import bell, listener, registry
from newsroom.live.figures import SLOW_CLOSES
from newsroom.live.hub import hub
from newsroom.live.listener import MAX_UNSENT, Listener
from newsroom.live.outbox import Fact, position, publish
from tests.support.services import wait_for

from .sockets import Site
from .test_numbering_in_company import left_behind, together
from .tools import STREAM, put, put_many


def test_readers_who_come_and_go_hear_each_event_once_in_order(site: Site):
    """Sockets are cut at random and resume, while events come one by one and in bursts."""
    total, epoch = 300, position(STREAM).epoch
    finished = threading.Event()

    def write() -> None:
        chance = random.Random(0)
        n = 0
        while n < total:
            burst = min(chance.choice((1, 1, 2, 7, 40)), total - n)
            put_many(n + 1, n + burst)
            n += burst
        finished.set()

    def read(seed: int) -> None:
        chance = random.Random(seed)
        heard: list[int] = []
        while len(heard) < total:
            with site.open(f"{STREAM}@{epoch}:{len(heard)}") as reader:
                assert reader.hear() == {"type": "subscribed", "stream": STREAM, "epoch": epoch, "offset": len(heard)}
                for _ in range(chance.randint(0, 5)):
                    if len(heard) == total:
                        break
                    frame = reader.hear()
                    assert frame["from"] == len(heard)
                    heard += [event["data"]["n"] for event in frame["events"]]
                    assert frame["upto"] == len(heard)
        assert heard == list(range(1, total + 1))

    together(write, *[lambda seed=seed: read(seed) for seed in range(8)])

    assert finished.is_set()


def test_what_a_killed_writer_left_reaches_the_readers_by_itself(site: Site):
    with site.open(STREAM) as reader:
        reader.hear()

        left_behind(1)

        assert reader.events(1) == [(1, 1)]


def test_an_event_whose_ring_was_lost_arrives_all_the_same(site: Site, monkeypatch):
    with site.open(STREAM) as reader:
        reader.hear()
        monkeypatch.setattr(bell, "ring", lambda stream: None)

        put(1)

        assert reader.events(1) == [(1, 1)]


def test_what_is_due_is_done_each_second_though_one_of_it_fails(
    transactional_db: None, settings: Any, monkeypatch, caplog
):
    done: list[str] = []
    monkeypatch.setattr(registry, "_deeds", {})
    registry.due("broken", lambda: 1 // 0)
    registry.due("works", lambda: done.append("x") or 1)

    with Site():
        wait_for(lambda: len(done) >= 2, what="two looks")

    assert "ZeroDivisionError" in caplog.text


def test_a_new_epoch_resets_everybody(site: Site):
    put(1)
    with site.open(STREAM) as reader:
        before = reader.hear()["epoch"]

        call_command("renew_epoch", stdout=StringIO())

        assert reader.hear() == {"type": "reset", "stream": STREAM}
        after = reader.ask(type="subscribe", stream=STREAM)
        assert after["epoch"] != before
        put(2)
        assert reader.events(1) == [(2, 2)]


def test_anonymous_sockets_cost_no_query_once_a_stream_is_followed(site: Site, monkeypatch):
    asked: list[str] = []
    registry.register("asked", may_read=lambda viewer, key: asked.append(key) is None)

    with site.open("asked.1") as first:
        assert first.hear()["type"] == "subscribed"
        with site.open("asked.1", Cookie="analytics=1") as second:
            assert second.hear()["type"] == "subscribed"

    assert asked == ["1"]


SIZE = 100_000  # so that what the sockets' own buffers hold is soon full


def big(n: int) -> None:
    with transaction.atomic():
        publish(Fact(STREAM, "thing.made", f"thing.{n}", {"n": n, "text": "x" * SIZE}))


def unsent(listener: Listener) -> int:
    """Bytes that wait for this peer in the process."""
    transport = getattr(listener.wire, "transport", None)
    return transport.get_write_buffer_size() if transport else 0


def is_anybody_slow() -> bool:
    return any(each.is_slow for each in hub.guests)


def test_a_slow_reader_delays_nobody_takes_no_memory_and_catches_up_without_a_gap(site: Site):
    with site.open(STREAM) as slow, site.open(STREAM) as quick:
        slow.hear(), quick.hear()
        for n in range(1, 201):
            big(n)
            assert quick.events(1) == [(n, n)]
            assert all(unsent(each) <= MAX_UNSENT + 2 * SIZE for each in hub.guests)
        assert is_anybody_slow()

        assert slow.events(200) == [(n, n) for n in range(1, 201)]

        wait_for(lambda: not is_anybody_slow(), what="catching up")
        put(201)
        assert slow.events(1) == quick.events(1) == [(201, 201)]


def test_who_does_not_read_at_all_is_closed_as_too_slow(site: Site, monkeypatch):
    monkeypatch.setattr(listener, "PATIENCE_SECONDS", 1.0)
    with site.open(STREAM) as slow, site.open(STREAM) as quick:
        slow.hear(), quick.hear()
        given_up = SLOW_CLOSES.value
        for n in range(1, 201):
            big(n)
            assert quick.events(1) == [(n, n)]
        wait_for(lambda: SLOW_CLOSES.value > given_up, what="giving up")

        assert slow.closing() == 4008
        put(201)
        assert quick.events(1) == [(201, 201)]


def test_a_slow_reader_who_is_too_far_behind_starts_anew(site: Site):
    with site.open(STREAM) as slow, site.open(STREAM) as quick:
        slow.hear(), quick.hear()
        for n in range(1, 201):
            big(n)
            assert quick.events(1) == [(n, n)]
        for first in (201, 801):  # who hears them all shows that the hub has read them before the slow one goes on
            put_many(first, first + 599)
            quick.events(600)
        assert is_anybody_slow()

        frames = [slow.hear()]
        while frames[-1]["type"] == "events":
            frames.append(slow.hear())

        assert frames[-1] == {"type": "reset", "stream": STREAM}
        offsets = [event["offset"] for frame in frames[:-1] for event in frame["events"]]
        assert offsets == list(range(1, len(offsets) + 1))
