"""uvicorn's WebSocket protocol, with an extension: the hub writes encoded frames straight to the transport.

The protocol offers itself in the ASGI scope's `extensions`. An application that uses it returns after the handshake,
and the connection lives on without a coroutine, a queue or a request of its own. Under any other server or protocol the
extension is missing and the application goes on over ASGI.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import OPEN

from newsroom.live.hub.listener import LINGER_SECONDS, MAX_UNSENT, Listener
from newsroom.live.protocol import Close, Piece
from newsroom.live.transports.allowance import Allowance
from newsroom.live.transports.asgi import EXTENSION, FrameReceiver

PARTS_A_SECOND, PARTS_AT_ONCE = 10, 200  # pings, pongs and continuations, which the frame limit does not count
LOW_WATER = 32 * 1024  # bytes; a full transport takes more when no more than these are unsent
PING = b"\x89\x00"  # RFC 6455, section 5.5.2: final, ping, empty
PONG_HEAD, PONG_BYTES = b"\x8a\x80", 6  # the answer: final, pong, masked, empty, and 4 bytes of mask


class _Nowhere:
    """Replaces the queue and the event, which a connection without a coroutine does not need."""

    def put_nowait(self, message: object) -> None: ...

    def set(self) -> None: ...


_NOWHERE: Any = _Nowhere()


class LiveProtocol(WebSocketsSansIOProtocol):
    kind = "websocket"
    listener: Listener
    is_full = False
    is_parting = False
    sink: Callable[[bytes], object] | None = None
    _receiver: FrameReceiver | None = None
    _parts: Allowance | None = None
    _owes_pong = False
    _unparsed = 0  # upper bound for the bytes of an incomplete frame; 0 at the start of a frame

    # --- the application's side

    def attach(self, receiver: FrameReceiver) -> None:
        """Pass all further frames to `receiver`, those already received first. The application may return then."""
        waiting, self._receiver = self.queue, receiver
        self.queue = self.writable = _NOWHERE
        self.request = self.response = self.scope = cast("Any", None)
        self.sink = self.transport.write
        self.stop_keepalive()  # it needs a timer for each connection; `beat` does its work
        self.transport.set_write_buffer_limits(high=MAX_UNSENT, low=LOW_WATER)
        while not waiting.empty():
            message = waiting.get_nowait()
            if message["type"] == "websocket.receive":
                receiver.hear(message.get("text"))
        if self.disconnected:
            self._lose()

    def take_more(self) -> None:
        """All received frames have been handled."""
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def write(self, piece: Piece) -> None:
        self.transport.write(piece.wrapped)

    def beat(self) -> None:
        """Called at regular intervals: sends a ping, and closes a connection that did not answer the last one."""
        if self.is_full or self.read_paused:
            # Either the peer does not read, which is handled elsewhere, or we do not read, and would miss the pong
            return
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
        self.take_more()  # so that the peer's close frame is read
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    # --- the server's side

    def data_received(self, data: bytes) -> None:
        """Most data received is a single pong; that case skips the parser."""
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
        if not self.close_sent:  # else refused already: its task will not begin
            cast("Any", self.scope["extensions"])[EXTENSION] = self

    async def run_asgi(self) -> None:
        """As in the base class, but a detached connection stays open when the application returns."""
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            self.send_500_response()
        else:
            if self._receiver is not None:
                return
            if not self.handshake_complete and self.initial_response is None:  # nor refused by a response
                self.logger.error("ASGI callable returned without completing handshake.")
                self.send_500_response()
        if self.close_timer is None:
            self.transport.close()

    def send_receive_event_to_app(self) -> None:
        if self._receiver is None or self.close_sent:
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
        self._receiver.hear(text)

    def pause_writing(self) -> None:
        if self._receiver is None:
            super().pause_writing()
        else:
            self.is_full = True
            self.listener.stall()

    def resume_writing(self) -> None:
        if self._receiver is None:
            super().resume_writing()
        elif not self.close_sent and not self.transport.is_closing():
            self.is_full = False
            self.listener.flush()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._lose()

    # Limits for the frames that no conversation counts: each ping is answered, and a message may have any number of
    # empty parts.

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

    # Every close by the protocol itself comes here: no event may follow the close frame, and the wait for a peer is
    # limited.

    def shutdown(self) -> None:
        if self.transport.is_closing() or (self._receiver is not None and not self._receiver.finish()):
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
        if self._receiver is not None and not self.is_parting:
            self.is_full = self.is_parting = True
            self.listener.hush()
            self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _lose(self) -> None:
        if self._receiver is not None:
            self.is_full = True
            receiver, self._receiver = self._receiver, _IGNORE
            receiver.gone()


def _least_bytes(frame: Frame) -> int:
    """The least length of a client's frame on the wire: RFC 6455, section 5.2."""
    size = len(frame.data)
    return size + (6 if size < 126 else 8 if size < 65_536 else 14)


class _Ignore:
    """Receiver for a lost connection."""

    def hear(self, text: str | None) -> None: ...

    def gone(self) -> None: ...

    def finish(self) -> bool:
        return True


_IGNORE = _Ignore()
