"""Who comes while an answer is computed waits for it on their line, without a task: each gets what a task would get.

The application behind is one of ours, as in `test_computing`: a test decides when it answers.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from newsroom.edge.app import TRUST_SECONDS
from newsroom.live.http import HttpProtocol

from .test_computing import PATH, STREAM, Stage

pytestmark = pytest.mark.asyncio
OTHER = "/api/v1/me/"  # nothing for the cache


class Line:
    """A connection of a reader's."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, path: str = PATH, *lines: str, method: str = "GET") -> None:
        self.writer.write("\r\n".join([f"{method} {path} HTTP/1.1", "Host: testserver", *lines, "", ""]).encode())
        await self.writer.drain()

    async def answer(self, *, has_body: bool = True) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(20):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(each.lower().split(": ", 1) for each in head[1:] if each)
            body = await self._body(headers) if has_body else b""
        return int(head[0].split()[1]), headers, body

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        whole = b""
        while size := int((await self.reader.readline()).strip(), 16):
            whole += (await self.reader.readexactly(size + 2))[:size]
        await self.reader.readexactly(2)
        return whole

    async def rest(self) -> bytes:
        async with asyncio.timeout(20):
            return await self.reader.read()


class Hall(Stage):
    """The cache on a port of its own, with our protocol."""

    state: ServerState
    port: int
    opened: list[Line]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        config = uvicorn.Config(self.edge, http=HttpProtocol, proxy_headers=False, log_config=None)
        config.load()
        self.state = ServerState()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: HttpProtocol(config=config, server_state=self.state, app_state={}), "127.0.0.1", 0
        )
        self.port, self.opened = server.sockets[0].getsockname()[1], []
        async with server:
            try:
                yield
            finally:  # or the server would wait for them
                for line in self.opened:
                    line.writer.transport.abort()
                    with suppress(ConnectionError):
                        await line.writer.wait_closed()

    async def line(self) -> Line:
        self.opened.append(Line(*await asyncio.open_connection("127.0.0.1", self.port)))
        return self.opened[-1]

    async def lines(self, count: int, *headers: str) -> list[Line]:
        """So many that have asked and wait, the first of them computing."""
        lines = [await self.line() for _ in range(count)]
        for each in lines:
            await each.ask(PATH, *headers)
        await self.until(lambda: self.waiting == count)
        return lines

    @property
    def waiting(self) -> int:
        return sum(len(each.waiting) for each in self.edge._flights)

    async def until(self, condition: Any) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110  of our own code nobody sets an event
                await asyncio.sleep(0.001)


@pytest.fixture
def hall() -> Hall:
    made = Hall()
    made.behind.gate.clear()
    return made


async def test_all_are_answered_by_one_computation_and_no_task_of_their_own(hall: Hall) -> None:
    async with hall.open():
        lines = await hall.lines(20)
        assert not hall.state.tasks

        hall.behind.gate.set()

        answers = [await each.answer() for each in lines]
    assert {(status, headers["cache-status"], body) for status, headers, body in answers} == {
        (200, "newsroom; fwd=miss", b"1")
    }
    assert len(hall.behind.scopes) == 1


async def test_nothing_of_who_asked_first_gets_into_the_computation(hall: Hall) -> None:
    async with hall.open():
        (line,) = await hall.lines(1, "X-Forwarded-For: 6.6.6.6", "User-Agent: Alice")
        hall.behind.gate.set()
        await line.answer()

    (scope,) = hall.behind.scopes
    assert {name for name, _ in scope["headers"]} == {b"host", b"cookie"}
    assert scope["client"] is None


async def test_each_gets_it_as_they_asked(hall: Hall) -> None:
    hall.behind.size = 5_000
    async with hall.open():
        plain, packed, head, known = [await hall.line() for _ in range(4)]
        await plain.ask()
        await packed.ask(PATH, "Accept-Encoding: gzip")
        await head.ask(method="HEAD")
        await known.ask(PATH, "If-None-Match: *")
        await hall.until(lambda: hall.waiting == 4)
        hall.behind.gate.set()

        whole = await plain.answer()
        small = await packed.answer()
        assert (whole[0], len(whole[2])) == (200, 5_000)
        assert (small[1]["content-encoding"], gzip.decompress(small[2])) == ("gzip", whole[2])
        assert (await head.answer(has_body=False))[1]["content-length"] == "5000"
        assert (await known.answer(has_body=False))[0] == 304
        await head.ask()
        await known.ask()
        assert (await head.answer())[2] == (await known.answer())[2] == whole[2]


