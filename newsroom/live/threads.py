"""Where the hub asks the database: threads of its own, so that nothing it does waits for a page or a command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

SIZES = {"read": 2, "ask": 2, "command": 4, "chore": 2}


class Threads:
    """Bounded pools by purpose: reading streams, asking for rights, commands of sockets, what is done each second."""

    def __init__(self) -> None:
        self._pools = {name: ThreadPoolExecutor(size, f"live-{name}") for name, size in SIZES.items()}

    async def run(self, purpose: str, call: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._pools[purpose], _call, call, args)

    def close(self) -> None:
        """Waits for what is running."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)


def _call(call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    try:
        return call(*args)
    finally:
        connections.close_all()  # with a pool it goes back there; nothing stays open behind a stopped server
