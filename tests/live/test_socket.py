from __future__ import annotations

import threading
import uuid
from contextlib import suppress

import pytest
from django.db import transaction
from websockets.exceptions import ConnectionClosed, InvalidStatus

from newsroom.errors import Forbidden
from newsroom.live import registry
from newsroom.live.hub.hub import hub
from newsroom.live.models import Event
from newsroom.live.outbox import hold, position, redact, rights_changed, stream_closed
from tests.support.services import wait_for

from .sockets import Site
from .tools import STREAM, put, put_many


def test_a_reader_hears_what_happens_from_now_on(site: Site):
    put(1)

    with site.open(STREAM) as reader:
        assert reader.hear() == {
            "type": "subscribed",
            "stream": STREAM,
            "epoch": position(STREAM).epoch,
            "offset": 1,
        }
        put(2)
        put(3)

        assert reader.events(2) == [(2, 2), (3, 3)]


def test_an_event_has_the_shape_that_was_promised(site: Site):
    with site.open() as reader:
        reader.ask(type="subscribe", stream=STREAM)
        put(5)

        frame = reader.hear()

    at = frame["events"][0].pop("at")
    assert at.endswith("Z")
    assert frame == {
        "type": "events",
        "stream": STREAM,
        "epoch": position(STREAM).epoch,
        "from": 0,
        "upto": 1,
        "events": [{"offset": 1, "kind": "thing.made", "data": {"n": 5}}],
    }


def test_who_comes_back_gets_what_was_missed_once_and_in_order(site: Site):
    put_many(1, 250)
    epoch = position(STREAM).epoch

    with site.open(f"{STREAM}@{epoch}:7") as reader:
        assert reader.hear()["offset"] == 7
        assert reader.events(243) == [(n, n) for n in range(8, 251)]
        put(251)
        assert reader.events(1) == [(251, 251)]


@pytest.mark.parametrize(
    "position_of",
    [
        lambda epoch: ("foreign", 2),
        lambda epoch: (epoch, 99),
        lambda epoch: (epoch, -1),
        lambda epoch: (epoch, "2"),
        lambda epoch: (epoch, True),
        lambda epoch: (epoch, None),
        lambda epoch: (None, 2),
        lambda epoch: ([], {}),
        lambda epoch: (epoch, 10**30),
        lambda epoch: (epoch, 1.5),
    ],
)
def test_a_position_that_cannot_be_continued_is_answered_reset(site: Site, position_of):
    put(1)
    put(2)
    epoch, offset = position_of(position(STREAM).epoch)

    with site.open() as reader:
        assert reader.ask(type="subscribe", stream=STREAM, epoch=epoch, offset=offset) == {
            "type": "reset",
            "stream": STREAM,
        }
        reader.ask(type="subscribe", stream="test.2")
        put(3)
        put(4, stream="test.2")
        assert reader.hear()["stream"] == "test.2"  # and nothing of the other


@pytest.mark.parametrize("junk", ["@", "@x", "@x:", "@:5", "@x:y", "@x:-3", "@x:9" + "9" * 30])
def test_junk_positions_in_the_url_are_answered_reset(site: Site, junk):
    with site.open(STREAM + junk) as reader:
        assert reader.hear() == {"type": "reset", "stream": STREAM}


def test_more_than_a_thousand_behind_is_a_reset_and_a_thousand_is_not(site: Site):
    put_many(1, 1001)
    epoch = position(STREAM).epoch

    with site.open() as reader:
        assert reader.ask(type="subscribe", stream=STREAM, epoch=epoch, offset=0)["type"] == "reset"
        assert reader.ask(type="subscribe", stream=STREAM, epoch=epoch, offset=1)["type"] == "subscribed"
        assert reader.events(1000) == [(n, n) for n in range(2, 1002)]


def test_before_the_first_kept_event_is_a_reset(site: Site):
    for n in range(1, 6):
        put(n)
    Event.objects.filter(stream=STREAM, offset__lte=3).delete()
    epoch = position(STREAM).epoch

    with site.open() as reader:
        assert reader.ask(type="subscribe", stream=STREAM, epoch=epoch, offset=2)["type"] == "reset"
        assert reader.ask(type="subscribe", stream=STREAM, epoch=epoch, offset=3)["type"] == "subscribed"
        assert reader.events(2) == [(4, 4), (5, 5)]


