"""Within a process, writing transactions take turns in the order of their arrival.

SQLite waits for another writer by sleeping and trying again, a little longer each time. With many threads nobody writes
most of the time, and an unlucky thread waits until it gives up. Only writers of other processes are still awaited like
that, with a try every millisecond.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque

from django.db.utils import OperationalError

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.001  # between two tries while another process writes


def begin(connection: sqlite3.Connection) -> bool:
    """Begin a transaction that will write. Returns whether another process was writing. Raises sqlite3.Error:
    OperationalError after PATIENCE_SECONDS.

    For a connection with busy_timeout 0: SQLite's own waiting would try ever more rarely, down to ten times a second.
    """
    until, was_busy = time.monotonic() + PATIENCE_SECONDS, False
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            was_busy = True
            time.sleep(LOOK_SECONDS)
        else:
            return was_busy


class Queue:
    """The threads that wait to write to one database, and whether one of them is writing."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()  # each is released when its thread's turn comes
        self._is_taken = False

    def take(self) -> bool:
        """Wait for a turn; call `give_back` after it. Returns whether other threads were writing. Raises
        OperationalError after PATIENCE_SECONDS.
        """
        turn = threading.Lock()
        turn.acquire()
        with self._guard:
            was_busy = self._is_taken
            self._waiting.append(turn)
            self._give_turn()
        if not turn.acquire(timeout=PATIENCE_SECONDS) and self._is_still_waiting(turn):
            raise OperationalError("database is locked: another thread of this process does not come to an end")
        return was_busy

    def give_back(self) -> None:
        with self._guard:
            self._is_taken = False
            self._give_turn()

    @property
    def length(self) -> int:
        """The number of waiting threads."""
        return len(self._waiting)

    def _give_turn(self) -> None:
        if self._waiting and not self._is_taken:
            self._is_taken = True
            self._waiting.popleft().release()

    def _is_still_waiting(self, turn: threading.Lock) -> bool:
        """Stop waiting. False if the turn came at the last moment."""
        with self._guard:
            if turn not in self._waiting:
                return False
            self._waiting.remove(turn)
            return True


_queues: dict[str, Queue] = {}


def queue_of(database: str) -> Queue:
    return _queues.setdefault(database, Queue())


os.register_at_fork(after_in_child=_queues.clear)  # a child inherits no thread that would end its turn
