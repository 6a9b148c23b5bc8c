"""How an operator sees that a worker lives: a heartbeat file, and `/metrics` and `/health/live` on a port of its own.

A worker lives as long as its loop comes round, or has a task in hand that is not older than HANGS_AFTER_SECONDS. That
the database is away is no reason to restart it: it waits.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from django.http import HttpRequest

from newsroom import metrics
from newsroom.middleware.metrics import may_see

logger = logging.getLogger(__name__)
TOUCH_SECONDS = 10.0
HANGS_AFTER_SECONDS = 1800.0  # longer than any of our tasks takes; one that is ended goes on where it was
METRICS, LIVE = "/metrics", "/health/live"


class Pulse:
    """When the loop was last seen. `beat()` is called by the loop, `is_alive()` by anybody."""

    def __init__(self) -> None:
        self._seen = monotonic()

    def beat(self) -> None:
        self._seen = monotonic()

    def is_alive(self) -> bool:
        return monotonic() - self._seen < HANGS_AFTER_SECONDS


class Heartbeat:
    """A file that is touched every few seconds as long as the worker lives, and removed when it stops. A probe looks at
    its age. Making one raises OSError.
    """

    def __init__(self, path: Path, is_alive: Callable[[], bool]) -> None:
        self._path, self._is_alive = path, is_alive
        self._ended = Event()
        self._touch()
        self._thread = Thread(target=self._keep, name="heartbeat", daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._ended.set()
        self._thread.join()
        self._path.unlink(missing_ok=True)

    def _keep(self) -> None:
        """Not in the thread that tells the database that the worker lives: that one may wait for the database."""
        while not self._ended.wait(TOUCH_SECONDS):
            if self._is_alive():
                try:
                    self._touch()
                except OSError as error:
                    logger.warning("the heartbeat file cannot be touched: %s", error)

    def _touch(self) -> None:
        self._path.touch()
        os.utime(self._path)


def answer_on(listening: socket.socket, is_alive: Callable[[], bool]) -> ThreadingHTTPServer:
    """Answer on this socket, in threads. The caller calls `shutdown` at the end."""

    class Bound(_Handler):
        alive = staticmethod(is_alive)

    server = _Server(listening.getsockname()[:2], Bound, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    Thread(target=server.serve_forever, name="probes", daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error of ours."""


class _Handler(BaseHTTPRequestHandler):
    alive: Callable[[], bool]
    timeout = 10  # seconds for a request
    server_version, sys_version = "newsroom", ""

    def do_GET(self) -> None:
        if self.path == LIVE:
            is_alive = self.alive()
            status = HTTPStatus.OK if is_alive else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", b'{"status":"%b"}' % (b"ok" if is_alive else b"hangs"))
        elif self.path == METRICS and self._may_see():
            self._answer(HTTPStatus.OK, metrics.CONTENT_TYPE, metrics.text())
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"")

    do_HEAD = do_GET  # noqa: N815

    def _may_see(self) -> bool:
        """By the rule for the serving processes."""
        request = HttpRequest()
        request.META = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        request.META["REMOTE_ADDR"] = self.client_address[0]
        return may_see(request)

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """No access log."""
