"""uvicorn's WebSocket protocol, grown by a side door: the hub writes encoded frames to the transport itself.

The protocol offers itself in the ASGI scope's `extensions`. An application that takes it up returns after the
handshake, and the connection lives on without a coroutine, a queue or a request of its own. Under any other server,
or uvicorn's own protocol, the extension is missing and the application goes on over ASGI.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import OPEN

from newsroom.live.allowance import Allowance
from newsroom.live.listener import LINGER_SECONDS, MAX_UNSENT, Listener
from newsroom.live.protocol import Close, Piece

EXTENSION = "newsroom.live"
PARTS_A_SECOND, PARTS_AT_ONCE = 10, 200  # pings, pongs and continuations: frames that no conversation counts
LOW_WATER = 32 * 1024  # bytes left when a full transport takes more again
PING = b"\x89\x00"  # RFC 6455, section 5.5.2: final, a ping, nothing in it
PONG_HEAD, PONG_BYTES = b"\x8a\x80", 6  # its answer: final, a pong, masked, nothing in it; then four bytes of mask


class Ears(Protocol):
    """What takes over from the ASGI application."""

    def hear(self, text: str | None) -> None:
        """A frame has come in; None if it is not text."""

    def gone(self) -> None:
        """The connection is lost."""

    def finish(self) -> bool:
        """Hear nothing more. False if an answer is under way: after it the connection is ended."""


class _Nowhere:
    """Stands for the queue and the event that a connection without a coroutine does not need."""

    def put_nowait(self, message: object) -> None: ...

    def set(self) -> None: ...


_NOWHERE: Any = _Nowhere()


class LiveProtocol(WebSocketsSansIOProtocol):
    kind = "websocket"
    listener: Listener
    is_full = False
    is_parting = False
    sink: Callable[[bytes], object] | None = None
    _ears: Ears | None = None
    _parts: Allowance | None = None
    _owes_pong = False
    _unparsed = 0  # at most so many bytes of a frame that is not complete; 0 if the next byte begins one

    # --- the application's side

    def attach(self, ears: Ears) -> None:
        """From now on frames go to `ears`, and the application may return. What has come in meanwhile comes first."""
        waiting, self._ears = self.queue, ears
        self.queue = self.writable = _NOWHERE
        self.request = self.response = self.scope = cast("Any", None)
        self.sink = self.transport.write
        self.stop_keepalive()  # a timer for each connection: see `beat`
        self.transport.set_write_buffer_limits(high=MAX_UNSENT, low=LOW_WATER)
        while not waiting.empty():
            message = waiting.get_nowait()
            if message["type"] == "websocket.receive":
                ears.hear(message.get("text"))
        if self.disconnected:
            self._lose()

    def take_more(self) -> None:
        """All that came in is dealt with."""
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, piece: Piece) -> None:
        self.transport.write(piece.wrapped)

    def beat(self) -> None:
        """Called now and then, at even distances: pings, and ends a connection whose last ping was never answered."""
        if self.is_full or self.read_paused:
            return  # it reads nothing, and is waited for elsewhere, or is at its end; or it is we who do not read
        if self._owes_pong:
            self.keepalive_timeout()
        else:
            self._owes_pong = True
            self.transport.write(PING)

    def end(self, code: int, *, at_once: bool = False) -> None:
        if self.close_sent or self.transport.is_closing() or self.conn.state is not OPEN:
            return
        self.is_full = self.close_sent = True
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.take_more()  # the peer's answer
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    # --- the server's side

    def data_received(self, data: bytes) -> None:
        """Pongs are most of what comes in; where one is all that came, it needs no parser."""
        if self._owes_pong and not self._unparsed and len(data) == PONG_BYTES and data.startswith(PONG_HEAD):
            self._owes_pong = False
            return
        self._unparsed += len(data)
        super().data_received(data)

    def handle_events(self) -> None:
        self._unparsed -= sum(_least_bytes(event) for event in self.conn.events if isinstance(event, Frame))
        super().handle_events()

    def handle_connect(self, event: Request) -> None:
        self._unparsed = 0
        super().handle_connect(event)
        if not self.close_sent:  # the task that was made has not begun
            cast("Any", self.scope["extensions"])[EXTENSION] = self

    async def run_asgi(self) -> None:
        """As in the base class, but a connection that was taken up stays open when the application returns."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if self._ears is not None:
                return
            if not self.handshake_complete and self.initial_response is None:  # nor refused by a response
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if self.close_timer is None:
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        if self._ears is None or self.close_sent:
            super().send_receive_event_to_app()
            return
        data = b"".join(self.frames)
        self.frames = []
        try:
            text = data.decode() if self.curr_msg_data_type == "text" else None
        except UnicodeDecodeError:
            self.conn.send_close(Close.NOT_TEXT)
            self.handle_parser_exception()
            return
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()
        self._ears.hear(text)

    def pause_writing(self) -> None:
        if self._ears is None:
            super().pause_writing()
        else:
            self.is_full = True
            self.listener.stall()

    def resume_writing(self) -> None:
        if self._ears is None:
            super().resume_writing()
        elif not self.close_sent and not self.transport.is_closing():
            self.is_full = False
            self.listener.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._lose()

    # A ping is answered whether its peer reads or not, and a message may have any number of empty parts.

    def handle_ping(self) -> None:
        if self._bears_another():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        self._owes_pong = False
        if self._bears_another():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        if self._bears_another():
            super().handle_cont(event)

    def _bears_another(self) -> bool:
        if self.transport.is_closing():
            return False
        if self._parts is None:
            self._parts = Allowance(PARTS_A_SECOND, PARTS_AT_ONCE)
        if self._parts.take():
            return True
        if self.conn.state is OPEN:
            self.conn.fail(Close.TOO_MANY)
            self.handle_parser_exception()
        else:
            self.transport.abort()
        return False

    # What closes the connection from here: no event may follow the last frame, and nobody is waited for for ever.

    def shutdown(self) -> None:
        if self.transport.is_closing() or (self._ears is not None and not self._ears.finish()):
            return
        self._part()
        super().shutdown()

    def handle_parser_exception(self) -> None:
        self._part()
        super().handle_parser_exception()

    def keepalive_timeout(self) -> None:
        self._part()
        super().keepalive_timeout()

    def handle_close(self, event: Frame) -> None:
        self._part()
        super().handle_close(event)

    def _part(self) -> None:
        if self._ears is not None and not self.is_parting:
            self.is_full = self.is_parting = True
            self.listener.hush()
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _lose(self) -> None:
        if self._ears is not None:
            self.is_full = True
            ears, self._ears = self._ears, _DEAF
            ears.gone()


def _least_bytes(frame: Frame) -> int:
    """What a frame of a client takes on the line, if it is encoded as short as can be: RFC 6455, section 5.2."""
    size = len(frame.data)
    return size + (6 if size < 126 else 8 if size < 65_536 else 14)


class _Deaf:
    """Hears for a connection that is lost."""

    def hear(self, text: str | None) -> None: ...

    def gone(self) -> None: ...

    def finish(self) -> bool:
        return True


_DEAF = _Deaf()
