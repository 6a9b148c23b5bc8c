"""Several processes that serve the same sockets, and one for background tasks if it is wanted: started, watched and
replaced by their parent.

The parent loads the application, and each process is a fork of it. So they share the memory of what is loaded.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from channels.layers import get_channel_layer
from django.db import connection
from uvicorn.config import STARTUP_FAILURE, Config

from newsroom import metrics
from newsroom.database.fit import limit_statements
from newsroom.server import worker as background
from newsroom.server.probes import HANGS_AFTER_SECONDS
from newsroom.server.process import DEATHS, OPTIONS, Server

logger = logging.getLogger(__name__)

READY = signal.SIGRTMIN  # a process tells its parent that it serves; unlike others such signals are never merged
HEARD = {signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGTERM, READY}
LOOK_SECONDS = 10.0
MISSED = 6  # looks without a beat after which a process is taken to hang
SHORT_SECONDS = 1.0  # a process that lived no longer is not replaced at once
LEAVING_SECONDS = 20  # for a process without a parent to finish its requests

_fork: Any = multiprocessing.get_context("fork")


class Workers:
    """`run` serves with so many processes until SIGTERM or SIGINT. SIGHUP replaces them one by one. `tasks`: one more
    process runs background tasks.
    """

    def __init__(self, count: int, sockets: Sequence[socket.socket], *, tasks: bool = False) -> None:
        self._wanted = Counter({self._serve: count, self._work: int(tasks)})
        self._sockets = sockets
        self._running: dict[int, _Worker] = {}
        self._old: list[int] = []  # still to be replaced after a SIGHUP, the first of them by `_newcomer`
        self._newcomer = 0
        self._parent = os.getpid()
        self._lifeline = os.pipe()  # ends for the processes when their parent has ended

    def run(self) -> None:
        """Returns when all have ended; then this process ends, too."""
        _load()
        # From now on `sigtimedwait` alone hears them.
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        for does in self._wanted.elements():
            self._start(does)
        while self._hear(signal.sigtimedwait(HEARD, LOOK_SECONDS)):
            pass
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
        for each in sorted(self._running.values(), key=lambda each: each.does == self._work):
            if each.does == self._work:  # it finishes its task; nobody should wait in a queue that is no longer served
                self._close_sockets()
            each.process.join()

    def _hear(self, said: signal.struct_siginfo | None) -> bool:
        """False if it is time to stop."""
        if said is None:
            self._look()
        elif said.si_signo in (signal.SIGTERM, signal.SIGINT):
            return False
        elif said.si_signo == signal.SIGHUP:
            self._old = [pid for pid in self._running if pid != self._newcomer]
            self._renew()
        elif said.si_signo == READY and said.si_pid == self._newcomer:
            self._newcomer = 0
            if self._old:
                os.kill(self._old[0], signal.SIGTERM)
        elif said.si_signo == signal.SIGCHLD:
            self._bury()
        return True

    def _start(self, does: Does, *, replaces: bool = False) -> int:
        worker = _Worker(does, HANGS_AFTER_SECONDS / LOOK_SECONDS if does == self._work else MISSED)
        worker.process = _fork.Process(target=self._begin, args=(worker, replaces), name="worker")
        worker.process.start()
        pid: int = worker.process.pid
        self._running[pid] = worker
        return pid

    def _begin(self, worker: _Worker, replaces: bool) -> None:
        """In the new process."""
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        reading, writing = self._lifeline
        os.close(writing)
        Thread(target=_leave_after, args=(reading,), name="parent", daemon=True).start()
        if replaces:
            DEATHS.inc()
        worker.does(worker)

    def _serve(self, worker: _Worker) -> None:
        Server(started=self._tell_parent, each_second=worker.beat).run(list(self._sockets))

    def _work(self, worker: _Worker) -> None:
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        self._close_sockets()
        limit_statements(0)  # unlike requests, tasks may take long
        self._tell_parent()
        background.run(stop, worker.beat)

    def _close_sockets(self) -> None:
        for each in self._sockets:
            each.close()

    def _tell_parent(self) -> None:
        with suppress(ProcessLookupError):  # it has just died
            os.kill(self._parent, READY)

    def _renew(self) -> None:
        """Start the process that is to take the place of an old one, unless the last such is not yet ready."""
        self._old = [pid for pid in self._old if pid in self._running]
        if self._old and not self._newcomer:
            self._newcomer = self._start(self._running[self._old[0]].does)

    def _bury(self) -> None:
        """Replace the processes that have ended, unless that was wanted."""
        for pid, worker in list(self._running.items()):
            code = worker.process.exitcode  # this reaps it
            if code is None:
                continue
            del self._running[pid]
            metrics.forget(pid)
            if pid == self._newcomer:
                self._newcomer, self._old = 0, []
                logger.error("worker %s died (%s) before it was ready: the old ones stay", pid, _how(code))
            elif Counter(each.does for each in self._running.values()) >= self._wanted:  # its successor is there
                self._renew()
            elif code == STARTUP_FAILURE and not worker.has_beaten():
                logger.error("worker %s could not start, so this server stops", pid)
                os.kill(os.getpid(), signal.SIGTERM)
            else:
                time.sleep(max(0.0, SHORT_SECONDS - (time.monotonic() - worker.born)))
                successor = self._start(worker.does, replaces=True)
                logger.warning("worker %s died (%s) and was replaced by %s", pid, _how(code), successor)

    def _look(self) -> None:
        for pid, worker in self._running.items():
            if worker.missed() >= worker.may_miss:
                logger.error("worker %s has not moved for %.0f s and is killed", pid, worker.may_miss * LOOK_SECONDS)
                os.kill(pid, signal.SIGKILL)


class _Worker:
    """A process, what it does, and its beats: a number that it raises each second, in memory that it shares with its
    parent. One that has missed `may_miss` looks hangs.
    """

    process: Any

    def __init__(self, does: Does, may_miss: float) -> None:
        self.does, self.may_miss = does, may_miss
        self.born = time.monotonic()
        self._beats, self._seen, self._missed = _fork.RawValue("L", 0), 0, 0

    def beat(self) -> None:
        self._beats.value += 1

    def has_beaten(self) -> bool:
        return bool(self._beats.value)

    def missed(self) -> int:
        """Looks in a row at which it had not moved. Counted and not timed, since all may have been stopped together."""
        now = self._beats.value
        self._missed, self._seen = (self._missed + 1 if now == self._seen else 0), now
        return self._missed


type Does = Callable[[_Worker], None]


def _load() -> None:
    """Load what all processes need, and leave behind what a fork must not have: connections and their threads."""
    config = Config(**OPTIONS)
    config.load()
    config.get_loop_factory()
    get_channel_layer()  # which loads the client of Redis
    connection.close()
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close_pool()  # type: ignore[attr-defined]  # only PostgreSQL's has one
    gc.collect()
    gc.freeze()  # otherwise the first collection of each process writes to every page that they share


def _leave_after(lifeline: int) -> None:
    """Wait for the parent's end, then stop as at SIGTERM. A parent that was killed could not say so, and its processes
    would keep the port.
    """
    os.read(lifeline, 1)
    logger.warning("the parent of worker %s died, so it stops, too", os.getpid())
    os.kill(os.getpid(), signal.SIGTERM)
    Event().wait(LEAVING_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)  # it hangs


def _how(code: int) -> str:
    """The end of a process in words. A negative exit code is the signal that ended it."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"
