"""The WebSocket of /live/: transport only. It matches the frame, guards, and hands over to the hub or a command."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from time import monotonic
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import msgspec
from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from newsroom.api.errors import problem
from newsroom.client import client_ip, network_of
from newsroom.errors import Forbidden, Refused
from newsroom.limits import parse
from newsroom.live import protocol, registry
from newsroom.live.hub import Hub
from newsroom.live.listener import PATIENCE_SECONDS, Listener
from newsroom.live.origin import Trust, trust
from newsroom.live.people import Person, Unrecognised, has_credentials, recognise, viewer_of
from newsroom.live.protocol import MAX_FRAME_BYTES, Anything, Close, Subscribe, Unsubscribe

FRAME_BURST = 20
logger = logging.getLogger(__name__)

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]


class LiveConsumer:
    """The ASGI application for sockets. An anonymous reader costs no query but for a stream nobody listens to yet."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()  # websocket.connect
        await self._hub.start()
        headers = dict(scope["headers"])
        trusted = trust(headers)
        if scope["path"] != "/live/" or trusted is Trust.NONE:
            await _refuse(scope, send, HTTPStatus.FORBIDDEN)
            return
        person = None
        if trusted is Trust.FULL and has_credentials(headers):
            try:
                person = await self._hub.ask(recognise, scope)
            except (Unrecognised, Refused, APIException):
                await _refuse(scope, send, HTTPStatus.FORBIDDEN)
                return
            except DatabaseError as error:
                logger.warning("cannot tell who opens a socket: %s", error)
                await _refuse(scope, send, HTTPStatus.SERVICE_UNAVAILABLE)
                return
        await _Socket(self._hub, scope, receive, send, person).run()


class _Socket:
    """One open connection."""

    def __init__(self, hub: Hub, scope: Scope, receive: Receive, send: Send, person: Person | None) -> None:
        self._hub, self._receive, self._send = hub, receive, send
        self._person = person
        self._address = client_ip(scope)
        self._streams = ",".join(parse_qs(scope["query_string"].decode("latin-1")).get("streams", []))
        self._listener = Listener(self._transmit, person.id if person else None)
        self._allowance = _Allowance()

    async def run(self) -> None:
        """From the handshake to the last word."""
        listener, network = self._listener, network_of(self._address)
        guests = self._hub.guests
        if not guests.has_place_for(network, listener.user_id):
            await self._send({"type": "websocket.accept"})
            await self._send({"type": "websocket.close", "code": Close.TOO_MANY})
            return
        guests.add(listener, network)  # no wait since it was recognised: see Hub.ask
        try:
            await self._send({"type": "websocket.accept"})
            await self._talk()
        except OSError:
            return  # the peer is gone
        finally:
            listener.leave_all()
            guests.discard(listener)

    async def _talk(self) -> None:
        listener = self._listener
        pump, hearing = asyncio.create_task(listener.pump()), asyncio.create_task(self._hear())
        listener.abandon = pump.cancel
        try:
            await asyncio.wait({pump, hearing}, return_when=asyncio.FIRST_COMPLETED)
            if listener.code is not None:
                await asyncio.wait({pump}, timeout=PATIENCE_SECONDS)
        finally:
            gone = hearing.done() and listener.code is None
            for task in (pump, hearing):
                task.cancel()
            for ended in await asyncio.gather(pump, hearing, return_exceptions=True):
                if isinstance(ended, Exception) and not isinstance(ended, OSError):
                    logger.warning("a connection ended by %r", ended)
        if not gone:
            code = listener.code or Close.RESTART
            await asyncio.wait_for(self._send({"type": "websocket.close", "code": code}), PATIENCE_SECONDS)

    async def _hear(self) -> None:
        """Ends when the peer is gone, or has been told to go."""
        for wanted in protocol.wanted(self._streams):
            await self._subscribe(wanted)
        while self._listener.code is None:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self._listener.close(Close.BINARY)
            elif len(text) > MAX_FRAME_BYTES:
                self._listener.close(Close.TOO_LARGE)
            else:
                await self._take(text)
                await self._listener.calm()

    async def _take(self, text: str) -> None:
        if not self._allowance.take():
            self._listener.say(protocol.error("too_many_requests"))
            if self._allowance.is_abused:
                self._listener.close(Close.TOO_MANY)
            return
        try:
            await self._answer(text)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            self._listener.say(protocol.error("malformed"))

    async def _answer(self, text: str) -> None:
        kind = msgspec.json.decode(text, type=Anything).type
        handle = registry.handler(kind)
        if kind == "subscribe":
            await self._subscribe(msgspec.json.decode(text, type=Subscribe))
        elif kind == "unsubscribe":
            stream = msgspec.json.decode(text, type=Unsubscribe).stream
            self._listener.leave(stream)
            self._listener.say(protocol.encode(protocol.Unsubscribed(stream)))
        elif handle is not None:
            message = msgspec.json.decode(text)
            answer = await self._hub.command(_command, handle, self._person, message, self._address)
            self._listener.say(protocol.encode(answer))
        else:
            self._listener.say(protocol.error("malformed"))

    async def _subscribe(self, frame: Subscribe) -> None:
        if self._person is not None and not registry.in_scope(self._person.scopes, frame.stream):
            self._listener.say(protocol.error("unknown_stream", frame.stream[:100]))
            return
        since = protocol.resumption(frame.epoch, frame.offset)
        try:
            await self._hub.join(self._listener, frame.stream, since)
        except DatabaseError as error:
            logger.warning("cannot let anybody follow %s: %s", frame.stream[:100], error)
            self._listener.close(Close.RESTART)

    async def _transmit(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})


