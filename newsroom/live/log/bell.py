"""Rings: a ring tells every hub to look at a stream. A ring may be lost; the events are in the log."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

GROUP = "live"
PATIENCE_SECONDS = 5.0  # for a Redis that accepts the connection and does not answer
END_SECONDS = 10.0  # at the end of a process: for loading the client, for the name lookup, and for Redis
GATHER_SECONDS = 0.01  # after a message: each takes a connection of its own
PAUSE_SECONDS = 1.0  # after a failure
logger = logging.getLogger(__name__)

type Hear = Callable[[str], None]
_listeners: set[Hear] = set()


def listen(hear: Hear) -> None:
    """Have `hear(stream)` called for each ring of this process, from any thread."""
    _listeners.add(hear)


def unlisten(hear: Hear) -> None:
    _listeners.discard(hear)


def ring(stream: str) -> None:
    """Tell the hubs of all processes to look at `stream`. Never fails and never waits for a hub or Redis.

    The hubs of this process are called directly and pass the ring on. A process without a hub (a command, a worker)
    sends it from a thread of its own, if there is a Redis.
    """
    for hear in tuple(_listeners):
        with suppress(RuntimeError):  # its event loop has just closed
            hear(stream)
    if not _listeners and settings.REDIS_URL:
        _messenger.take(stream)


def message(streams: list[str], by: str = "") -> dict[str, object]:
    return {"type": "live.ring", "streams": streams, "by": by}


class _Messenger:
    """Sends rings from a thread of its own, started by the first ring. Rings that come while it sends go in one
    message.

    A ring that cannot be sent is dropped. At its end a process waits for the message being sent, unless Redis is down.
    """

    def __init__(self) -> None:
        self._rung: set[str] = set()
        self._is_sending = False
        self._failed = False
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None

    def take(self, stream: str) -> None:
        with self._change:
            self._rung.add(stream)
            self._change.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live-bell", daemon=True)
                with suppress(RuntimeError):  # no thread is left, or the interpreter is about to end
                    self._thread.start()

    def finish(self) -> None:
        with self._change:
            if self._thread is not None and self._thread.is_alive():
                self._change.wait_for(self._has_nothing_to_do, END_SECONDS)

    def _has_nothing_to_do(self) -> bool:
        return self._failed or not (self._rung or self._is_sending)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=_Loop) as runner:
            while True:
                streams = self._next()
                try:
                    runner.run(_send(streams))
                    self._failed = False
                    time.sleep(GATHER_SECONDS)
                except Exception as error:  # noqa: BLE001  whatever the layer's client raises
                    self._fail(error)
                    time.sleep(PAUSE_SECONDS)

    def _fail(self, error: Exception) -> None:
        with self._change:
            if not self._failed:  # log once an outage
                logger.warning("Redis is away, what this process rings is found by the look: %s", error)
            self._failed = True
            self._change.notify_all()

    def _next(self) -> list[str]:
        with self._change:
            self._is_sending = False
            self._change.notify_all()
            self._change.wait_for(lambda: self._rung)
            streams, self._rung, self._is_sending = sorted(self._rung), set(), True
        return streams


class _Loop(asyncio.SelectorEventLoop):
    """Looks up names in this thread: at the end of a process, executor threads can no longer be started."""

    async def getaddrinfo(self, *args: Any, **kwargs: Any) -> Any:
        return socket.getaddrinfo(*args, **kwargs)


async def _send(streams: list[str]) -> None:
    layer = get_channel_layer()  # outside the timeout: this loads the client
    async with asyncio.timeout(PATIENCE_SECONDS):
        await layer.group_send(GROUP, message(streams))


_messenger = _Messenger()


def _forget() -> None:
    """A forked child has neither the loops nor the threads of its parent. The parent sends the rings made before."""
    global _messenger  # noqa: PLW0603
    _listeners.clear()
    _messenger = _Messenger()


def _finish() -> None:
    _messenger.finish()


os.register_at_fork(after_in_child=_forget)
atexit.register(_finish)