async def test_a_line_goes_on_after_its_answer_in_the_order_of_its_requests(hall: Hall) -> None:
    async with hall.open():
        (line,) = await hall.lines(1)
        for path in (OTHER, PATH, OTHER):
            await line.ask(path)
        hall.behind.gate.set()

        assert [(await line.answer())[2] for _ in range(4)] == [b"1", b"2", b"1", b"3"]


async def test_what_comes_in_one_piece_with_others_does_not_overtake_them(hall: Hall) -> None:
    hall.behind.gate.set()
    async with hall.open():
        line = await hall.line()
        request = f"GET {OTHER} HTTP/1.1\r\nHost: testserver\r\n\r\n".encode()
        line.writer.write(request.replace(OTHER.encode(), PATH.encode()) + request)

        assert [(await line.answer())[2] for _ in range(2)] == [b"1", b"2"]


async def test_who_comes_after_an_event_does_not_get_what_was_read_before(hall: Hall) -> None:
    async with hall.open():
        before = await hall.lines(2)
        hall.edge.heard(STREAM)
        after = [await hall.line() for _ in range(2)]
        for each in after:
            await each.ask()
        await hall.until(lambda: hall.waiting == 4)

        hall.behind.gate.set()

        assert [(await each.answer())[2] for each in (*before, *after)] == [b"1", b"1", b"2", b"2"]


@pytest.mark.parametrize("is_known", [False, True], ids=["new words", "known words"])
async def test_what_is_one_readers_own_is_computed_for_each(hall: Hall, is_known: bool) -> None:
    async with hall.open():
        if is_known:
            hall.behind.gate.set()
            line = await hall.line()
            for _ in range(2):
                await line.ask()
                await line.answer()
            hall.edge.heard(STREAM)
            hall.behind.scopes.clear()
            hall.behind.gate.clear()
        hall.behind.headers = [(b"Set-Cookie", b"csrftoken=secret")]
        lines = await hall.lines(3)

        hall.behind.gate.set()

        bodies = [(await each.answer())[2] for each in lines]
    assert len(set(bodies)) == 3
    assert b"1" not in bodies  # what was computed for nobody in particular


async def test_a_failure_is_each_ones_own_and_the_line_goes_on(hall: Hall) -> None:
    hall.behind.headers = None  # type: ignore[assignment]
    async with hall.open():
        lines = await hall.lines(2)
        hall.behind.gate.set()
        assert [(await each.answer())[0] for each in lines] == [500, 500]

        hall.behind.headers = []
        line = await hall.line()
        await line.ask()
        assert (await line.answer())[0] == 200


async def test_without_a_look_nobody_waits(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall.open():
        lines = await hall.lines(1)
        late = hall.edge._trusted_until + TRUST_SECONDS
        monkeypatch.setattr("newsroom.edge.app.monotonic", lambda: late)
        line = await hall.line()
        await line.ask()
        await hall.until(lambda: len(hall.behind.scopes) == 2)
        assert hall.waiting == 1

        hall.behind.gate.set()

        assert [(await each.answer())[2] for each in (*lines, line)] == [b"1", b"2"]


async def test_who_leaves_takes_the_answer_from_nobody(hall: Hall) -> None:
    async with hall.open():
        leaver, stayer = await hall.lines(2)
        leaver.writer.transport.abort()
        await hall.until(lambda: len(hall.state.connections) == 1)

        hall.behind.gate.set()

        assert (await stayer.answer())[2] == b"1"


@pytest.mark.parametrize("is_own", [False, True], ids=["everybody's", "one's own"])
async def test_a_server_that_stops_answers_who_waits_and_closes_the_line(hall: Hall, is_own: bool) -> None:
    if is_own:
        hall.behind.headers = [(b"Set-Cookie", b"csrftoken=secret")]
    async with hall.open():
        (line,) = await hall.lines(1)
        for each in list(hall.state.connections):
            each.shutdown()

        hall.behind.gate.set()

        assert (await line.answer())[0] == 200
        assert await line.rest() == b""
