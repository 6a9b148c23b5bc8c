"""Within a process transactions take turns, first come, first served; short ones that wait are committed as one.

SQLite waits for another writer by sleeping and looking again, a little longer each time: among many threads nobody
writes most of the time, and who is out of luck waits until it gives up. Other processes are still met that way, but
looked for every millisecond.

Whoever says that a transaction is short (`newsroom.transactions.short`) may be given a transaction that is open, with
what others have just done in it, and adds a savepoint of its own. All of them wait for the one commit: there is one
flush for many, and the database's lock, for which a process may have to wait, is taken once. They use a connection
of their own, so that it finds in its cache what the one before has left there. What one can do for all of them
(`newsroom.transactions.for_all`) the last does.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from django.db.utils import OperationalError

PATIENCE_SECONDS = 30.0
LONGEST_SECONDS = 0.05  # for which others are let into an open transaction
LOOK_SECONDS = 0.001  # between two looks whether another process has come to its end
GAP_SECONDS = 2 * LOOK_SECONDS  # in which other processes find the database free though many wait in this one
_MEMBER = "one_of_many"  # a savepoint


def begin(connection: sqlite3.Connection) -> None:
    """Begin a transaction that will write. Raises sqlite3.Error: OperationalError after half a minute.

    For a connection that has no patience of its own: SQLite would look ever more rarely, up to ten times a second.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(LOOK_SECONDS)
        else:
            return


class _Door:
    """Where somebody waits for a turn."""

    def __init__(self, *, is_short: bool) -> None:
        self.is_short = is_short
        self.lock = threading.Lock()
        self.lock.acquire()