def test_a_page_that_is_ahead_of_the_hub_is_no_page_from_the_future(site: Site):
    with site.open(STREAM) as other, site.open() as reader:
        other.hear()
        put(1)
        here = position(STREAM)

        assert reader.ask(type="subscribe", stream=STREAM, epoch=here.epoch, offset=1)["type"] == "subscribed"


def test_a_second_subscription_replaces_the_first(site: Site):
    put(1)
    epoch = position(STREAM).epoch
    with site.open(STREAM) as reader:
        assert reader.hear()["offset"] == 1
        assert reader.ask(type="subscribe", stream=STREAM, epoch=epoch, offset=0)["offset"] == 0
        assert reader.events(1) == [(1, 1)]
        put(2)
        assert reader.events(1) == [(2, 2)]


def test_after_unsubscribing_there_is_silence(site: Site):
    with site.open(f"{STREAM},test.2") as reader:
        reader.hear(), reader.hear()
        assert reader.ask(type="unsubscribe", stream=STREAM) == {"type": "unsubscribed", "stream": STREAM}
        put(1)
        put(2, stream="test.2")
        assert reader.hear()["stream"] == "test.2"


@pytest.mark.parametrize(
    "stream", ["nothing.1", "test.secret", "private.1", "live", "", "test.", "test.1 ", "test.ü", "a" * 200, "test.\0"]
)
def test_unknown_and_forbidden_streams_are_answered_alike(site: Site, stream):
    with site.open() as reader:
        answer = reader.ask(type="subscribe", stream=stream)
        assert (answer["type"], answer["code"], answer["stream"]) == ("error", "unknown_stream", stream[:100])
        assert reader.ask(type="subscribe", stream=STREAM)["type"] == "subscribed"


def test_private_streams_are_for_who_may_read_them(site: Site, alice, bob):
    with site.open_as(alice) as hers, site.open_as(bob) as his:
        assert hers.ask(type="subscribe", stream=f"private.{alice.pk}")["type"] == "subscribed"
        assert his.ask(type="subscribe", stream=f"private.{alice.pk}")["code"] == "unknown_stream"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "7",
        "null",
        "{}",
        '{"type":7}',
        '{"type":"dance"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","stream":7}',
        '{"type":"unsubscribe","stream":null}',
        '{"type":"unsubscribe","stream":"test.1","really":true}',
        '{"type":"subscribe","stream":"test.1","ofset":7}',
        '{"type":"comment","type":"subscribe"',
        '{"type":"subscribe","stream":"\\ud800"}',
        "[" * 60_000,
        '{"type":"subscribe","stream":"test.1","epoch":' + "[" * 20_000 + "]" * 20_000 + "}",
    ],
)
def test_malformed_frames_are_answered_and_the_socket_stays(site: Site, text):
    with site.open() as reader:
        reader.socket.send(text)
        answer = reader.hear()
        assert (answer["type"], answer["code"]) == ("error", "malformed")
        assert reader.ask(type="subscribe", stream=STREAM)["type"] == "subscribed"


def test_bad_frames_close_their_socket_and_no_other(site: Site):
    with site.open(STREAM) as other:
        other.hear()
        for code, send in {
            1003: lambda socket: socket.send(b"\x00\x01"),
            1009: lambda socket: socket.send("[" * 100_000),
            1007: lambda socket: socket.send(b"\xff\xfe", text=True),
        }.items():
            with site.open() as reader:
                send(reader.socket)
                assert reader.closing() == code
        put(1)
        assert other.events(1) == [(1, 1)]


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://news.example.evil.example",
        "http://evilnews.example",
        "https://news.example",
        "http://news.example:8080",
        "http://news.example@evil.example",
        "http://news.example/path",
        "file://",
        "news.example",
        "http://news.example:x",
        "http://news.example:0",
    ],
)
def test_pages_of_others_are_refused_before_the_upgrade(site: Site, origin):
    with pytest.raises(InvalidStatus) as refused:
        site.open(STREAM, Origin=origin)

    assert refused.value.response.status_code == 403
    with site.open(STREAM, Origin="http://NEWS.example:80") as reader:
        assert reader.hear()["type"] == "subscribed"


