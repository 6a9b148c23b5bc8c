"""Peers that send what nobody counts, or never end: they are cut, hold no memory, and nobody else notices."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from newsroom.live import registry
from newsroom.live.hub.hub import hub
from newsroom.live.hub.listener import MAX_UNSENT
from newsroom.server.http import MAX_HEADERS_BYTES
from newsroom.server.websocket import PARTS_AT_ONCE
from tests.support.services import wait_for

from .sockets import Site
from .test_hub import unsent
from .tools import STREAM, put
from .transports import Ended, OverSse

UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
PING, PONG = b"\x89\x80\0\0\0\0", b"\x8a\x00"
LONG_PING = b"\x89\xfd\0\0\0\0" + b"x" * 125
BEGINNING, EMPTY_PART = b"\x01\x81\0\0\0\0x", b"\x00\x80\0\0\0\0"


@pytest.fixture
def site(transactional_db: None, settings: Any) -> Iterator[Site]:
    settings.SITE_URL = "http://news.example"
    with Site() as running:
        yield running


class Peer:
    """Speaks in bytes. It reads only when told to."""

    def __init__(self, site: Site) -> None:
        self.socket = socket.create_connection(("127.0.0.1", site.port), 20)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self, size: int) -> bytes:
        found = b""
        while len(found) < size and (more := self.socket.recv(size - len(found))):
            found += more
        return found

    def read_to(self, end: bytes) -> bytes:
        found = b""
        while not found.endswith(end):
            found += self.read(1)
        return found

    def wait(self, seconds: float) -> bytes:
        """What comes within that time. Raises TimeoutError."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1)
        finally:
            self.socket.settimeout(20)

    def trickle(self, part: bytes) -> int:
        """Send it again and again, fifty times a second, until the server closes; how many bytes that were."""
        sent = 0
        while True:
            try:
                answer = self.wait(0.02)
            except TimeoutError:
                self.send(part)
                sent += len(part)
            except ConnectionError:
                return sent
            else:
                assert answer in {b"", b"H"}  # the beginning of a refusal
                return sent

    def flood(self, data: bytes, most: int = 400_000_000) -> int:
        """Send it again and again until the server has had enough; how many bytes it took."""
        sent = 0
        with suppress(ConnectionError):
            while sent < most:
                sent += self.socket.send(data)
        return sent


@contextmanager
def peer(site: Site, upgrade: str = UPGRADE) -> Iterator[Peer]:
    found = Peer(site)
    try:
        if upgrade:
            found.send(f"GET /live/ HTTP/1.1\r\nHost: x\r\n{upgrade}".encode())
            assert b" 101 " in found.read_to(b"\r\n\r\n")
        yield found
    finally:
        found.socket.close()


def nobody_but(count: int) -> None:
    wait_for(lambda: hub.count("websocket") == count, what="the others to be gone")


def test_pings_are_answered_as_many_as_any_program_sends(site: Site) -> None:
    with peer(site) as honest:
        honest.send(PING * PARTS_AT_ONCE)

        assert honest.read(2 * PARTS_AT_ONCE) == PONG * PARTS_AT_ONCE


@pytest.mark.parametrize(
    ("beginning", "part"),
    [(b"", LONG_PING), (b"", b"\x8a\xfd" + LONG_PING[2:]), (BEGINNING, EMPTY_PART)],
    ids=["pings", "pongs", "empty parts of a message"],
)
def test_who_floods_with_what_no_conversation_counts_is_cut(site: Site, beginning: bytes, part: bytes) -> None:
    with site.open(STREAM) as other, peer(site) as hostile:
        assert other.hear()["type"] == "subscribed"
        hostile.send(beginning)

        assert hostile.flood(part * 500) < 50_000_000

        assert all(unsent(each) <= MAX_UNSENT for each in hub.guests)
        nobody_but(1)
        put(1)
        assert other.events(1) == [(1, 1)]


def test_a_message_may_come_in_parts(site: Site) -> None:
    text = f'{{"type":"subscribe","stream":"{STREAM}"}}'
    with site.open() as reader:
        reader.socket.send(iter(text))

        assert reader.hear()["type"] == "subscribed"


