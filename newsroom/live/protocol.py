"""The typed frames of /live/, from the client and to it. docs/live.md has the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext_lazy as _

from newsroom.live.outbox import Position

MAX_FRAME_BYTES = 65_536
CODES = {  # of error frames
    "malformed": _("This is not a frame that we know."),
    "unknown_stream": _("There is no such stream, or it is not for you."),
    "too_many_streams": _("A connection may follow no more streams."),
    "too_many_requests": _("Too many frames: slow down."),
    "unavailable": _("That did not work; try again in a moment."),
}


class Close:
    """Close codes. After GOING_AWAY, RESTART and TOO_SLOW a client should reconnect and resume."""

    GOING_AWAY = 1001
    BINARY = 1003
    NOT_TEXT = 1007
    TOO_LARGE = 1009
    RESTART = 1012
    NOTHING_LEFT = 4003
    TOO_SLOW = 4008
    TOO_MANY = 4029


class Anything(msgspec.Struct):
    """Any frame; `type` decides how it is decoded."""

    type: str


class Subscribe(msgspec.Struct, tag_field="type", tag="subscribe", forbid_unknown_fields=True):
    """Follow a stream from now on, or resume after (epoch, offset). Malformed values cannot be resumed and get a
    reset.
    """

    stream: str
    epoch: Any = None
    offset: Any = None


class Unsubscribe(msgspec.Struct, tag_field="type", tag="unsubscribe", forbid_unknown_fields=True):
    stream: str


class Subscribed(msgspec.Struct, tag_field="type", tag="subscribed"):
    """Events after `offset` follow."""

    stream: str
    epoch: str
    offset: int


class Reset(msgspec.Struct, tag_field="type", tag="reset"):
    """Not subscribed: load over HTTP and subscribe with that answer's position."""

    stream: str


class Unsubscribed(msgspec.Struct, tag_field="type", tag="unsubscribed", omit_defaults=True):
    """Sent on request; has a `code` if a right was lost."""

    stream: str
    code: str | None = None


class Error(msgspec.Struct, tag_field="type", tag="error", omit_defaults=True):
    code: str
    detail: str
    stream: str | None = None


class Refused(msgspec.Struct, tag_field="type", tag="refused"):
    """A command was not carried out; `key` is the one it came with."""

    key: str | None
    code: str
    detail: str


class Events(msgspec.Struct, tag_field="type", tag="events", rename={"since": "from"}, omit_defaults=True):
    """The events `from` < offset ≤ `upto`, all of them; over HTTP also the stream's position and whether more
    follow.
    """

    stream: str
    epoch: str
    since: int
    upto: int
    events: Sequence[msgspec.Raw]
    top: int | None = None
    more: bool | None = None


type Answer = Subscribed | Reset | Unsubscribed | Error | Events

JUNK = Position("", -1)  # matches no stream, so the client has to load anew


class Piece:
    """An encoded frame. The form for each transport is made once and shared by all receivers."""

    __slots__ = ("_text", "_wrapped", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._text: str | None = None
        self._wrapped: bytes | None = None

    @property
    def text(self) -> str:
        """As text for an ASGI server."""
        if self._text is None:
            self._text = self.data.decode()
        return self._text

    @property
    def wrapped(self) -> bytes:
        """As a WebSocket text frame: RFC 6455, section 5.2."""
        if self._wrapped is None:
            self._wrapped = _wrap(self.data)
        return self._wrapped


class Burst(Piece):
    """An events frame. `upto` is a listener's offset after it."""

    __slots__ = ("upto",)

    def __init__(self, data: bytes, upto: int) -> None:
        super().__init__(data)
        self.upto = upto


def _wrap(data: bytes) -> bytes:
    size = len(data)
    if size < 126:
        return bytes((0x81, size)) + data
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2) + data
    return b"\x81\x7f" + size.to_bytes(8) + data


def encode(frame: Answer | dict[str, Any]) -> bytes:
    return msgspec.json.encode(frame)


def error(code: str, stream: str | None = None) -> bytes:
    return encode(Error(code, str(CODES[code]), stream))


def frame(stream: str, since: Position, encoded: Sequence[bytes], *, top: int | None = None) -> Events:
    """A frame of already encoded events, the ones right after `since`. With `top` it also says if there are more."""
    upto = since.offset + len(encoded)
    events = [msgspec.Raw(each) for each in encoded]
    return Events(stream, since.epoch, since.offset, upto, events, top, None if top is None else upto < top)


def resumption(epoch: Any, offset: Any) -> Position | None:
    """The position to resume after; None to follow from now on; JUNK if malformed."""
    if epoch is None and offset is None:
        return None
    if isinstance(epoch, str) and type(offset) is int and offset >= 0:
        return Position(epoch, offset)
    return JUNK


def wanted(streams: str) -> list[Subscribe]:
    """Subscribe frames from the text `a,b@epoch:offset`."""
    return [_wanted(each) for each in streams.split(",") if each]


def _wanted(text: str) -> Subscribe:
    name, at, position = text.partition("@")
    epoch, _, offset = position.rpartition(":")
    if not at:
        return Subscribe(name)
    return Subscribe(name, epoch, number(offset))


def number(text: str) -> int | str:
    """`text` as a number if it is one; otherwise `text` itself."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else text
