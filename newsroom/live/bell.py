"""The doorbell: it says "look at this stream" to every hub. A ring may be lost, the log may not."""

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
PATIENCE_SECONDS = 5.0  # with a Redis that takes the connection and says nothing
END_SECONDS = 10.0  # a process waits at its end: the client is loaded, a name looked up, and Redis waited for
PAUSE_SECONDS = 1.0  # after a failure
logger = logging.getLogger(__name__)

type Ear = Callable[[str], None]
_ears: set[Ear] = set()


def listen(ear: Ear) -> None:
    """Have `ear(stream)` called, from any thread, for each ring of this process."""
    _ears.add(ear)


def deafen(ear: Ear) -> None:
    _ears.discard(ear)


def ring(stream: str) -> None:
    """Tell the hubs of all processes to look at `stream`; never fails, and waits for no hub and no Redis.

    The hubs of this process hear it directly and pass it on. A process without one (a command, a worker) has it
    sent by a thread, where there is a layer that reaches others.
    """
    for ear in tuple(_ears):
        with suppress(RuntimeError):  # its event loop has just closed
            ear(stream)
    if not _ears and settings.REDIS_URL:
        _messenger.take(stream)


def message(streams: list[str], by: str = "") -> dict[str, object]:
    return {"type": "live.ring", "streams": streams, "by": by}


class _Messenger:
    """Sends rings from a thread of its own, begun by the first: what came meanwhile goes in one message.

    What cannot be sent is dropped. A process that ends waits for what is under way, but not for a Redis that is away.
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
                except Exception as error:  # noqa: BLE001  whatever the layer's client raises
                    self._fail(error)
                    time.sleep(PAUSE_SECONDS)

    def _fail(self, error: Exception) -> None:
        with self._change:
            if not self._failed:  # once an outage
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
    """Looks up names by itself: the threads that others leave it to cannot be had while a process ends."""

    async def getaddrinfo(self, *args: Any, **kwargs: Any) -> Any:
        return socket.getaddrinfo(*args, **kwargs)


async def _send(streams: list[str]) -> None:
    layer = get_channel_layer()  # loads the client, which is not Redis' time
    async with asyncio.timeout(PATIENCE_SECONDS):
        await layer.group_send(GROUP, message(streams))


_messenger = _Messenger()


def _forget() -> None:
    """A forked child has neither the loops nor the threads of its parent; what was rung there, is sent there."""
    global _messenger  # noqa: PLW0603
    _ears.clear()
    _messenger = _Messenger()


def _finish() -> None:
    _messenger.finish()


os.register_at_fork(after_in_child=_forget)
atexit.register(_finish)
