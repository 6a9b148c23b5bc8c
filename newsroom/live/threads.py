"""Where the hub asks the database: threads of its own, so that nothing it does waits for a page or a command."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

SIZES = {"read": 2, "ask": 2, "command": 4, "chore": 2}


class Threads:
    """Bounded pools by purpose: reading streams, asking for rights, commands of sockets, what is done each second.

    Readers keep their connection: taking one from a pool has it checked each time, which costs as much as the reading.
    """

    def __init__(self) -> None:
        self._pools = {name: ThreadPoolExecutor(size, f"live-{name}") for name, size in SIZES.items()}
        self._kept: set[BaseDatabaseWrapper] = set()

    async def run(self, purpose: str, call: Callable[..., Any], *args: Any) -> Any:
        run = self._read if purpose == "read" else _call
        return await asyncio.get_running_loop().run_in_executor(self._pools[purpose], run, call, args)

    def close(self) -> None:
        """Waits for what is running."""
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        for connection in self._kept:
            connection.inc_thread_sharing()  # its thread is no more
            connection.close()

    def _read(self, call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Once more on a new connection if the one that was kept is broken; a reading may be repeated."""
        connection = connections["default"]
        was_open = connection.connection is not None
        self._kept.add(connection)
        try:
            return call(*args)
        except (OperationalError, InterfaceError):
            connection.close()
            if not was_open:
                raise
            return call(*args)


def _call(call: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    try:
        return call(*args)
    finally:
        connections.close_all()  # with a pool it goes back there; nothing stays open behind a stopped server