class _Allowance:
    """How many frames a socket may still send: LIMIT_FRAMES over time, FRAME_BURST at once."""

    def __init__(self) -> None:
        amount, seconds = parse(settings.LIMITS["frames"])
        self._a_second = amount / seconds
        self._left, self._at = float(FRAME_BURST), monotonic()
        self._refused = 0

    def take(self) -> bool:
        now = monotonic()
        self._left, self._at = min(FRAME_BURST, self._left + (now - self._at) * self._a_second), now
        if self._left < 1:
            self._refused += 1
            return False
        self._left -= 1
        self._refused = 0
        return True

    @property
    def is_abused(self) -> bool:
        """Refusals alone do not help."""
        return self._refused >= FRAME_BURST


def _command(handle: registry.Handle, person: Person | None, message: dict[str, Any], address: str) -> dict[str, Any]:
    """The answer to a command, a refusal included; runs in a thread. Never fails."""
    try:
        user = viewer_of(person.id if person else None)
        with translation.override(getattr(user, "language", None) or settings.LANGUAGE_CODE):
            try:
                _check_scope(person, message["type"])
                return handle(user, message, address)
            except Exception as error:
                refusal = problem(error, {"request": SimpleNamespace(user=user)})
                if refusal is None:
                    raise
                return _refused(message, refusal.data)
    except DatabaseError as error:
        logger.warning("a command met a database that is busy or away: %s", error)
    except Exception:
        logger.exception("a command failed")
    return _refused(message, {"code": "unavailable", "detail": str(protocol.CODES["unavailable"])})


def _check_scope(person: Person | None, name: str) -> None:
    if person is not None and person.scopes is not None and name not in person.scopes:
        raise Forbidden(_("This key may not do that."))


def _refused(message: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A problem document as a frame: {"type": "refused", "key", "code", "detail", …}."""
    key = message.get("key")
    extra = {name: value for name, value in document.items() if name not in ("type", "title", "status")}
    return {**extra, "type": "refused", "key": key if isinstance(key, str) else None}


async def _refuse(scope: Scope, send: Send, status: HTTPStatus) -> None:
    """No upgrade."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"2"))
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": status.phrase.encode()})
