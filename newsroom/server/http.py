"""uvicorn's HTTP protocol, with time limits for headers and bodies, and with answers that need no task."""

from __future__ import annotations

from asyncio import TimerHandle, Transport
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from newsroom.client import network_of_peer
from newsroom.live.transports.asgi import EXTENSION
from newsroom.monitoring import requests
from newsroom.server.bodies import BodyDeadline
from newsroom.server.handshakes import Handshakes

LAST_SECONDS = 2.0  # at a shutdown, for a request that is on its way
HEADERS_SECONDS = 15.0  # for all headers of a request or a handshake
MAX_HEADERS_BYTES = 64 * 1024  # including the URL; incomplete headers may exceed it by one read from the socket
TOO_LONG = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

type Reply = tuple[int, list[tuple[bytes, bytes]], bytes, bytes]
type AtOnce = Callable[[dict[str, Any]], Reply | None]


class HttpProtocol(HttpToolsProtocol):
    """If the application has a method `at_once(scope)`, it is called first for each request without predecessors on the
    connection. The scope holds only method, URL, scheme and headers. The method returns status, headers, body, and
    optionally the headers as HTTP/1.1 lines. These are written directly, without a full scope, a task and uvicorn's
    cycle. If it returns None, uvicorn handles the request as usual.
    """

    _deadline: TimerHandle | None = None
    _is_incomplete = False  # headers have begun
    _is_answered = False  # by `at_once`
    _unfinished = 0  # bytes of incomplete headers
    _handshakes = Handshakes()
    _own: tuple[list[tuple[bytes, bytes]] | None, bytes] = None, b""  # uvicorn's default headers, and the same as lines
    _is_between = True  # between two requests
    _is_refused = False  # its headers were too long
    _is_fresh = True  # no request has begun
    _is_parting = False  # the next answer is the last one

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._body = BodyDeadline(self.loop, lambda: self.flow.read_paused, self._refuse_late_body)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        was_waiting = self._deadline is not None
        super().data_received(data)
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
        """uvicorn makes the scope here; we make it in `_begin`, if it is needed."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._is_incomplete = True
        self._is_between = self._is_fresh = False
        self._unset_keepalive_if_required()  # of the answer to a request that came in the same packet

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
            if self._is_parting:
                self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._is_between = True
        if self._is_refused:
            return
        if self._is_answered:
            self._is_answered = False
            self.on_response_complete()
        else:
            super().on_message_complete()

    def shutdown(self) -> None:
        """uvicorn closes what waits for a request. One that a client has sent already would get no answer: so a new
        connection, and one with a part of a request, may have a little time.
        """
        if not (self._is_fresh or self._is_incomplete):
            super().shutdown()
            return
        self._is_parting = True
        self.loop.call_later(LAST_SECONDS, self._part)

    def _part(self) -> None:
        if self._is_fresh or self._is_incomplete:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._body.stop()
        super().connection_lost(exc)

    def abort(self) -> None:
        """Close the connection and drop what is unsent."""
        self.transport.abort()

    def _refuse_late_body(self) -> None:
        if self.pipeline or self.cycle.response_started or self.flow.write_paused:
            self.transport.abort()
        else:
            self._refuse(TOO_LATE)

    def _refuse(self, answer: bytes) -> None:
        self.transport.write(answer)
        self.transport.close()

    def _begin(self) -> None:
        """uvicorn's own `on_message_begin`, with the URL and headers received since."""
        url, headers, expects = self.url, self.headers, self.expect_100_continue
        super().on_message_begin()
        self.url, self.expect_100_continue = url, expects
        self.headers.extend(headers)
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[dict-item]

    def _answer_at_once(self) -> bool:
        if self._is_parting or not self._stands_alone():
            return False
        path, _, query = self.url.partition(b"?")
        if not path.startswith(b"/") or not self.url.isascii() or b"%" in path or b"#" in self.url:
            return False
        parser = self.parser
        if parser.get_http_version() != "1.1" or not parser.should_keep_alive() or parser.should_upgrade():
            return False
        return self._ask(
            {
                "method": parser.get_method().decode(),
                "scheme": self.scheme,
                "root_path": self.root_path,
                "path": path.decode(),
                "query_string": query,
                "headers": self.headers,
            }
        )

    def _ask(self, asked: dict[str, Any]) -> bool:
        ask: AtOnce | None = getattr(self.app, "at_once", None)
        reply = ask(asked) if ask else None
        if reply is None:
            return False
        self._write(reply)
        return True

    def _write(self, reply: Reply) -> None:
        status, headers, body, lines = reply
        own = self.server_state.default_headers
        if self._own[0] is not own:  # uvicorn replaces them every second
            HttpProtocol._own = own, _lines(own)
        request_id = b"%b: %b\r\n\r\n" % (requests.HEADER, requests.id_of(self.headers))
        start = (STATUS_LINE[status], self._own[1], lines or _lines(headers), request_id)
        self.transport.writelines((b"".join(start), body))

    def _stands_alone(self) -> bool:
        """Whether all former requests on this connection are answered, and the client reads."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

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
