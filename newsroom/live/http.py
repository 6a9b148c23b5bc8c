"""uvicorn's HTTP, which waits for nobody's headers or body for ever, and lets the application answer without a task."""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from newsroom.client import network_of_peer
from newsroom.live.bodies import BodyDeadline
from newsroom.live.direct import EXTENSION
from newsroom.live.handshakes import Handshakes

HEADERS_SECONDS = 15.0  # for the whole of a request's headers, or a handshake's
MAX_HEADERS_BYTES = 64 * 1024  # with the address; of those without an end, beyond what one look at the socket brings
MOST_KNOWN = 2000  # requests that are recognised
LONGEST_KNOWN = 2000  # bytes
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

END = b"\r\n\r\n"

type Reply = tuple[int, list[tuple[bytes, bytes]], bytes, bytes]
type AtOnce = Callable[[dict[str, Any]], Reply | None]
type Join = Callable[[dict[str, Any], Callable[[Reply | None], None]], bool]


class HttpProtocol(HttpToolsProtocol):
    """If the application has a method `at_once(scope)`, requests that stand alone are shown to it first, as method,
    address, scheme and headers: what it returns – status, headers, body, and the headers as lines if it has them – is
    written as it is, without a scope, a task and a cycle of its own. Who asks in the very same words again is shown to
    it with the same mapping, in which it may have noted something, and nothing is parsed.

    If it has nothing at once, its method `join(scope, answer)` may say that it will call `answer` later: with a reply,
    or with None if it has to be asked as always. Until then the line waits, likewise without a task of its own.
    """

    _deadline: TimerHandle | None = None
    _is_incomplete = False  # headers have begun
    _is_answered = False  # by `at_once`
    _unfinished = 0  # bytes of headers without an end
    _handshakes = Handshakes()
    _own: tuple[list[tuple[bytes, bytes]] | None, bytes] = None, b""  # the server's headers of late, and as lines
    _is_between = True  # messages: whatever comes begins one
    _asked: dict[str, Any] | None = None  # as shown to `at_once` which has answered
    _begun = 0  # messages, within one look at the socket
    _whole: bytes | None = None  # what this look has brought, if it is one request and no more
    _parked: bytes | None = None  # the request whose answer has been promised to come later
    _late = b""  # what has come after that
    _is_leaving = False  # once it is answered
    _is_refused = False  # its headers were too long

    def __init__(self, config: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        # Requests byte for byte that were answered at once; one server's, as what may be noted there is.
        self._known: dict[bytes, dict[str, Any]] = config.__dict__.setdefault("known_requests", {})

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._body = BodyDeadline(self.loop, lambda: self.flow.read_paused, self._refuse_late_body)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        if self._parked is not None:
            self._late += data
            self.flow.pause_reading()
            return
        begins = self._is_between
        self._whole = data if begins and len(data) <= LONGEST_KNOWN and data.find(END) == len(data) - len(END) else None
        if begins and (known := self._known.get(data)) is not None and self._stands_alone() and self._settle(known):
            self._stop_waiting()
            self._unset_keepalive_if_required()
            self._finish()
            return
        was_waiting = self._deadline is not None
        self._begun, self._asked = 0, None
        super().data_received(data)
        if begins and self._begun == 1:
            self._know(data)
        if self._is_between or self._is_incomplete:
            self._body.stop()
        else:
            self._body.count(len(data))
        if self._is_incomplete and not was_waiting:
            self._expect_headers()
        elif was_waiting and self._deadline is not None:
            self._unfinished += len(data)
            if self._unfinished > MAX_HEADERS_BYTES:
                self._stop_waiting()
                self._refuse(TOO_LONG)

    def on_message_begin(self) -> None:
        """The scope can wait until it is known to be needed, see `_begin`."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._is_incomplete = True
        self._is_between = False
        self._begun += 1
        self._unset_keepalive_if_required()  # of an answer to what came together with this

    def on_headers_complete(self) -> None:
        self._is_incomplete = False
        self._stop_waiting()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEADERS_BYTES:
            self._is_refused = True
            self._refuse(TOO_LONG)
            return
        self._is_answered = self._answer_at_once()
        if not self._is_answered:
            self._begin()
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_between = True
        if self._is_refused:
            return
        if self._is_answered:
            self._is_answered = False
            self._finish()
        else:
            super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._body.stop()
        super().connection_lost(exc)

    def _refuse_late_body(self) -> None:
        if self.pipeline or self.cycle.response_started or self.flow.write_paused:
            self.transport.abort()
        else:
            self._refuse(TOO_LATE)

    def _refuse(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()

    def _begin(self) -> None:
        """What uvicorn does at a message's begin, with what has come since."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[dict-item]

    def _answer_at_once(self) -> bool:
        if not self._stands_alone():
            return False
        path, _, query = self.url.partition(b"?")
        if not path.startswith(b"/") or not self.url.isascii() or b"%" in path or b"#" in self.url:
            return False
        parser = self.parser
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive() or parser.should_upgrade():
            return False
        asked = {
            "method": parser.get_method().decode(),
            "scheme": self.scheme,
            "root_path": self.root_path,
            "path": path.decode(),
            "query_string": query,
            "headers": self.headers,
        }
        if not self._settle(asked):
            return False
        self._asked = asked
        return True

    def _settle(self, asked: dict[str, Any]) -> bool:
        """Answer it now, or let it wait for its answer."""
        return self._ask(asked) or self._park(asked)

    def _ask(self, asked: dict[str, Any]) -> bool:
        ask: AtOnce | None = getattr(self.app, "at_once", None)
        reply = ask(asked) if ask else None
        if reply is None:
            return False
        self._write(reply)
        return True

    def _park(self, asked: dict[str, Any]) -> bool:
        join: Join | None = getattr(self.app, "join", None)
        if join is None or self._whole is None or not join(asked, self._wake):
            return False
        self._parked = self._whole
        return True

    def _wake(self, reply: Reply | None) -> None:
        """With None the request is read once more, and takes the usual way."""
        (asked, self._parked), (late, self._late) = (self._parked, None), (self._late, b"")
        if asked is None or self.transport.is_closing():
            return
        if reply is None:
            self._whole = None
            super().data_received(asked)
        else:
            self._write(reply)
            self.on_response_complete()
        if self._is_leaving:
            super().shutdown()
        elif late:
            self.data_received(late)

    def _finish(self) -> None:
        if self._parked is None:
            self.on_response_complete()

    def shutdown(self) -> None:
        """Who waits is answered first."""
        self._is_leaving = True
        if self._parked is None:
            super().shutdown()

    def _write(self, reply: Reply) -> None:
        status, headers, body, lines = reply
        own = self.server_state.default_headers
        if self._own[0] is not own:  # uvicorn makes them anew each second
            HttpProtocol._own = own, _lines(own)
        start = (STATUS_LINE[status], self._own[1], lines or _lines(headers), b"\r\n")
        self.transport.writelines((b"".join(start), body))

    def _stands_alone(self) -> bool:
        """Whether nobody waits for another answer on this line, nor for it to take one."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _know(self, data: bytes) -> None:
        """Recognise these bytes from now on, if they are one request and no more, which was answered at once."""
        if self._asked is not None and self._is_between and len(data) <= LONGEST_KNOWN:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[data] = self._asked

    def _expect_headers(self) -> None:
        self._stop_waiting()
        self._unfinished = 0
        self._deadline = self.loop.call_later(HEADERS_SECONDS, self.transport.abort)
        self._handshakes.begin(self.transport, network_of_peer(self.client))

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
            self._handshakes.finish(self.transport)


def _lines(headers: list[tuple[bytes, bytes]]) -> bytes:
    return b"".join([b"%b: %b\r\n" % each for each in headers])
