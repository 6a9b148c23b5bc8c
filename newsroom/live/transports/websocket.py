"""The WebSocket of /live/: the handshake, and the passing of frames between the server and a conversation.

If the server offers it (`newsroom.server.websocket`) the connection is detached: this application returns, and frames
go straight between conversation and transport. Otherwise two tasks for each connection send and receive.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from newsroom.client import client_ip, network_of
from newsroom.limits import refuse
from newsroom.live import protocol
from newsroom.live.hub.hub import Hub
from newsroom.live.protocol import Close, Subscribe
from newsroom.live.transports.admission import Closed, admit, transport_security
from newsroom.live.transports.asgi import EXTENSION, AsgiWire, DirectWire, Send
from newsroom.live.transports.conversation import Conversation
from newsroom.live.transports.origin import Trust, trust
from newsroom.monitoring import requests

PATH = "/live/"
logger = logging.getLogger(__name__)

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]


class LiveConsumer:
    """The ASGI application for sockets. An anonymous reader causes a query only for a stream without listeners."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        await self._hub.start()
        try:
            person = await admit(
                self._hub, scope, trust(dict(scope["headers"])) if scope["path"] == PATH else Trust.NONE
            )
        except Closed as closed:
            await _refuse(scope, send, closed)
            return
        address = client_ip(scope)
        guests, network = self._hub.guests, network_of(address)
        if not guests.has_place_for(network, person.id if person else None):
            refuse("sockets")
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": Close.TOO_MANY})
            return
        direct: DirectWire | None = scope.get("extensions", {}).get(EXTENSION)
        over_asgi = AsgiWire(send)
        conversation = Conversation(self._hub, direct or over_asgi, person, address)
        guests.add(conversation.listener, network)  # no await since `admit`, which requires this
        wanted = protocol.wanted(wanted_streams(scope))
        detached = False
        try:
            await send({"type": "websocket.accept"})
            if direct is not None:
                direct.attach(_DetachedReceiver(self._hub, conversation, direct, wanted))
                detached = True
            else:
                await _converse(conversation, over_asgi, wanted, receive)
        except OSError:
            return  # the peer is gone
        finally:
            if not detached:
                conversation.gone()


def wanted_streams(scope: Scope) -> str:
    return ",".join(parse_qs(scope["query_string"].decode("latin-1")).get("streams", []))


class _DetachedReceiver:
    """Answers the frames of a detached connection, in order. A task exists only while there is a frame to answer."""

    __slots__ = ("_conversation", "_hub", "_is_leaving", "_said", "_wire")

    def __init__(self, hub: Hub, conversation: Conversation, wire: DirectWire, wanted: list[Subscribe]) -> None:
        self._hub, self._conversation, self._wire = hub, conversation, wire
        self._said: list[Subscribe | str | None] | None = None
        self._is_leaving = False
        for frame in wanted:
            self._hear(frame)

    def hear(self, text: str | None) -> None:
        self._hear(text)

    def gone(self) -> None:
        self._conversation.gone()

    def finish(self) -> bool:
        self._is_leaving = True
        if self._said is None:
            return True
        self._said.clear()
        return False

    def _hear(self, said: Subscribe | str | None) -> None:
        if self._is_leaving:
            return
        if self._said is not None:
            self._said.append(said)
        else:
            self._said = [said]
            self._hub.spawn(self._answer(self._said))

    async def _answer(self, said: list[Subscribe | str | None]) -> None:
        with requests.on_behalf_of(self._conversation.request_id):
            await self._take(said)

    async def _take(self, said: list[Subscribe | str | None]) -> None:
        conversation = self._conversation
        try:
            while said and conversation.listener.code is None:
                await conversation.take(said.pop(0))
        except Exception:
            logger.exception("a conversation failed")
            conversation.listener.close(Close.RESTART)
        finally:
            self._said = None
        # Dropped frames were read off the socket: with unread bytes the close would be a TCP reset, which overtakes the
        # answer.
        if self._is_leaving:
            conversation.listener.close(Close.RESTART)
        else:
            self._wire.take_more()


async def _converse(conversation: Conversation, wire: AsgiWire, wanted: list[Subscribe], receive: Receive) -> None:
    """Receive and send over ASGI until one side is gone. Raises OSError."""
    sending = asyncio.create_task(wire.run())
    hearing = asyncio.create_task(_hear(conversation, wanted, receive))
    try:
        await asyncio.wait({sending, hearing}, return_when=asyncio.FIRST_COMPLETED)
        if wire.code is None and conversation.listener.code is not None:
            await asyncio.wait({sending})  # an unsent answer; the hub closes a peer that does not read
    finally:
        for task in (sending, hearing):
            task.cancel()
        for ended in await asyncio.gather(sending, hearing, return_exceptions=True):
            if isinstance(ended, Exception) and not isinstance(ended, OSError):
                logger.warning("a connection ended by %r", ended)
    if wire.code is not None:
        await wire.finish()


async def _hear(conversation: Conversation, wanted: list[Subscribe], receive: Receive) -> None:
    """Ends when the peer is gone, or has been told to go."""
    for frame in wanted:
        await conversation.take(frame)
    while conversation.listener.code is None:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            return
        await conversation.take(message.get("text"))


async def _refuse(scope: Scope, send: Send, closed: Closed) -> None:
    """Answer without an upgrade."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = closed.headers + transport_security(scope)
    start = {"type": "websocket.http.response.start", "status": closed.status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": closed.body})
