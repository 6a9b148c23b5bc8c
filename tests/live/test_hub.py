from __future__ import annotations

import random
import threading
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import time_machine
from django.core.management import call_command
from django.db import transaction
from django.db.backends.signals import connection_created
from django.utils import timezone

from accounts import actions as accounts
from articles import actions as articles
from comments import actions as comments
from newsroom.live import registry
from newsroom.live.hub import hub as hub_module
from newsroom.live.hub import listener
from newsroom.live.hub.hub import hub
from newsroom.live.hub.listener import MAX_UNSENT, Listener
from newsroom.live.hub.pools import Duties
from newsroom.live.hub.room import Room
from newsroom.live.log import bell
from newsroom.live.log.numbering import sweep
from newsroom.live.outbox import Fact, position, publish
from newsroom.models import Limit
from tests.support.services import wait_for

from .sockets import Site
from .test_numbering_in_company import left_behind, together
from .tools import STREAM, counted, put, put_many

SLOW_CLOSES = "newsroom_live_slow_closes_total"


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
    monkeypatch.setattr(registry, "_steps", {})
    registry.due("broken", lambda: 1 // 0, lambda now: Limit.objects.filter(pk="waiting"))
    registry.due("works", lambda: done.append("x") or 1, lambda now: Limit.objects.filter(pk="waiting"))
    registry.due("rests", lambda: done.append("never") or 1, lambda now: Limit.objects.exclude(pk="waiting"))

    registry.at_start("step", lambda: done.append("step") or int(done.count("step") < 3))
    Limit.objects.create(key="waiting", until=0)

    with Site():
        wait_for(lambda: done.count("x") >= 5, what="five looks")

    assert (done.count("step"), done.count("never")) == (3, 0)
    assert "ZeroDivisionError" in caplog.text


def test_what_another_process_makes_due_is_done(transactional_db: None, monkeypatch):
    done: list[str] = []
    looks: list[str] = []
    monkeypatch.setattr(registry, "_deeds", {})
    monkeypatch.setattr(registry, "_steps", {})
    registry.due("later", lambda: done.append("x") or 1, lambda now: Limit.objects.filter(pk="waiting"))
    registry.at_start("look", lambda: looks.append("x") or 1)

    with Site():
        wait_for(lambda: len(looks) > 2, what="looks")
        assert done == []
        Limit.objects.create(key="waiting", until=0)
        wait_for(lambda: bool(done), what="a later look")


def test_a_second_without_anything_to_do_costs_two_statements(transactional_db: None, monkeypatch):
    asked: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(
            "due" if sql.startswith("SELECT EXISTS") else "heads" if "top, redactions FROM live_epoch" in sql else sql
        )
        return execute(sql, *rest)

    def watch(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(note)

    monkeypatch.setattr(hub_module, "LOOK_SECONDS", 0.05)
    connection_created.connect(watch)
    try:
        with Site():
            wait_for(lambda: asked.count("due") >= 20, what="looks")
    finally:
        connection_created.disconnect(watch)

    first, last = (
        place for place, each in enumerate(asked) if each == "due" and asked[:place].count("due") in (10, 19)
    )
    assert set(asked[first:last]) == {"due", "heads"}


def test_the_look_finds_what_each_app_has_due_when_its_time_has_come_and_not_before(
    transactional_db: None, section, ticker, discussion, eddy, mo, alice, bob, settings: Any
):
    settings.SLOW_MODE_RATE = "2/m"
    now = timezone.now()
    soon = now + timedelta(minutes=1)
    draft = articles.draft_article(actor=eddy, section=section, headline="Später")

    with time_machine.travel(now, tick=False) as clock:
        duties = Duties()
        duties.do(duties.look()[1])
        duties.do(duties.look()[1])  # nothing is left to do at the start

        def due() -> list[str]:
            is_left, names = duties.look()
            assert not is_left
            return names

        clock.shift(timedelta(seconds=1))
        duties.do(due())
        assert due() == []

        articles.schedule_article(draft.pk, actor=eddy, publish_at=soon)
        articles.publish_item(ticker, actor=eddy, headline="Gleich", publish_at=soon)
        accounts.impose_sanction(bob.pk, actor=mo, scope="comment", until=soon, reason="spam")
        comments.close_discussion(discussion.pk, actor=mo, until=soon)
        clock.shift(timedelta(seconds=58))
        duties.do(due())
        assert due() == []
        clock.shift(timedelta(seconds=1))
        assert set(due()) == {"articles", "items", "sanctions", "discussions.turn"}
        duties.do(due())

        clock.shift(timedelta(seconds=1))
        assert set(due()) == {"discussions.activity"}  # its thread begins
        duties.do(due())
        assert due() == []

        clock.shift(timedelta(seconds=1))
        for n in range(3):
            comments.post(discussion.pk, author=alice, text=f"Nein, {n}", key=uuid4())
        assert set(due()) == {"discussions.activity", "discussions.pace"}
        duties.do(due())
        clock.shift(timedelta(hours=48))
        assert due() == ["discussions.pace"]  # slow mode is to end; that it began was told with the rest
        duties.do(due())
        clock.shift(timedelta(seconds=1))
        assert set(due()) == {"discussions.activity", "comments.keys"}
        duties.do(due())
        assert due() == []


def test_an_event_without_a_number_is_found_by_the_look(transactional_db: None):
    duties = Duties()
    assert not duties.look()[0]

    left_behind(1)

    assert duties.look()[0]
    sweep()
    assert not duties.look()[0]


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


def test_a_position_in_a_new_epoch_that_this_process_has_not_seen_yet_is_taken(site: Site, monkeypatch):
    put(1)
    with site.open(STREAM) as reader:
        old = reader.hear()["epoch"]
        monkeypatch.setattr(bell, "ring", lambda stream: None)
        monkeypatch.setattr(Room, "is_behind", lambda room, head: False)  # no look finds it out
        call_command("renew_epoch", stdout=StringIO())
        new = position(STREAM)
        assert new.epoch != old

        taken = reader.ask(type="subscribe", stream=STREAM, epoch=new.epoch, offset=new.offset)
        assert taken == {"type": "subscribed", "stream": STREAM, "epoch": new.epoch, "offset": new.offset}
        refused = reader.ask(type="subscribe", stream=STREAM, epoch=old, offset=1)
        assert refused == {"type": "reset", "stream": STREAM}


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
        given_up = counted(SLOW_CLOSES)
        for n in range(1, 201):
            big(n)
            assert quick.events(1) == [(n, n)]
        wait_for(lambda: counted(SLOW_CLOSES) > given_up, what="giving up")

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
