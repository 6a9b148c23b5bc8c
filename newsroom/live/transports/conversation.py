"""The frames of one socket: each is decoded, checked, and handed to the hub or to a command."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import msgspec
from django.conf import settings
from django.db import Error
from django.utils import translation
from django.utils.translation import gettext as _

from newsroom.api.errors import problem
from newsroom.database.fit import NO_ROOM, is_full
from newsroom.errors import Forbidden, Invalid
from newsroom.limits import parse, refuse
from newsroom.live import protocol, registry
from newsroom.live.hub.hub import Hub
from newsroom.live.hub.listener import Listener, Wire
from newsroom.live.identity import Person, viewer_of
from newsroom.live.protocol import MAX_FRAME_BYTES, Anything, Close, Subscribe, Unsubscribe
from newsroom.live.transports.allowance import Allowance
from newsroom.monitoring import requests

FRAME_BURST = 20
logger = logging.getLogger(__name__)


class Conversation:
    """Its listener is one of the hub's guests until `gone()`."""

    __slots__ = ("_address", "_allowance", "_asked", "_hub", "_person", "listener", "request_id")

    def __init__(self, hub: Hub, wire: Wire, person: Person | None, address: str) -> None:
        self.listener = Listener(wire, person)
        self._hub, self._person, self._address = hub, person, address
        self.request_id = requests.current().id  # of the connection, for all that is done for it
        self._allowance: Allowance | None = None
        self._asked = 0  # streams requested by the URL; the rate limit does not count them

    def gone(self) -> None:
        """The connection is lost."""
        self.listener.gone()
        self._hub.guests.discard(self.listener)

    async def take(self, said: str | Subscribe | None) -> None:
        """Answer a frame (str) or a stream of the URL (Subscribe); None stands for a frame that is not text."""
        listener = self.listener
        if isinstance(said, Subscribe):
            self._asked += 1
            if self._asked > settings.LIMIT_STREAMS:  # each check of a stream costs a query
                listener.say(protocol.error("too_many_streams", said.stream[:100]))
            else:
                await self._subscribe(said)
        elif said is None:
            listener.close(Close.BINARY)
        elif len(said) > MAX_FRAME_BYTES:
            listener.close(Close.TOO_LARGE)
        elif self._is_allowed():
            try:
                await self._answer(said)
            except (msgspec.MsgspecError, RecursionError, ValueError):
                listener.say(protocol.error("malformed"))
        await listener.calm()

    def _is_allowed(self) -> bool:
        if self._allowance is None:
            amount, seconds = parse(settings.LIMITS["frames"])
            self._allowance = Allowance(amount / seconds, FRAME_BURST)
        if self._allowance.take():
            return True
        refuse("frames")
        self.listener.say(protocol.error("too_many_requests"))
        if self._allowance.refused >= FRAME_BURST:  # so many refusals in a row: the client does not slow down
            self.listener.close(Close.TOO_MANY)
        return False

    async def _answer(self, text: str) -> None:
        kind = msgspec.json.decode(text, type=Anything).type
        handle = registry.handler(kind)
        if kind == "subscribe":
            await self._subscribe(msgspec.json.decode(text, type=Subscribe))
        elif kind == "unsubscribe":
            stream = msgspec.json.decode(text, type=Unsubscribe).stream
            self.listener.leave(stream)
            self.listener.say(protocol.encode(protocol.Unsubscribed(stream)))
        elif handle is not None:
            message = msgspec.json.decode(text)
            answer = await self._hub.command(_command, handle, self._person, message, self._address, self.request_id)
            self.listener.say(protocol.encode(answer))
        else:
            self.listener.say(protocol.error("malformed"))

    async def _subscribe(self, frame: Subscribe) -> None:
        since = protocol.resumption(frame.epoch, frame.offset)
        try:
            await self._hub.join(self.listener, frame.stream, since)
        except Error as error:
            logger.warning("cannot let anybody follow %s: %s", frame.stream[:100], error)
            self.listener.close(Close.RESTART)


def _command(
    handle: registry.Handle, person: Person | None, message: dict[str, Any], address: str, request_id: str
) -> dict[str, Any]:
    """The answer to a command, a refusal included. Runs in a thread; never fails."""
    with requests.on_behalf_of(request_id):
        return _answer(handle, person, message, address)


def _answer(handle: registry.Handle, person: Person | None, message: dict[str, Any], address: str) -> dict[str, Any]:
    try:
        user = viewer_of(person.id if person else None)
        with translation.override(getattr(user, "language", None) or settings.LANGUAGE_CODE):
            try:
                _check_scope(person, message["type"])
                _check_fields(message)
                return handle(user, message, address)
            except Exception as error:
                refusal = problem(error, {"request": SimpleNamespace(user=user)})
                if refusal is None:
                    raise
                return _refused(message, refusal.data)
    except Error as error:
        logger.warning("a command met a database that is busy or away: %s", error)
        if is_full(error):
            return _refused(message, {"code": "unavailable", "detail": str(NO_ROOM)})
    except Exception:
        logger.exception("a command failed")
    return _refused(message, {"code": "unavailable", "detail": str(protocol.CODES["unavailable"])})


def _check_scope(person: Person | None, name: str) -> None:
    if person is not None and person.scopes is not None and name not in person.scopes:
        raise Forbidden(_("This key may not do that."))


def _check_fields(message: dict[str, Any]) -> None:
    """Refuse a field that the frame's description does not name, as over HTTP. Raises Invalid."""
    asks = registry.asked(message["type"])
    unknown = message.keys() - {"type", *asks.__struct_fields__} if asks else ()
    if unknown:
        sentence = _("There is no such field.")
        raise Invalid(_("Some fields need another look."), {name[:80]: [sentence] for name in sorted(unknown)})


def _refused(message: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """A problem document as a frame: {"type": "refused", "key", "code", "detail", …}."""
    key = message.get("key")
    extra = {name: value for name, value in document.items() if name not in ("type", "title", "status")}
    return {**extra, "type": "refused", "key": key if isinstance(key, str) else None}
