"""A WebSocket that costs its process little, and that can vanish as rudely as the network lets it."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable

_TEXT, _CLOSE, _PING = 1, 8, 9
_GOODBYE = b"\x88\x82\0\0\0\0\x03\xe8"  # a close frame with 1000, masked with nothing
_PONG = b"\x8a\x80\0\0\0\0"
_REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: bm90IGEgc2VjcmV0IGtleQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Frames(asyncio.Protocol):
    """Calls `hear(text)` for each text frame. `closed` is set once the connection is no more."""

    def __init__(self, path: str, hear: Callable[[bytes], None]) -> None:
        self._path, self._hear = path, hear
        self._buffer = bytearray()
        self._is_open = False
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()

    @classmethod
    async def connect(cls, port: int, path: str, hear: Callable[[bytes], None], seconds: float = 20) -> Frames:
        """Raises OSError, TimeoutError; ConnectionError if the server does not upgrade."""
        async with asyncio.timeout(seconds):
            _, made = await asyncio.get_running_loop().create_connection(lambda: cls(path, hear), "127.0.0.1", port)
            try:
                await made.opened
            except BaseException:
                made.transport.abort()
                raise
            return made

    def close(self) -> None:
        """With a goodbye."""
        self.transport.write(_GOODBYE)
        self.transport.close()

    def reset(self) -> None:
        """With an RST."""
        line: socket.socket = self.transport.get_extra_info("socket")
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def fall_silent(self) -> None:
        """Read no more, and say nothing."""
        self._hear = lambda _: None
        self.transport.pause_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(_REQUEST.format(path=self._path).encode())

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()
        if not self.opened.done():
            self.opened.set_exception(error or ConnectionError("closed before it was open"))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_open:
            head, mark, rest = self._buffer.partition(b"\r\n\r\n")
            if not mark or self.opened.done():
                return
            if b" 101 " not in head.split(b"\r\n")[0]:
                self.opened.set_exception(ConnectionError(bytes(head.split(b"\r\n")[0])))
                return
            self._buffer, self._is_open = rest, True
            self.opened.set_result(None)
        self._take_frames()

    def _take_frames(self) -> None:
        at, buffer = 0, self._buffer
        while (found := _frame(buffer, at)) is not None:
            opcode, payload, at = found
            if opcode == _TEXT:
                self._hear(payload)
            elif opcode == _PING:
                self.transport.write(_PONG)
            elif opcode == _CLOSE:
                self.transport.close()
        del buffer[:at]


def _frame(buffer: bytearray, at: int) -> tuple[int, bytes, int] | None:
    """Opcode and payload of the frame that begins at `at`, and where the next one does; None if it is not whole."""
    if len(buffer) < at + 2:
        return None
    start, length = at + 2, buffer[at + 1] & 127
    wide = {126: 2, 127: 8}.get(length, 0)
    if wide:
        if len(buffer) < start + wide:
            return None
        length, start = int.from_bytes(buffer[start : start + wide]), start + wide
    if len(buffer) < start + length:
        return None
    return buffer[at] & 15, bytes(buffer[start : start + length]), start + length
