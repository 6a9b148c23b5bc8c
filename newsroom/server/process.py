"""How the application is served: uvicorn with settings for clean closes of sockets and for small frames."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import FrameType
from typing import Any

import uvicorn

from newsroom import metrics

DEATHS = metrics.counter("newsroom_worker_deaths_total", "Processes of `serve` that died and were replaced.")

OPTIONS: dict[str, Any] = {
    "app": "newsroom.asgi:application",
    "access_log": False,
    "log_config": None,  # Django's logging
    "proxy_headers": False,  # newsroom.client alone decides which proxies to trust
    "server_header": False,
    "timeout_graceful_shutdown": 5,  # seconds
    "http": "newsroom.asgi:HttpProtocol",
    "ws": "newsroom.asgi:LiveProtocol",
    "ws_max_size": 65_536,  # bytes of a frame; a larger one is closed with 1009
    "ws_per_message_deflate": False,
}

# New objects until a collection. Python's default of 2,000 is reached within two requests; it made a post 8 % slower.
COLLECTED_AFTER = 20_000


def settle() -> None:
    """Tune garbage collection; call it when everything is loaded. Objects that exist by now are never searched again,
    and new ones less often (https://docs.python.org/3/library/gc.html#gc.freeze).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER, *gc.get_threshold()[1:])


async def _nothing() -> None:
    """What happens after a stop, unless something else is wanted."""


class Server(uvicorn.Server):
    """One process. `started` is called once it serves, `each_second` as long as it does, `stopped` when it no longer
    does.
    """

    def __init__(
        self,
        *,
        started: Callable[[], object] = lambda: None,
        each_second: Callable[[], object] = lambda: None,
        stopped: Callable[[], Awaitable[None]] = _nothing,
    ) -> None:
        super().__init__(uvicorn.Config(**OPTIONS))
        self._on_start, self._each_second, self._on_stop = started, each_second, stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self._on_start()

    async def main_loop(self) -> None:
        """Once a second, and at a signal. uvicorn's own looks ten times a second for one, which is a fifth of what an
        idle process uses.
        """
        while not await self.on_tick(0):
            self._each_second()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1.0)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        await self._on_stop()
