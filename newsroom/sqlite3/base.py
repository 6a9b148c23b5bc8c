"""Within a process transactions take turns, first come, first served.

SQLite waits for another writer by sleeping and looking again, a little longer each time: among many threads nobody
writes most of the time, and who is out of luck waits until it gives up. Other processes are still met that way.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict, deque
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

PATIENCE_SECONDS = 30.0


class _Queue:
    """Who may write to one database now, and who waits for that."""

    def __init__(self) -> None:
        self._guard = threading.RLock()  # a turn may be given back by the garbage collector, amid our own lines
        self._waiting: deque[threading.Lock] = deque()
        self._is_taken = False

    def take(self) -> Turn:
        """Raises OperationalError after half a minute."""
        door = threading.Lock()
        door.acquire()
        with self._guard:
            self._waiting.append(door)
            self._let_in()
        if not door.acquire(timeout=PATIENCE_SECONDS) and self._is_still_waiting(door):
            raise OperationalError("database is locked: another thread of this process does not come to an end")
        return Turn(self)

    def leave(self) -> None:
        with self._guard:
            self._is_taken = False
            self._let_in()

    def _let_in(self) -> None:
        if self._waiting and not self._is_taken:
            self._is_taken = True
            self._waiting.popleft().release()

    def _is_still_waiting(self, door: threading.Lock) -> bool:
        """False if it has been opened at the last moment."""
        with self._guard:
            if door not in self._waiting:
                return False
            self._waiting.remove(door)
            return True


class Turn:
    """Ends with whoever holds it: also a thread that dies amid a transaction gives it back."""

    def __init__(self, queue: _Queue) -> None:
        self._queue: _Queue | None = queue

    def end(self) -> None:
        queue, self._queue = self._queue, None
        if queue is not None:
            queue.leave()

    __del__ = end


_queues: defaultdict[str, _Queue] = defaultdict(_Queue)
os.register_at_fork(after_in_child=_queues.clear)  # a child inherits no thread that would end its turn


class DatabaseWrapper(base.DatabaseWrapper):
    _turn: Turn | None = None

    def planned_cursor(self) -> Any:
        """See `newsroom.prepared.planned_cursor`: here all statements are kept."""
        return self.cursor()

    def _start_transaction_under_autocommit(self) -> None:
        self._end_turn()
        self._turn = _queues[str(self.settings_dict["NAME"])].take()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        super()._commit()  # type: ignore[misc]
        self._end_turn()

    def _rollback(self) -> Any:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _end_turn(self) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.end()
