"""How the application is served: uvicorn, set so that sockets close cleanly and frames stay small."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from newsroom import metrics

logger = logging.getLogger(__name__)
DEATHS = metrics.counter("newsroom_worker_deaths_total", "Processes of `serve` that died and were replaced.")

OPTIONS: dict[str, Any] = {
    "app": "newsroom.asgi:application",
    "access_log": False,
    "log_config": None,  # Django's logging
    "proxy_headers": False,  # newsroom.client alone decides whom to believe
    "server_header": False,
    "timeout_graceful_shutdown": 5,  # seconds
    # Seconds in which a worker answers its parent, and a new one is ready; on a busy machine uvicorn's 5 killed workers
    # that were only starved, and broke off rolling restarts (https://github.com/Kludex/uvicorn/issues/2506).
    "timeout_worker_healthcheck": 60,
    "http": "newsroom.asgi:HttpProtocol",
    "ws": "newsroom.asgi:LiveProtocol",
    "ws_max_size": 65_536,  # bytes of a frame; a larger one is closed with 1009
    "ws_per_message_deflate": False,
}

COLLECTED_AFTER = 20_000  # new objects; Python's own 2,000 are made by a request or two; a post was a twelfth dearer


def settle() -> None:
    """Call when all is loaded: what is there stays and is not searched for garbage again, and new garbage is searched
    for more rarely (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, *gc.get_threshold()[1:])


class Server(uvicorn.Server):
    """One process. `started` is called once it serves, `stopped` when it no longer does."""

    def __init__(self, *, started: Callable[[], None], stopped: Callable[[], Awaitable[None]]) -> None:
        super().__init__(uvicorn.Config(**OPTIONS))
        self._on_start, self._on_stop = started, stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._on_stop()


class Workers(Multiprocess):
    """Several processes. One that dies is replaced, logged and counted."""

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        super().keep_subprocess_alive()
        for old, new in zip(before, self.processes, strict=True):
            if old is not new:
                logger.warning("worker %s died (%s) and was replaced by %s", old.pid, _how(old.exitcode), new.pid)
                DEATHS.add()
                metrics.share()


def _how(code: int | None) -> str:
    """A negative exit code is the signal that ended a process."""
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"exit code {code}"
