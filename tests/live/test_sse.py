from __future__ import annotations

import json
import socket

import httpx
import pytest

from newsroom.live.hub import listener
from newsroom.live.hub.hub import hub
from newsroom.live.outbox import position
from newsroom.live.transports import sse
from tests.support.services import wait_for

from .sockets import ORIGIN, Site, session_of
from .test_hub import big
from .tools import STREAM, put, put_many
from .transports import Ended, OverSse


def url(site: Site, streams: str = STREAM) -> str:
    return f"http://127.0.0.1:{site.port}/live/sse?streams={streams}"


def lines(site: Site, count: int, streams: str = STREAM, **headers: str) -> list[str]:
    """The first lines that are not empty."""
    found: list[str] = []
    with httpx.stream("GET", url(site, streams), headers={"Origin": ORIGIN, **headers}, timeout=10) as response:
        for line in response.iter_lines():
            found += [line] if line else []
            if len(found) == count:
                break
    return found


def test_proxies_and_caches_are_told_to_keep_their_hands_off(site: Site):
    with OverSse(site, STREAM) as reader:
        headers = reader.response.headers

        assert reader.response.status_code == 200
        assert headers["content-type"].startswith("text/event-stream")
        assert (headers["cache-control"], headers["x-accel-buffering"]) == ("no-store", "no")
        assert headers["access-control-allow-origin"] == ORIGIN


def test_the_id_is_where_the_reader_is_in_all_streams(site: Site):
    put_many(1, 2)
    epoch = position(STREAM).epoch
    with OverSse(site, f"{STREAM}@{epoch}:0,test.2") as reader:
        while reader.frame()["type"] != "events":
            pass
        assert reader.last_id == f"{STREAM}@{epoch}:2,test.2@{epoch}:0"
        put(1, stream="test.2")
        reader.frame()
        assert reader.last_id == f"{STREAM}@{epoch}:2,test.2@{epoch}:1"


def test_what_a_browser_says_that_it_had_last_beats_the_url(site: Site):
    put_many(1, 3)
    epoch = position(STREAM).epoch

    found = lines(site, 5, f"{STREAM}@{epoch}:0", **{"Last-Event-ID": f"{STREAM}@{epoch}:2"})

    frames = [json.loads(line[6:]) for line in found if line.startswith("data: ")]
    assert [(each["type"], each.get("offset"), each.get("from"), each.get("upto")) for each in frames] == [
        ("subscribed", 2, None, None),
        ("events", None, 2, 3),
    ]


def test_who_was_cut_before_a_reset_was_told_is_told_it_again(site: Site):
    """The id that comes with the last answer alone leaves the lost stream out."""
    with OverSse(site, f"{STREAM}@x:1,test.2") as reader:
        assert (reader.frame()["type"], reader.last_id) == ("reset", "")
        assert (reader.frame()["type"], reader.last_id) == ("subscribed", f"test.2@{position(STREAM).epoch}:0")


def test_a_silent_stream_is_pinged(site: Site, monkeypatch):
    monkeypatch.setattr(sse, "PING_SECONDS", 0.2)

    assert lines(site, 6)[-2:] == [": ping", ": ping"]


def test_the_same_origins_as_for_sockets(site: Site, settings, alice):
    def ask(**headers: str) -> int:
        with httpx.stream("GET", url(site), headers=headers, timeout=10) as response:
            return int(response.status_code)

    cookie = f"sessionid={session_of(alice)}"
    assert ask(Origin="http://evil.example") == ask(Origin="null") == 403
    answer = httpx.get(url(site), headers={"Origin": "null"})
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert ask() == 200  # a program
    assert ask(Cookie=cookie) == 403
    assert ask(Cookie=cookie, Referer="http://evil.example/http://news.example/") == 403
    assert ask(Cookie=cookie, **{"Sec-Fetch-Site": "cross-site", "Referer": f"{ORIGIN}/"}) == 403
    assert ask(Cookie=cookie, **{"Sec-Fetch-Site": "same-origin"}) == 200  # our page: browsers add no Origin here
    assert ask(Cookie=cookie, Referer=f"{ORIGIN}/articles/") == 200
    assert ask(Cookie=cookie, Origin=ORIGIN) == 200
    settings.LIVE_ORIGINS = ["*"]
    with httpx.stream("GET", url(site), headers={"Origin": "http://other.example"}, timeout=10) as response:
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


def test_by_https_it_says_that_it_shall_be_asked_so(site: Site, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 31_536_000

    def told(path: str, scheme: str, **headers: str) -> str | None:
        address = f"http://127.0.0.1:{site.port}{path}?streams={STREAM}"
        with httpx.stream("GET", address, headers={"X-Forwarded-Proto": scheme, **headers}, timeout=10) as response:
            assert response.status_code == (403 if headers else 200)
            return response.headers.get("strict-transport-security")

    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    foreign = upgrade | {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://evil.example"}
    for path, headers in (("/live/sse", {}), ("/live/sse", {"Origin": "null"}), ("/live/", foreign)):
        assert told(path, "https", **headers) == "max-age=31536000"
        assert told(path, "http", **headers) is None
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    assert told("/live/sse", "https") == "max-age=31536000; includeSubDomains; preload"


def test_only_get_is_served(site: Site):
    assert httpx.post(url(site), headers={"Origin": ORIGIN}).status_code == 403


def test_whoever_has_too_many_is_told_so_and_a_place_comes_free(site: Site, settings):
    settings.LIMIT_SOCKETS_ADDRESS = 1
    with OverSse(site, STREAM) as first:
        assert first.frame()["type"] == "subscribed"
        with OverSse(site, STREAM) as second:
            assert second.frame()["code"] == "too_many_requests"
            with pytest.raises(Ended):
                second.frame()
    wait_for(lambda: hub.count("sse") == 0, what="the place")
    with OverSse(site, STREAM) as third:
        assert third.frame()["type"] == "subscribed"


def test_a_request_for_nothing_ends_with_an_error(site: Site):
    with OverSse(site, "") as reader:
        assert reader.frame()["code"] == "malformed"
        with pytest.raises(Ended):
            reader.frame()


def test_a_line_break_in_a_name_starts_no_line_of_ours(site: Site):
    found = lines(site, 2, "x%0Adata:%20y")

    assert [line.partition(":")[0] for line in found] == ["retry", "data"]
    assert json.loads(found[1][6:])["code"] == "unknown_stream"


class Stubborn:
    """Asks for a stream and never reads on."""

    def __init__(self, site: Site) -> None:
        self.socket = socket.create_connection(("127.0.0.1", site.port))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.sendall(f"GET /live/sse?streams={STREAM} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert b"200 OK" in self.socket.recv(100)


def test_who_does_not_read_delays_nobody_and_is_cut(site: Site, monkeypatch):
    monkeypatch.setattr(listener, "PATIENCE_SECONDS", 1.0)
    with OverSse(site, STREAM) as quick:
        quick.frame()
        stubborn = Stubborn(site)
        wait_for(lambda: hub.count("sse") == 2, what="both")
        for n in range(1, 101):
            big(n)
            assert quick.offsets(1) == [n]

        wait_for(lambda: hub.count("sse") == 1, what="giving up")
        put(101)
        assert quick.offsets(1) == [101]
        stubborn.socket.close()