def memory() -> int:
    """Bytes that this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("line", [b"X-A: " + b"y" * 8000 + b"\r\n", b"y" * 8000], ids=["many", "one without end"])
def test_headers_without_end_are_refused_and_take_no_memory(site: Site, line: bytes) -> None:
    with peer(site, upgrade="") as honest:
        honest.send(b"HEAD /health/live HTTP/1.1\r\nHost: testserver\r\nX-A: ")
        for _ in range(3):
            honest.send(b"y" * 8000)
        honest.send(b"\r\n\r\n")
        assert honest.read(15) == b"HTTP/1.1 200 OK"

    before = memory()
    with peer(site, upgrade="") as hostile:
        hostile.send(b"GET / HTTP/1.1\r\nHost: x\r\nX-B: ")
        sent = hostile.flood(line)

        assert MAX_HEADERS_BYTES < sent < 50_000_000
        assert memory() - before < 50_000_000


@pytest.mark.parametrize("count", [7, 8], ids=["below", "above"])
def test_headers_of_more_than_64_kib_are_refused_though_they_come_at_once(site: Site, count: int) -> None:
    headers = b"".join(b"X-%d: %b\r\n" % (n, b"y" * 9000) for n in range(count))

    with peer(site, upgrade="") as program:
        program.send(b"POST /health/live HTTP/1.1\r\nHost: testserver\r\nContent-Length: 2\r\n" + headers + b"\r\n{}")

        assert program.read(12) == (b"HTTP/1.1 200" if count == 7 else b"HTTP/1.1 431")


POST = b"POST /api/v1/discussions/1/comments/ HTTP/1.1\r\nHost: testserver\r\nContent-Type: application/json\r\n"
BODY = b"Content-Length: 2\r\n\r\n"
PARTS = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "beginning", [BODY, BODY + b"{", PARTS, PARTS + b"5\r\n{"], ids=["none", "one", "parts", "part"]
)
def test_a_body_that_does_not_come_is_not_waited_for(
    site: Site, beginning: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsroom.server.bodies.PATIENCE_SECONDS", 0.3)

    with peer(site, upgrade="") as hostile:
        hostile.send(POST + beginning)
        assert hostile.read(100_000).startswith(b"HTTP/1.1 408 ")  # and the line is closed

    with peer(site, upgrade="") as honest:
        honest.send(POST + BODY)
        honest.send(b"{}")
        assert honest.read(12) == b"HTTP/1.1 401"


def test_a_body_that_trickles_is_not_waited_for_either(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsroom.server.bodies.PATIENCE_SECONDS", 0.3)

    with peer(site, upgrade="") as hostile:
        hostile.send(POST + b"Content-Length: 100000000\r\n\r\n")
        assert hostile.trickle(b"x") < 50_000


def test_a_body_that_comes_fast_enough_may_take_longer(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsroom.server.bodies.PATIENCE_SECONDS", 0.2)
    size = 60_000  # worth fourteen seconds

    with peer(site, upgrade="") as slow:
        slow.send(POST + b"Content-Length: %d\r\n\r\n" % (size + 2) + b" " * size)
        with pytest.raises(TimeoutError):
            slow.wait(0.6)
        slow.send(b"{}")
        assert slow.read(12) == b"HTTP/1.1 401"


def test_a_kept_connection_that_rests_after_a_body_is_no_late_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsroom.server.bodies.PATIENCE_SECONDS", 0.2)

    with peer(site, upgrade="") as program:
        program.send(b"POST /health/live HTTP/1.1\r\nHost: testserver\r\nContent-Length: 2\r\n\r\n")
        program.send(b"{}")
        program.read_to(b"\r\n0\r\n\r\n")
        with pytest.raises(TimeoutError):
            program.wait(0.6)


@pytest.mark.parametrize("sse", [False, True], ids=["socket", "SSE"])
def test_an_address_of_too_many_streams_asks_nobody_about_the_rest(site: Site, settings: Any, *, sse: bool) -> None:
    settings.LIMIT_STREAMS = 3
    asked: list[str] = []
    registry.register("costly", may_read=lambda viewer, key: bool(asked.append(key)))
    names = ",".join(f"costly.{n}" for n in range(20))

    if sse:
        with OverSse(site, names) as reader:
            answers = [reader.frame() for _ in range(20)]
    else:
        with site.open(names) as socket_reader:
            answers = [socket_reader.hear() for _ in range(20)]

    assert [each["code"] for each in answers] == ["unknown_stream"] * 3 + ["too_many_streams"] * 17
    assert asked == ["0", "1", "2"]


def test_a_vector_that_is_too_long_is_no_vector(site: Site) -> None:
    with OverSse(site, ",".join(f"{STREAM}{n}" for n in range(2000))) as reader:
        assert reader.frame()["code"] == "malformed"
        with pytest.raises(Ended):
            reader.frame()
