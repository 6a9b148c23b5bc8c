"""Server-sent events at /live/sse: the hub's frames for clients that only receive.

Each event's `id` holds the client's positions in all streams. A browser that reconnects sends it as `Last-Event-ID` and
resumes all of them.
"""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import Any

from django.conf import settings

from newsroom.client import client_ip, network_of
from newsroom.limits import refuse
from newsroom.live import protocol
from newsroom.live.hub.hub import Hub
from newsroom.live.hub.listener import Listener
from newsroom.live.protocol import Close, Piece
from newsroom.live.transports.admission import Closed, admit, transport_security
from newsroom.live.transports.asgi import EXTENSION, AsgiWire, Connection, Send
from newsroom.live.transports.origin import Trust, trust_of_get
from newsroom.live.transports.websocket import Receive, Scope, wanted_streams
from newsroom.middleware.policies import NO_DOCUMENT

PATH = "/live/sse"
PING_SECONDS = 15.0
RETRY_MS, TOO_MANY_RETRY_MS = 2_000, 60_000
MAX_VECTOR = 8192  # characters of `streams=` or Last-Event-ID, as many as fit in a WebSocket's request line
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", NO_DOCUMENT.encode()),
    (b"vary", b"origin"),
]
logger = logging.getLogger(__name__)


class SseConsumer:
    """The ASGI application for GET /live/sse."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._hub.start()
        headers = dict(scope["headers"])
        trusted = trust_of_get(headers)
        try:
            person = await admit(self._hub, scope, trusted if scope["method"] == "GET" else Trust.NONE)
        except Closed as closed:
            told = closed.headers + transport_security(scope)
            await send({"type": "http.response.start", "status": closed.status, "headers": told})
            await send({"type": "http.response.body", "body": closed.body})
            return
        guests, network = self._hub.guests, network_of(client_ip(scope))
        has_place = guests.has_place_for(network, person.id if person else None)
        wire = _SseWire(send)
        listener = Listener(wire, person)
        if has_place:
            guests.add(listener, network)  # no await since `admit`, which requires this
        try:
            await _begin(scope, send, trusted, RETRY_MS if has_place else TOO_MANY_RETRY_MS)
            if has_place:
                resumed = headers.get(b"last-event-id", b"").decode("latin-1")
                await self._follow(listener, wire, scope, receive, resumed or wanted_streams(scope))
            else:
                refuse("sockets")
                await send(wire.message(Piece(protocol.error("too_many_requests"))))
                await send(wire.last_message())
        except OSError:
            return  # the peer is gone, or does not read
        finally:
            listener.gone()
            guests.discard(listener)

    async def _follow(self, listener: Listener, wire: _SseWire, scope: Scope, receive: Receive, streams: str) -> None:
        """Send events until one side ends it. Raises OSError."""
        if self._hub.is_parting:
            listener.close(Close.GOING_AWAY)
        tasks = {
            asyncio.create_task(wire.run()),
            asyncio.create_task(_until_gone(receive)),
        }
        joining = asyncio.create_task(self._join(listener, wire, streams))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, joining):
                task.cancel()
            for ended in await asyncio.gather(*tasks, joining, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, OSError):
                    logger.warning("a stream of events ended by %r", ended)
        if wire.code is not None:
            try:
                await wire.finish()
            except TimeoutError:
                connection: Connection | None = scope.get("extensions", {}).get(EXTENSION)
                if connection is not None:
                    connection.abort()
                raise

    async def _join(self, listener: Listener, wire: _SseWire, streams: str) -> None:
        """Join all streams before anything is sent, since each message tells the positions in all of them."""
        wanted = protocol.wanted(streams) if len(streams) <= MAX_VECTOR else []
        try:
            for frame in wanted[: settings.LIMIT_STREAMS]:
                await self._hub.join(listener, frame.stream, protocol.resumption(frame.epoch, frame.offset))
        except Exception as error:  # noqa: BLE001  whatever it is: the client reconnects
            logger.warning("cannot let anybody follow %s: %r", streams[:100], error)
            listener.close(Close.RESTART)
        for frame in wanted[settings.LIMIT_STREAMS :]:
            listener.say(protocol.error("too_many_streams", frame.stream[:100]))
        if not wanted:
            listener.say(protocol.error("malformed"))
            listener.close(Close.NOTHING_LEFT)
        wire.begin()


class _SseWire(AsgiWire):
    kind = "sse"

    def __init__(self, send: Send) -> None:
        super().__init__(send)
        self.is_full = True

    def begin(self) -> None:
        self.is_full = False
        self.listener.flush()

    def message(self, piece: Piece) -> dict[str, Any]:
        """While answers wait the id is not changed: a client that is cut off now needs them again after it
        reconnects.
        """
        vector = "" if self.listener.has_answers else self.listener.vector()
        place = f"id: {vector}\n".encode() if vector else b""
        return _body(place + b"data: " + piece.data + b"\n\n")

    def last_message(self) -> dict[str, Any]:
        return {"type": "http.response.body", "body": b"", "more_body": False}

    async def rest(self) -> None:
        try:
            async with asyncio.timeout(PING_SECONDS):
                await super().rest()
        except TimeoutError:
            if self._message is None:
                self.is_full, self._message = True, _body(b": ping\n\n")
                self.listener.stall()


async def _begin(scope: Scope, send: Send, trusted: Trust, retry: int) -> None:
    headers, origin = HEADERS + transport_security(scope), dict(scope["headers"]).get(b"origin")
    if origin is not None and trusted is Trust.FULL:
        headers += [(b"access-control-allow-origin", origin), (b"access-control-allow-credentials", b"true")]
    elif origin is not None:
        headers.append((b"access-control-allow-origin", b"*"))
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
    await send(_body(f"retry: {retry}\n\n".encode()))


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _body(content: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": content, "more_body": True}
