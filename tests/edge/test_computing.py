"""One computes, the others wait; what was overtaken is not kept; memory is bounded; nobody's headers get in.

The application behind is one of ours here, so that a test decides when it reads and when it answers.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx
import pytest
from django.utils import timezone

from newsroom.edge.app import TRUST_SECONDS, UNPLACED_SECONDS, Edge
from newsroom.edge.middleware import EXTENSION
from newsroom.live.outbox import Head, Position

from .conftest import how

EPOCH = "e"
PATH = "/api/v1/discussions/7/comments/"
STREAM = "discussion.7"


class Behind:
    """Answers each request with its number; waits at the `gate` between reading and answering."""

    def __init__(self) -> None:
        self.scopes: list[dict[str, Any]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.top = 0
        self.until: Any = None
        self.streams: dict[str, Position | None] = {}  # others than STREAM
        self.headers: list[tuple[bytes, bytes]] = [(b"Content-Type", b"application/json")]
        self.status = 200
        self.size = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        number, gate = len(self.scopes), self.gate
        note = scope.get("extensions", {}).get(EXTENSION)
        if note is not None:
            note.streams = self.streams or {STREAM: Position(EPOCH, self.top), "site": Position(EPOCH, 0)}
            note.until = self.until
        await gate.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": f"{number}".encode().ljust(self.size)})


class Stage:
    """The cache before an application of ours, and who looks."""

    def __init__(self, most: int = 1_000_000) -> None:
        self.behind = Behind()
        self.edge = Edge(self.behind, most=most)
        self.look()

    def look(self, top: int = 0) -> None:
        streams = self.edge.streams()
        self.edge.looked({name: Head(Position(EPOCH, top if name == STREAM else 0), 0) for name in streams})

    async def get(self, path: str = PATH, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        transport = httpx.ASGITransport(self.edge)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.get(path, headers=named)

    async def start(self, path: str = PATH) -> asyncio.Task[httpx.Response]:
        """A request that has reached the application behind, or waits for one that has."""
        task = asyncio.create_task(self.get(path))
        for _ in range(50):
            await asyncio.sleep(0)
        return task


pytestmark = pytest.mark.asyncio


async def test_one_computes_and_the_others_wait():
    stage = Stage()
    stage.behind.gate.clear()
    waiting = [await stage.start() for _ in range(20)]

    stage.behind.gate.set()

    assert {(await each).text for each in waiting} == {"1"}
    assert len(stage.behind.scopes) == 1


async def test_an_event_between_reading_and_keeping_is_not_kept_over():
    stage = Stage()
    stage.behind.gate.clear()
    first = await stage.start()

    stage.edge.heard(STREAM)
    stage.behind.gate.set()

    assert (await first).text == "1"
    assert ((await stage.get()).text, how(await stage.get())) == ("2", "hit")


async def test_an_event_of_another_stream_does_not_hinder_keeping():
    stage = Stage()
    stage.behind.gate.clear()
    first = await stage.start()

    stage.edge.heard("discussion.8")
    stage.behind.gate.set()
    await first

    assert how(await stage.get()) == "hit"


async def test_who_comes_after_an_event_does_not_join_what_was_read_before():
    stage = Stage()
    stage.behind.gate.clear()
    before = await stage.start()
    stage.edge.heard(STREAM)
    after = [await stage.start() for _ in range(3)]

    stage.behind.gate.set()

    assert (await before).text == "1"
    assert {(await each).text for each in after} == {"2"}
    assert (await stage.get()).text == "2"


async def test_an_event_of_another_stream_drops_no_computation():
    stage = Stage()
    stage.behind.gate.clear()
    before = await stage.start()
    stage.edge.heard("discussion.8")
    after = [await stage.start() for _ in range(3)]

    stage.behind.gate.set()

    assert {(await each).text for each in (before, *after)} == {"1"}
    assert len(stage.behind.scopes) == 1


async def test_what_is_made_from_many_discussions_is_computed_once_a_second(monkeypatch):
    stage = Stage()
    stage.behind.streams = {"discussion.*": None}
    stage.behind.gate.clear()
    first = await stage.start()
    began = monotonic()
    stage.edge.heard("discussion.8")
    joined = await stage.start()
    stage.behind.gate.set()
    assert [(await first).text, (await joined).text] == ["1", "1"]

    for number in range(50):
        stage.edge.heard(f"discussion.{number}")
        assert (await stage.get()).text == "1"

    monkeypatch.setattr("newsroom.edge.app.monotonic", lambda: began + UNPLACED_SECONDS)
    assert (await stage.get()).text == "2"


@pytest.mark.parametrize("stream", ["articles", "site"])
async def test_what_editors_do_ends_what_is_made_from_many_discussions_at_once(stream):
    stage = Stage()
    stage.behind.streams = {"discussion.*": None, "articles": Position(EPOCH, 0), "site": Position(EPOCH, 0)}
    assert [how(await stage.get()) for _ in range(2)] == ["miss", "hit"]

    stage.edge.heard(stream)

    assert how(await stage.get()) == "miss"


async def test_what_names_a_stream_without_a_position_ends_with_it_or_after_a_second(monkeypatch):
    stage = Stage()
    stage.behind.streams = {STREAM: None}
    await stage.get()
    stage.edge.heard("discussion.8")
    assert how(await stage.get()) == "hit"

    stage.edge.heard(STREAM)
    assert [how(await stage.get()) for _ in range(2)] == ["miss", "hit"]
    later = monotonic() + UNPLACED_SECONDS
    monkeypatch.setattr("newsroom.edge.app.monotonic", lambda: later)
    assert how(await stage.get()) == "miss"


async def test_what_the_log_has_gone_beyond_is_dropped_by_the_look_though_no_ring_was_heard():
    stage = Stage()
    await stage.get()
    stage.look(0)
    assert how(await stage.get()) == "hit"

    stage.look(1)

    stage.behind.top = 1
    assert [how(await stage.get()) for _ in range(2)] == ["miss", "hit"]
    stage.look(1)
    assert how(await stage.get()) == "hit"


async def test_a_computation_that_a_look_has_overtaken_is_not_kept():
    """It read before an event whose ring was lost; the look came before it was done."""
    stage = Stage()
    await stage.get()
    stage.behind.gate.clear()
    slow = await stage.start(f"{PATH}?limit=1")

    stage.look(1)
    stage.behind.gate.set()
    await slow

    assert how(await stage.get(f"{PATH}?limit=1")) == "miss"


async def test_who_read_before_what_a_look_has_seen_is_not_kept_even_if_nothing_had_to_be_dropped():
    stage = Stage()
    stage.behind.gate.clear()
    slow, gate = await stage.start(f"{PATH}?limit=1"), stage.behind.gate
    stage.behind.gate, stage.behind.top = asyncio.Event(), 1
    stage.behind.gate.set()
    await stage.get()

    stage.look(1)
    gate.set()
    await slow

    assert how(await stage.get()) == "hit"
    assert how(await stage.get(f"{PATH}?limit=1")) == "miss"


async def test_another_epoch_drops():
    stage = Stage()
    await stage.get()

    stage.edge.streams()
    stage.edge.looked({STREAM: Head(Position("other", 0), 0)})

    assert how(await stage.get()) == "miss"


async def test_without_a_look_nothing_is_kept_and_a_late_one_is_a_failed_one(monkeypatch, settings):
    settings.EDGE_STALE_IF_ERROR = 0
    stage = Stage()
    await stage.get()

    stage.edge.looked(None)
    assert [how(await stage.get()) for _ in range(2)] == ["passed"] * 2
    assert len(stage.edge.cache) == 0

    stage.look()
    assert [how(await stage.get()) for _ in range(2)] == ["miss", "hit"]
    monkeypatch.setattr("newsroom.edge.app.monotonic", lambda: 10.0**9)
    assert how(await stage.get()) == "passed"
    assert len(stage.edge.cache) == 0


@pytest.mark.parametrize(("seconds", "status"), [(0, None), (600, b"newsroom; hit; detail=stale")])
async def test_without_a_look_what_is_answered_at_once_is_stale(monkeypatch, settings, seconds, status):
    settings.EDGE_STALE_IF_ERROR = seconds
    stage = Stage()
    await stage.get()
    headers = [(b"host", b"testserver")]
    asked = {"method": "GET", "path": PATH, "query_string": b"", "scheme": "http", "headers": headers}

    assert stage.edge.at_once(asked).body == b"1"
    monkeypatch.setattr("newsroom.edge.app.monotonic", lambda: monotonic() + TRUST_SECONDS + 1)
    answer = stage.edge.at_once(asked)
    assert (answer and dict(answer.headers)[b"cache-status"]) == status


async def test_a_computation_during_an_outage_is_not_kept():
    stage = Stage()
    stage.behind.gate.clear()
    slow = await stage.start()

    stage.edge.looked(None)
    stage.look()
    stage.behind.gate.set()
    await slow

    assert how(await stage.get()) == "miss"


async def test_an_answer_is_kept_until_its_time_comes():
    stage = Stage()
    stage.behind.until = timezone.now() + timedelta(hours=1)
    assert [how(await stage.get()) for _ in range(2)] == ["miss", "hit"]

    stage.behind.until = timezone.now() - timedelta(seconds=1)
    assert [how(await stage.get(f"{PATH}?limit=1")) for _ in range(2)] == ["miss", "miss"]


async def test_a_cdn_keeps_nothing_beyond_its_time(settings):
    settings.EDGE_S_MAXAGE = 60
    stage = Stage()
    stage.behind.until = timezone.now() + timedelta(seconds=10)

    kept = (await stage.get()).headers["cache-control"]

    assert kept in {"public, max-age=0, s-maxage=10", "public, max-age=0, s-maxage=9"}


async def test_memory_is_bounded_and_what_is_read_stays():
    stage = Stage(most=100_000)
    stage.behind.size = 2_000
    for number in range(1, 200):
        await stage.get(f"{PATH}?limit={number}")
        await stage.get(PATH)
        stage.look()
        assert stage.edge.cache.size <= 100_000

    assert how(await stage.get(PATH)) == "hit"
    assert how(await stage.get(f"{PATH}?limit=1")) == "miss"
    assert 10 < len(stage.edge.cache) < 50


async def test_what_is_too_large_is_not_kept():
    stage = Stage(most=100_000)
    stage.behind.size = 50_000
    stage.behind.headers = [(b"Content-Type", b"image/png")]

    assert [how(await stage.get()) for _ in range(2)] == ["miss", "miss"]
    assert stage.edge.cache.size == 0


async def test_with_no_room_at_all_everything_passes():
    stage = Stage(most=0)

    assert [how(await stage.get()) for _ in range(2)] == ["passed", "passed"]


async def test_a_dropped_entry_gives_its_room_back():
    stage = Stage()
    for number in range(1, 20):
        await stage.get(f"{PATH}?limit={number}")

    stage.edge.heard(STREAM)

    assert (stage.edge.cache.size, len(stage.edge.cache), list(stage.edge.cache.streams())) == (0, 0, [])


@pytest.mark.parametrize(
    "headers",
    [
        [(b"Set-Cookie", b"csrftoken=secret")],
        [(b"Cache-Control", b"private, no-store")],
        [(b"Cache-Control", b"no-store")],
    ],
)
async def test_what_is_one_readers_own_goes_to_nobody_else(headers):
    stage = Stage()
    stage.behind.headers = headers
    stage.behind.gate.clear()
    several = [await stage.start() for _ in range(3)]

    stage.behind.gate.set()

    assert {(await each).text for each in several} == {"1", "2", "3"}
    assert len(stage.edge.cache) == 0


@pytest.mark.parametrize("status", [201, 204, 206, 301, 404, 429, 500, 503])
async def test_only_200_is_kept(status):
    stage = Stage()
    stage.behind.status = status

    assert [(await stage.get()).status_code for _ in range(2)] == [status, status]
    assert len(stage.behind.scopes) == 2


async def test_a_failure_behind_reaches_everybody_who_waited_and_is_forgotten():
    stage = Stage()
    stage.behind.gate.clear()
    stage.behind.headers = None  # type: ignore[assignment]
    several = [await stage.start() for _ in range(3)]
    stage.behind.gate.set()

    for each in several:
        with pytest.raises(TypeError):
            await each
    stage.behind.headers = []
    assert [how(await stage.get()) for _ in range(2)] == ["miss", "hit"]


async def test_a_reader_who_leaves_takes_the_answer_from_nobody():
    stage = Stage()
    stage.behind.gate.clear()
    leaver, stayer = await stage.start(), await stage.start()

    leaver.cancel()
    stage.behind.gate.set()

    assert (await stayer).text == "1"
    assert how(await stage.get()) == "hit"


HOSTILE = {
    "X_Forwarded_Host": "evil.example",
    "X_Forwarded_Proto": "https",
    "X_Forwarded_For": "6.6.6.6",
    "X_Forwarded_Prefix": "/evil",
    "X_Original_URL": "/evil/",
    "X_HTTP_Method_Override": "POST",
    "Forwarded": "host=evil.example",
    "Accept": "text/evil",
    "Accept_Language": "ru",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "User_Agent": "evil",
    "Range": "bytes=0-0",
    "Cookie": "evil=1; csrftoken=evil",
    "If_None_Match": '"evil"',
}


async def test_the_application_behind_sees_nothing_of_the_request_but_its_key():
    stage = Stage()
    await stage.get(f"{PATH}?utm_source=evil&limit=3", **HOSTILE)
    (scope,) = stage.behind.scopes

    assert scope["headers"] == [(b"host", b"testserver"), (b"cookie", b"language=de")]
    assert (scope["path"], scope["query_string"], scope["scheme"]) == (PATH, b"limit=3", "http")
    assert b"evil" not in repr(scope).encode()


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_header_of_one_reader_changes_what_the_next_one_gets(name):
    stage = Stage()
    await stage.get(**{name: HOSTILE[name]})

    clean = await stage.get()

    assert (how(clean), clean.text) == ("hit", "1")


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "", "testserver@evil.example", "[::1"])
async def test_an_unknown_host_is_djangos_business(host):
    stage = Stage()

    assert how(await stage.get(Host=host)) == "passed"
    assert len(stage.edge.cache) == 0


async def test_the_sites_names_share_one_answer_made_under_its_own(settings):
    settings.ALLOWED_HOSTS = ["testserver", ".other.example"]
    settings.SITE_URL = "http://testserver"
    stage = Stage()

    answers = [await stage.get(Host=host) for host in ("www.other.example", "other.example:80", "testserver")]

    assert [how(each) for each in answers] == ["miss", "hit", "hit"]
    assert (b"host", b"testserver") in stage.behind.scopes[0]["headers"]


async def test_secure_and_plain_requests_do_not_share(settings):
    """Behind our own proxy the scheme is what it says; elsewhere nobody's claim counts."""
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    stage = Stage()
    plain, secure = await stage.get(), await stage.get(X_Forwarded_Proto="https")

    assert (plain.text, secure.text) == ("1", "2")
    assert [scope["scheme"] for scope in stage.behind.scopes] == ["http", "https"]
    assert how(await stage.get(X_Forwarded_Proto="https")) == "hit"
    assert how(await Stage().get()) == "miss"
    settings.SECURE_SSL_REDIRECT = True
    assert how(await Stage().get()) == "passed"


@pytest.mark.parametrize(
    "headers",
    [
        [("Cookie", "sessionid=x"), ("Cookie", "a=b")],
        [("Host", "testserver"), ("Host", "evil.example")],
        [("Cookie", 'language="en"')],
        [("Content-Length", "3")],
        [("Transfer-Encoding", "chunked")],
    ],
)
async def test_whatever_is_unusual_is_djangos_business(headers):
    stage = Stage()
    transport = httpx.ASGITransport(stage.edge)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert how(await client.request("GET", PATH, headers=headers)) == "passed"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_other_methods_are_djangos_business(method):
    stage = Stage()
    await stage.get()
    transport = httpx.ASGITransport(stage.edge)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        assert how(await client.request(method, PATH)) == "passed"
