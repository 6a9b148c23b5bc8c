"""How the application is served: uvicorn, set so that sockets close cleanly and frames stay small."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

OPTIONS: dict[str, Any] = {
    "app": "newsroom.asgi:application",
    "access_log": False,
    "log_config": None,  # Django's logging
    "proxy_headers": False,  # newsroom.client alone decides whom to believe
    "server_header": False,
    "timeout_graceful_shutdown": 5,  # seconds
    "http": "newsroom.asgi:HttpProtocol",
    "ws": "newsroom.asgi:LiveProtocol",
    "ws_max_size": 65_536,  # bytes of a frame; a larger one is closed with 1009
    "ws_per_message_deflate": False,
}


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
