"""A TCP line that a test can cut and mend."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.support.services import free_port


class Line:
    """Carries connections from `port` to `target`, both on this machine."""

    def __init__(self, target: int) -> None:
        self.port, self.target = free_port(), target
        self.carried = 0  # connections taken since the start
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="line", daemon=True)

    def cut(self) -> None:
        """Drop every connection without a word and take no new one."""
        self._do(self._cut())

    def mend(self) -> None:
        self._do(self._listen())

    def start(self) -> None:
        self._thread.start()
        self.mend()

    def stop(self) -> None:
        self.cut()
        self._do(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._open:
            writer.transport.abort()

    async def _finish(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.carried += 1
        self._open.add(writer)
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._open.add(far_writer)
            await asyncio.gather(_pour(reader, far_writer), _pour(far_reader, writer))
            self._open.discard(far_writer)
        self._open.discard(writer)


async def _pour(source: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            into.write(data)
            await into.drain()
    into.transport.abort() if into.is_closing() else into.close()


@contextmanager
def line(target: int) -> Iterator[Line]:
    made = Line(target)
    made.start()
    try:
        yield made
    finally:
        made.stop()
