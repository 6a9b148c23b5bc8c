"""Memory, CPU time and files of the serving processes, and their connections to the database.

prometheus-client's own collector of these tells nothing where several processes share their metrics. So each process
tells its own as gauges that are added up, and counts its CPU time.
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from time import monotonic, process_time

from django.conf import settings
from django.db import connection

from newsroom import metrics

FILES_EVERY_SECONDS = 10.0  # with ten thousand sockets, counting them takes milliseconds
_MEMORY, _FILES = Path("/proc/self/statm"), Path("/proc/self/fd")  # on Linux
_PAGE = os.sysconf("SC_PAGE_SIZE")


def install() -> None:
    metrics.gauge("newsroom_processes", "Processes of this server that serve.", lambda: 1)
    metrics.each_second(_Spent())
    if _MEMORY.exists():
        text = "Memory of these processes; what they share counts for each."
        metrics.gauge("newsroom_process_resident_memory_bytes", text, _resident)
        metrics.gauge("newsroom_process_open_files", "Open files and sockets of these processes.", _OpenFiles())
    if settings.DATABASES["default"]["OPTIONS"].get("pool"):
        text = "Connections to PostgreSQL in use and free, and requests that wait for one."
        for state in ("used", "free", "waiting"):
            metrics.gauge("newsroom_database_pool_connections", text, partial(_connections, state), state=state)


class _Spent:
    def __init__(self) -> None:
        self._told = 0.0
        self._counter = metrics.counter("newsroom_process_cpu_seconds_total", "CPU time of these processes.")

    def __call__(self) -> None:
        spent = process_time()
        self._counter.inc(spent - self._told)
        self._told = spent


class _OpenFiles:
    def __init__(self) -> None:
        self._number, self._counted = 0, -FILES_EVERY_SECONDS

    def __call__(self) -> float:
        if monotonic() - self._counted >= FILES_EVERY_SECONDS:
            self._number, self._counted = len(os.listdir(_FILES)), monotonic()  # noqa: PTH208  no paths are made
        return self._number


def _resident() -> float:
    return int(_MEMORY.read_bytes().split()[1]) * _PAGE


def _connections(state: str) -> float:
    stats: dict[str, int] = connection.pool.get_stats()  # type: ignore[attr-defined]  # only PostgreSQL's has one
    free = stats.get("pool_available", 0)
    return {"used": stats.get("pool_size", 0) - free, "free": free, "waiting": stats.get("requests_waiting", 0)}[state]