@pytest.mark.parametrize("site", ["direct"], indirect=True)
def test_strangers_who_are_refused_write_no_errors_into_the_log(site: Site, caplog):
    with pytest.raises(InvalidStatus):
        site.open(STREAM, Origin="http://evil.example")

    with site.open() as reader:  # later than what the server would have said of the other
        assert reader.ask(type="subscribe", stream=STREAM)["type"] == "subscribed"
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_without_origin_only_who_brings_no_cookie(site: Site, alice):
    with pytest.raises(InvalidStatus) as refused:
        site.open_as(alice, STREAM, Origin="")

    assert refused.value.response.status_code == 403
    with site.open(STREAM, Origin="") as program:
        assert program.hear()["type"] == "subscribed"


def test_listed_origins_are_trusted_and_any_only_as_anonymous(site: Site, settings, alice):
    settings.LIVE_ORIGINS = ["https://partner.example", "*"]
    mine = f"private.{alice.pk}"

    with site.open_as(alice, mine, Origin="https://partner.example") as reader:
        assert reader.hear()["type"] == "subscribed"
    with site.open_as(alice, f"{mine},{STREAM}", Origin="https://other.example") as reader:
        assert reader.hear()["code"] == "unknown_stream"
        assert reader.hear()["type"] == "subscribed"


def test_no_compression_is_negotiated(site: Site):
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{site.port}/live/", compression="deflate", proxy=None) as program:
        assert "Sec-WebSocket-Extensions" in program.request.headers
        assert "Sec-WebSocket-Extensions" not in program.response.headers


def test_only_live_is_a_socket(site: Site):
    from websockets.sync.client import connect

    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{site.port}/other/", origin="http://news.example", proxy=None)

    assert refused.value.response.status_code == 403


def test_programs_are_recognised_by_what_apps_registered(site: Site, monkeypatch, alice):
    def by_token(request):
        match request.headers.get("Authorization"):
            case None:
                return None
            case "Bearer right":
                return alice
        raise Forbidden("No.")

    monkeypatch.setattr(registry, "_authenticators", [by_token])

    with site.open(f"private.{alice.pk}", Origin="", Authorization="Bearer right") as program:
        assert program.hear()["type"] == "subscribed"
    with pytest.raises(InvalidStatus) as refused:
        site.open(STREAM, Origin="", Authorization="Bearer wrong")
    assert refused.value.response.status_code == 403


def test_a_session_token_of_allauth_is_recognised(site: Site, alice):
    from .sockets import session_of

    with site.open(f"private.{alice.pk}", Origin="", X_Session_Token=session_of(alice)) as program:
        assert program.hear()["type"] == "subscribed"
    with pytest.raises(InvalidStatus):
        site.open(STREAM, Origin="", X_Session_Token="guessed")


def test_a_command_is_answered_by_its_app(site: Site, monkeypatch, alice):
    monkeypatch.setattr(registry, "_commands", {})

    def greet(user, message, client_ip):
        if not user.is_authenticated:
            raise Forbidden("Log in first.", reason="unknown")
        return {"type": "greeted", "key": message["key"], "name": user.name, "ip": client_ip}

    registry.command("greet", greet)
    key = str(uuid.uuid4())

    with site.open_as(alice) as hers, site.open() as anybody:
        assert hers.ask(type="greet", key=key) == {"type": "greeted", "key": key, "name": "Alice", "ip": "127.0.0.1"}
        refused = {"type": "refused", "key": key, "code": "forbidden", "detail": "Log in first.", "reason": "unknown"}
        assert anybody.ask(type="greet", key=key) == refused


