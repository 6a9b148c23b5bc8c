"""How the application is served: uvicorn with settings for clean closes of sockets and for small frames."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from threading import Event, Thread
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from newsroom import metrics

logger = logging.getLogger(__name__)
DEATHS = metrics.counter("newsroom_worker_deaths_total", "Processes of `serve` that died and were replaced.")
REPLACING = "NEWSROOM_REPLACING"  # environment variable, set for a worker that replaces a dead one

LEAVING_SECONDS = 20  # for a worker without a parent to finish its requests

OPTIONS: dict[str, Any] = {
    "app": "newsroom.asgi:application",
    "access_log": False,
    "log_config": None,  # Django's logging
    "proxy_headers": False,  # newsroom.client alone decides which proxies to trust
    "server_header": False,
    "timeout_graceful_shutdown": 5,  # seconds
    # Seconds for a worker to answer its parent, or to become ready. With uvicorn's 5, workers on a busy machine were
    # killed although alive, and rolling restarts failed (https://github.com/Kludex/uvicorn/issues/2506).
    "timeout_worker_healthcheck": 60,
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
    """Several processes. One that dies is replaced and logged; the new one counts it, see `begin`."""

    def init_processes(self) -> None:
        super().init_processes()
        self._part_with_ends()

    def keep_subprocess_alive(self) -> None:
        before = list(self.processes)
        os.environ[REPLACING] = "1"
        try:
            super().keep_subprocess_alive()
        finally:
            del os.environ[REPLACING]
            self._part_with_ends()
        for old, new in zip(before, self.processes, strict=True):
            if old is not new and old.pid is not None:
                logger.warning("worker %s died (%s) and was replaced by %s", old.pid, _how(old.exitcode), new.pid)
                metrics.forget(old.pid)

    def _part_with_ends(self) -> None:
        """Leave each worker's end of its pipe to the worker. Otherwise one that dies while it is asked whether it lives
        seems silent: for `timeout_worker_healthcheck` it is not replaced, and no signal is heeded.
        """
        for each in self.processes:
            each.child_conn.close()


def begin() -> None:
    """Call it when a process begins to serve. A worker leaves when its parent dies.

    If it replaces a dead worker, that one is counted here. The parent cannot count it, since it shares no metrics: it
    has loaded `metrics` before FOLDER was set.
    """
    metrics.hold()
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_leave_after, args=(parent,), name="parent", daemon=True).start()
    if os.environ.pop(REPLACING, ""):
        DEATHS.inc()


def _leave_after(parent: multiprocessing.process.BaseProcess) -> None:
    """Wait for the parent's end, then stop as at SIGTERM. A parent that was killed could not say so, and its workers
    would keep the port.
    """
    parent.join()
    logger.warning("the parent of worker %s died, so it stops, too", os.getpid())
    os.kill(os.getpid(), signal.SIGTERM)
    Event().wait(LEAVING_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)  # it hangs


def _how(code: int | None) -> str:
    """The end of a process in words. A negative exit code is the signal that ended it."""
    try:
        return signal.Signals(-(code or 0)).name
    except ValueError:
        return f"exit code {code}"