class Errand:
    """What whoever ends a shared transaction does for all who are in it."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self.deed = deed
        self.is_done = False


class _Group:
    """An open transaction: who has written into it, and what became of it."""

    def __init__(self) -> None:
        self.began_at = time.monotonic()
        self.size = 0
        self.errands: dict[str, Errand] = {}  # that are left to do
        self.is_over = threading.Event()
        self.error: sqlite3.Error | None = None

    def wait(self) -> None:
        """Until it is committed. Raises sqlite3.Error where nothing of it is written."""
        if not self.is_over.wait(PATIENCE_SECONDS):
            raise sqlite3.OperationalError("a thread that writes with us does not come to an end")
        if self.error is not None:
            raise type(self.error)(*self.error.args)


class Queue:
    """Who may write to one database now, and who waits for that."""

    def __init__(self) -> None:
        self._guard = threading.RLock()  # a turn may be given back by the garbage collector, amid our own lines
        self._waiting: deque[_Door] = deque()
        self._is_taken = False
        self._shared: sqlite3.Connection | None = None
        self._group: _Group | None = None  # touched by whoever has the turn

    def take(self, *, is_short: bool = False) -> Turn:
        """Raises OperationalError after half a minute."""
        door = _Door(is_short=is_short)
        with self._guard:
            self._waiting.append(door)
            self._let_in()
        if not door.lock.acquire(timeout=PATIENCE_SECONDS) and self._is_still_waiting(door):
            raise OperationalError("database is locked: another thread of this process does not come to an end")
        return Turn(self)

    @property
    def has_company(self) -> bool:
        """For whoever is in a shared transaction: whether others are in it, or will be."""
        return bool(self._group and self._group.size) or self._is_followed()

    def join(self, connect: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        """With the turn: the connection, in a transaction and after a savepoint. Raises sqlite3.Error."""
        if self._shared is None:
            self._shared = connect()
        if self._group is None:
            begin(self._shared)
            self._group = _Group()
        self._shared.execute(f"SAVEPOINT {_MEMBER}")
        return self._shared

    def errand(self, key: str, deed: Callable[[], object]) -> Errand:
        """For whoever is in a shared transaction: what is to be done before it ends; one for each key."""
        assert self._group
        return self._group.errands.setdefault(key, Errand(deed))

    def errands(self) -> dict[str, Errand]:
        """For whoever is about to `keep`: what they should do before, which is nothing where others will follow."""
        assert self._group
        return {} if self._is_followed() and not self._is_full() else dict(self._group.errands)

    def keep(self, done: Iterable[str]) -> None:
        """What was written since `join` stays, the errands that were `done` among it."""
        assert self._group
        assert self._shared
        if not self._shared.in_transaction:  # some errors roll back all of it: no space left, a disk that fails
            raise sqlite3.OperationalError("the transaction was rolled back")
        self._shared.execute(f"RELEASE {_MEMBER}")
        self._group.size += 1
        for key in done:
            self._group.errands.pop(key).is_done = True

    def undo(self) -> None:
        """Nothing of what was written since `join` stays."""
        if self._shared is None or not self._shared.in_transaction:
            return
        try:
            self._shared.execute(f"ROLLBACK TO {_MEMBER}")
            self._shared.execute(f"RELEASE {_MEMBER}")
        except sqlite3.Error:
            self._shared.rollback()  # rather nothing of all than half of this
            raise

    def pass_on(self) -> _Group | None:
        """Give the turn to who waits, with the transaction if theirs is short, too; else commit it first.

        Gives what was written into, if anything.
        """
        group, is_full = self._group, self._is_full()
        if is_full or not self._is_followed():
            self._end_group()
        if is_full:
            time.sleep(GAP_SECONDS)
        with self._guard:
            self._is_taken = False
            self._let_in()
        return group if group and group.size else None

    def _end_group(self) -> None:
        group, self._group = self._group, None
        if group is None or self._shared is None:
            return
        try:
            if not self._shared.in_transaction:
                raise sqlite3.OperationalError("the transaction was rolled back")
            self._shared.execute("COMMIT" if group.size else "ROLLBACK")
        except sqlite3.Error as error:
            group.error = error
            if self._shared.in_transaction:
                self._shared.execute("ROLLBACK")
        finally:
            group.is_over.set()

    def _is_full(self) -> bool:
        return self._group is not None and time.monotonic() - self._group.began_at > LONGEST_SECONDS

    def _is_followed(self) -> bool:
        with self._guard:
            return bool(self._waiting) and self._waiting[0].is_short

    def _let_in(self) -> None:
        if self._waiting and not self._is_taken:
            self._is_taken = True
            self._waiting.popleft().lock.release()

    def _is_still_waiting(self, door: _Door) -> bool:
        """False if it has been opened at the last moment."""
        with self._guard:
            if door not in self._waiting:
                return False
            self._waiting.remove(door)
            return True


class Turn:
    """Ends with whoever holds it: also a thread that dies amid a transaction gives it back."""

    def __init__(self, queue: Queue) -> None:
        self._queue: Queue | None = queue
        self.is_shared = False
        self.done: list[str] = []  # errands

    @property
    def has_company(self) -> bool:
        """Whether others write in this transaction, too, or are about to."""
        return self.is_shared and self._queue is not None and self._queue.has_company

    def join(self, connect: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        """The shared connection, in a transaction; it is ours until `keep` or `end`. Raises sqlite3.Error."""
        assert self._queue
        connection = self._queue.join(connect)
        self.is_shared = True
        return connection

    def errand(self, key: str, deed: Callable[[], object]) -> Errand:
        """For whoever has company."""
        assert self._queue
        return self._queue.errand(key, deed)

    def errands(self) -> dict[str, Errand]:
        """What we should do for all before we `keep`."""
        return self._queue.errands() if self.is_shared and self._queue is not None else {}

    def keep(self) -> None:
        """End it and wait until it is committed. Raises sqlite3.Error where nothing of it is written."""
        assert self._queue
        self._queue.keep(self.done)
        self.is_shared = False
        group = self.end()
        assert group
        group.wait()

    def give_up(self) -> None:
        """Undo it, and wait for the others: what we have seen of them may have been the reason."""
        group = self.end()
        if group:
            with suppress(sqlite3.Error):
                group.wait()

    def end(self) -> _Group | None:
        """What was not kept is undone."""
        queue, self._queue = self._queue, None
        if queue is None:
            return None
        try:
            if self.is_shared:
                queue.undo()
        finally:
            group = queue.pass_on()
        return group

    def __del__(self) -> None:
        self.end()


_queues: dict[str, Queue] = {}
_inherited: list[Queue] = []  # by a child, which must not close what its parent uses
_guard = threading.Lock()


def queue_of(database: str) -> Queue:
    found = _queues.get(database)
    if found is None:
        with _guard:
            found = _queues.setdefault(database, Queue())
    return found


def _forget() -> None:
    """A child inherits no thread that would end its turn."""
    global _guard  # noqa: PLW0603
    _guard = threading.Lock()
    _inherited.extend(_queues.values())
    _queues.clear()


os.register_at_fork(after_in_child=_forget)