def test_a_key_gives_only_the_commands_of_its_scopes(site: Site, monkeypatch, alice):
    scopes = {"Bearer writes": ["read", "greet"], "Bearer reads": ["read"]}
    monkeypatch.setattr(registry, "_commands", {})
    monkeypatch.setattr(
        registry, "_authenticators", [lambda request: (alice, scopes[request.headers["Authorization"]])]
    )
    registry.command("greet", lambda user, message, client_ip: {"type": "greeted", "name": user.name})

    with site.open(Origin="", Authorization="Bearer writes") as program:
        assert program.ask(type="greet", key="k") == {"type": "greeted", "name": "Alice"}
    with site.open(Origin="", Authorization="Bearer reads") as program:
        answer = program.ask(type="greet", key="k")
        assert (answer["type"], answer["code"], answer["key"]) == ("refused", "forbidden", "k")


def test_a_key_opens_only_the_streams_of_its_scopes(site: Site, monkeypatch, alice):
    scopes = {"Bearer reads": ["read"], "Bearer writes": ["ticker"]}
    monkeypatch.setattr(
        registry, "_authenticators", [lambda request: (alice, scopes[request.headers["Authorization"]])]
    )
    own = f"user.{alice.pk}"

    with site.open(Origin="", Authorization="Bearer reads") as program:
        assert program.ask(type="subscribe", stream=own)["type"] == "subscribed"
    with site.open(Origin="", Authorization="Bearer writes") as program:
        assert program.ask(type="subscribe", stream=own)["code"] == "unknown_stream"
        assert program.ask(type="subscribe", stream=STREAM)["type"] == "subscribed"


def test_a_command_that_breaks_is_refused_and_nothing_dies(site: Site, monkeypatch, caplog):
    monkeypatch.setattr(registry, "_commands", {})
    registry.command("crash", lambda user, message, client_ip: {}[message["key"]])

    with site.open() as reader:
        answer = reader.ask(type="crash", key="k")
        assert (answer["type"], answer["code"], answer["key"]) == ("refused", "unavailable", "k")
        assert reader.ask(type="subscribe", stream=STREAM)["type"] == "subscribed"
    assert "KeyError" in caplog.text


def test_a_socket_follows_so_many_streams_and_no_more(site: Site, settings):
    settings.LIMIT_STREAMS = 3

    with site.open("test.1,test.2,test.3,test.4") as reader:
        answers = [reader.hear() for _ in range(4)]
        assert [answer["type"] for answer in answers] == ["subscribed"] * 3 + ["error"]
        assert answers[3]["code"] == "too_many_streams"
        reader.ask(type="unsubscribe", stream="test.1")
        assert reader.ask(type="subscribe", stream="test.4")["type"] == "subscribed"


def test_a_flood_of_frames_is_answered_and_then_closed(site: Site):
    with site.open() as reader:
        with suppress(ConnectionClosed):  # it may be over before all is said
            for _ in range(60):
                reader.say(type="unsubscribe", stream="x")
        answers = [reader.hear() for _ in range(40)]
        assert [answer["type"] for answer in answers[:20]] == ["unsubscribed"] * 20
        assert {answer.get("code") for answer in answers[21:]} == {"too_many_requests"}
        assert reader.closing() == 4029


def test_sockets_of_a_person_and_of_an_address_are_limited(site: Site, settings, alice):
    settings.LIMIT_SOCKETS_PERSON, settings.LIMIT_SOCKETS_ADDRESS = 2, 3

    with site.open_as(alice, STREAM) as first, site.open_as(alice, STREAM) as second:
        assert first.hear()["type"] == second.hear()["type"] == "subscribed"
        assert site.open_as(alice).closing() == 4029
        with site.open(STREAM) as third:
            assert third.hear()["type"] == "subscribed"
            assert site.open().closing() == 4029
    with site.open_as(alice, STREAM) as again:
        assert again.hear()["type"] == "subscribed"


def test_sockets_of_whose_rights_changed_are_cut_and_no_others(site: Site, alice, bob):
    mine = f"private.{alice.pk}"
    with site.open_as(alice, STREAM) as hers, site.open_as(alice, mine) as own, site.open_as(bob, STREAM) as his:
        assert {each.hear()["type"] for each in (hers, own, his)} == {"subscribed"}
        alice.is_active = False
        alice.save()

        rights_changed(alice.pk)

        assert hers.closing() == own.closing() == 4003
        put(1)
        assert his.events(1) == [(1, 1)]


