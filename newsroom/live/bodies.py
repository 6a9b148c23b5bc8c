"""How long a request's body may take: who says nothing, or a byte now and then, would hold a connection for ever."""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable

PATIENCE_SECONDS = 15.0  # for a body without a byte
SLOWEST = 4096  # bytes a second: so much more patience does what has come give; a phone in a train is faster
LONGEST_SECONDS = 900.0  # for any body


class BodyDeadline:
    """Of one connection, a body at a time. `late` is called when too little has come."""

    def __init__(self, loop: AbstractEventLoop, is_held: Callable[[], bool], late: Callable[[], None]) -> None:
        """`is_held` says whether it is we who read no more just now: that time does not count."""
        self._loop, self._is_held, self._late = loop, is_held, late
        self._timer: TimerHandle | None = None
        self._begun = 0.0
        self._size = 0

    def count(self, size: int) -> None:
        """So many bytes have come of a body that is not complete."""
        if self._timer is None:
            self._begun, self._size = self._loop.time(), 0
            self._timer = self._loop.call_later(PATIENCE_SECONDS, self._look)
        self._size += size

    def stop(self) -> None:
        """It is complete, or its connection is gone."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        if self._is_held():
            self._begun += PATIENCE_SECONDS
            self._timer = self._loop.call_later(PATIENCE_SECONDS, self._look)
            return
        allowed = min(PATIENCE_SECONDS + self._size / SLOWEST, LONGEST_SECONDS)
        left = self._begun + allowed - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._timer = None
            self._late()
