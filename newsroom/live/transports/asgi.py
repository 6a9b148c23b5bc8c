"""Transports over ASGI, on any server: one piece at a time, the next one after that is sent.

A server may offer more than ASGI, in a scope's `extensions` under EXTENSION: a `DirectWire` for a socket, a
`Connection` for a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from newsroom.live.hub.listener import LINGER_SECONDS, Listener, Wire
from newsroom.live.protocol import Close, Piece

EXTENSION = "newsroom.live"
GOODBYE_SECONDS = 2.0

type Send = Callable[[dict[str, Any]], Awaitable[None]]


class FrameReceiver(Protocol):
    """Receives the frames of a socket after the ASGI application has returned."""

    def hear(self, text: str | None) -> None:
        """A frame has arrived; None if it is not text."""

    def gone(self) -> None:
        """The connection is lost."""

    def finish(self) -> bool:
        """Accept no more frames. False if an answer is being computed: the connection is closed after it."""


class DirectWire(Wire, Protocol):
    """A socket that lives on when the ASGI application returns: frames are written straight to its transport."""

    def attach(self, receiver: FrameReceiver) -> None:
        """Pass all further frames to `receiver`, those already received first. The application may return then."""

    def take_more(self) -> None:
        """All received frames have been handled."""


class Connection(Protocol):
    """The connection of a request."""

    def abort(self) -> None:
        """Close it and drop what is unsent."""


class AsgiWire:
    """`run()` sends what was written, until the connection shall end. A subclass makes the messages."""

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
        """Send until the end. Raises OSError when the peer is gone."""
        self._runs = asyncio.ensure_future(self._pump())
        try:
            await asyncio.wait({self._runs})
        finally:
            self._runs.cancel()
        if not self._runs.cancelled():
            self._runs.result()

    async def finish(self) -> None:
        """Send the last message. Raises TimeoutError if the peer does not read."""
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