def test_who_may_still_hear_is_cut_too_and_comes_back(site: Site, alice):
    with site.open_as(alice, f"{STREAM}") as hers:
        hers.hear()

        rights_changed(alice.pk)

        assert hers.closing() == 1012
    with site.open_as(alice, STREAM) as again:
        assert again.hear()["type"] == "subscribed"


def test_a_closed_stream_turns_everybody_out_who_may_not_stay(site: Site, monkeypatch, alice):
    closed = []
    registry.register("door", may_read=lambda viewer, key: not closed or viewer.is_authenticated)
    with site.open_as(alice, "door.1") as hers, site.open(f"door.1,{STREAM}") as anybody, site.open("door.1") as only:
        hers.hear(), anybody.hear(), anybody.hear(), only.hear()
        closed.append(True)

        stream_closed("door.1")

        assert anybody.hear() == {"type": "unsubscribed", "stream": "door.1", "code": "forbidden"}
        assert only.closing() == 4003
        put(1, stream="door.1")
        put(2)
        assert anybody.events(1) == [(1, 2)]
        assert hers.events(1) == [(1, 1)]
        assert anybody.ask(type="subscribe", stream="door.1")["code"] == "unknown_stream"


def test_a_stream_that_closes_while_somebody_joins_it_lets_nobody_in(site: Site):
    closed: list[str] = []

    def may_read(viewer: object, key: str) -> bool:
        if closed:
            return False
        closed.append(key)  # asked before, answered after it
        seen = hub._changes
        stream_closed("race.1")
        wait_for(lambda: hub._changes > seen, what="the hub to hear of it")
        return True

    registry.register("race", may_read=may_read)

    with site.open("race.1") as reader:
        assert reader.hear()["code"] == "unknown_stream"


def test_whose_rights_change_while_they_are_recognised_is_asked_again(site: Site, monkeypatch, alice):
    asked: list[str] = []

    def by_token(request):
        asked.append("")
        if len(asked) > 1:
            raise Forbidden("No longer.")
        seen = hub._changes
        rights_changed(alice.pk)
        wait_for(lambda: hub._changes > seen, what="the hub to hear of it")
        return alice

    monkeypatch.setattr(registry, "_authenticators", [by_token])

    with pytest.raises(InvalidStatus) as refused:
        site.open(STREAM, Origin="", Authorization="Bearer x")

    assert refused.value.response.status_code == 403


def test_text_that_was_taken_down_is_void_in_what_the_hub_keeps(site: Site):
    epoch = position(STREAM).epoch
    with site.open(STREAM) as reader:
        reader.hear()
        put(1, subject="thing.bad")
        put(2)
        reader.events(2)  # they are kept now

        with transaction.atomic():
            hold(STREAM)
            redact("thing.bad")
            put(3, kind="thing.removed", subject="thing.bad")

        reader.events(1)
        with site.open(f"{STREAM}@{epoch}:0") as late:
            late.hear()
            assert late.events(3) == [(1, None), (2, 2), (3, 3)]


def test_a_command_under_way_is_answered_before_its_socket_is_closed(transactional_db, settings, monkeypatch):
    settings.SITE_URL = "http://news.example"
    monkeypatch.setattr(registry, "_commands", {})
    begun, finish = threading.Event(), threading.Event()

    def slowly(user, message, client_ip):
        begun.set()
        assert finish.wait(20)
        return {"type": "done", "key": message["key"]}

    registry.command("slowly", slowly)
    with Site(timeout_graceful_shutdown=60) as site, site.open(STREAM) as idle, site.open() as busy:
        idle.hear()
        busy.say(type="slowly", key="first")
        assert begun.wait(10)
        busy.say(type="slowly", key="second")  # it waits behind the other, and is not begun any more
        stopping = threading.Thread(target=site.stop)
        stopping.start()
        assert idle.closing() == 1012

        finish.set()

        assert busy.hear() == {"type": "done", "key": "first"}
        assert busy.closing() == 1012
        stopping.join(20)


def test_readers_are_told_to_come_back_when_the_server_stops(site: Site):
    with site.open(STREAM) as reader:
        reader.hear()

        site.stop()

        assert reader.closing() in (1001, 1012)
