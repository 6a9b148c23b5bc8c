"""Connections that do not finish their headers: how many there may be, and who has to go."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from .sockets import Site
from .tools import STREAM, put

BEGINNING, END = b"HEAD /health/live HTTP/1.1\r\nHost: testserver\r\n", b"\r\n"
ANSWER = b"HTTP/1.1 200 OK"


class Half:
    """A request that is begun."""

    def __init__(self, port: int, address: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), 20, (address, 0))
        self.begin()

    def begin(self) -> None:
        self.socket.sendall(BEGINNING)

    def end(self) -> bytes:
        """Finish it; the first line of the answer."""
        self.socket.sendall(END)
        return self.socket.recv(65_536).partition(b"\r\n")[0]

    def is_dropped(self) -> bool:
        """Once it is; raises TimeoutError if it is not."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


@pytest.fixture
def site(transactional_db: None, settings: Any) -> Iterator[Site]:
    settings.SITE_URL, settings.LIMIT_HANDSHAKES_ADDRESS, settings.LIMIT_HANDSHAKES = "http://news.example", 4, 8
    with Site() as running:
        yield running


@pytest.fixture
def begin(site: Site) -> Iterator[Callable[..., list[Half]]]:
    """`begin(3, "127.0.0.2")` requests from there, one after the other."""
    with ExitStack() as stack:

        def some(count: int, address: str = "127.0.0.1") -> list[Half]:
            found = [Half(site.port, address) for _ in range(count)]
            for each in found:
                stack.callback(each.socket.close)
            return found

        yield some


def test_as_many_as_may_be_unfinished_are_all_answered(begin):
    assert [each.end() for each in begin(4)] == [ANSWER] * 4


def test_who_never_finishes_pushes_out_their_own_oldest_and_harms_nobody(site: Site, begin):
    url = f"http://127.0.0.1:{site.port}/health/live"
    with site.open(STREAM) as reader:
        assert reader.hear()["type"] == "subscribed"
        other = begin(1, "127.0.0.2")

        loris = begin(10)

        assert all(each.is_dropped() for each in loris[:6])
        assert httpx.get(url, headers={"Host": "testserver"}).status_code == 200  # from the same address
        with site.open(STREAM) as newcomer:
            assert newcomer.hear()["type"] == "subscribed"
            put(1)
            assert reader.events(1) == newcomer.events(1) == [(1, 1)]
        assert [each.end() for each in other] == [ANSWER]


def test_of_all_addresses_together_the_oldest_goes(begin):
    halves = [begin(1, f"127.0.0.{n}")[0] for n in range(2, 12)]

    assert [each.is_dropped() for each in halves[:2]] == [True] * 2
    assert [each.end() for each in halves[2:]] == [ANSWER] * 8


def test_behind_a_proxy_only_the_total_counts(begin, settings):
    settings.TRUSTED_PROXIES = 1

    through_the_proxy = begin(10)

    assert [each.is_dropped() for each in through_the_proxy[:2]] == [True] * 2
    assert [each.end() for each in through_the_proxy[2:]] == [ANSWER] * 8


def test_a_kept_connection_counts_again_when_its_next_request_begins(begin):
    kept = begin(3)
    assert [each.end() for each in kept] == [ANSWER] * 3

    late = begin(4)  # while the others rest
    assert late.pop().end() == ANSWER
    for each in kept:
        each.begin()

    assert [each.is_dropped() for each in late[:2]] == [True] * 2
    assert [each.end() for each in (late[2], *kept)] == [ANSWER] * 4


def test_who_asks_before_sending_a_body_is_told_to_go_on(site: Site):
    with socket.create_connection(("127.0.0.1", site.port), 20) as line:
        line.sendall(b"POST /api/v1/me/ HTTP/1.1\r\nHost: news.example\r\nExpect: 100-continue\r\n")
        line.sendall(b"Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
        told = line.recv(65_536)
        line.sendall(b"{}")
        answer = line.makefile("rb").readline()

    assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 40")
