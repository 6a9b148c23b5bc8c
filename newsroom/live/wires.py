"""Transports over ASGI, whatever the server is: one piece at a time, the next one when that is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from newsroom.live.listener import LINGER_SECONDS, Listener
from newsroom.live.protocol import Close, Piece

GOODBYE_SECONDS = 2.0

type Send = Callable[[dict[str, Any]], Awaitable[None]]


class AsgiWire:
    """`run()` sends what it is given, until the connection shall end. A subclass knows the messages."""

    kind = "websocket"
    sink: Callable[[bytes], object] | None = None
    listener: Listener

    def __init__(self, send: Send) -> None:
        self.is_full = False
        self.code: int | None = None
        self._send = send
        self._message: dict[str, Any] | None = None
        self._ready = asyncio.Event()
        self._runs: asyncio.Task[None] | None = None

    def write(self, piece: Piece) -> None:
        self.is_full = True
        self._message = self.message(piece)
        self.listener.stall()
        self._ready.set()

    def beat(self) -> None:
        """The server pings, or the subclass."""

    def end(self, code: int, *, at_once: bool = False) -> None:
        self.code = code
        self._ready.set()
        if at_once and self._runs is not None:
            self._runs.cancel()

    async def run(self) -> None:
        """Raises OSError when the peer is gone."""
        self._runs = asyncio.ensure_future(self._pump())
        try:
            await asyncio.wait({self._runs})
        finally:
            self._runs.cancel()
        if not self._runs.cancelled():
            self._runs.result()

    async def finish(self) -> None:
        """The last word. Raises TimeoutError if the peer does not read on."""
        async with asyncio.timeout(LINGER_SECONDS if self.code == Close.TOO_SLOW else GOODBYE_SECONDS):
            await self._send(self.last_message())

    def message(self, piece: Piece) -> dict[str, Any]:
        return {"type": "websocket.send", "text": piece.text}

    def last_message(self) -> dict[str, Any]:
        return {"type": "websocket.close", "code": self.code}

    async def rest(self) -> None:
        """Wait for something to send."""
        await self._ready.wait()

    async def _pump(self) -> None:
        while self._message or self.code is None:
            await self.rest()
            self._ready.clear()
            if self._message:
                await self._send(self._message)
                self._message, self.is_full = None, False
                self.listener.flush()
