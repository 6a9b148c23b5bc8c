"""Limits the time of a request's body: a client that sends nothing, or a byte now and then, would hold a connection for
ever.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable

PATIENCE_SECONDS = 15.0  # for a body's first byte
SLOWEST = 4096  # bytes a second; each byte received extends the time by 1/SLOWEST. A phone in a train is faster
LONGEST_SECONDS = 900.0  # for any body


class BodyDeadline:
    """The deadline of the current body of one connection. Calls `late` when it has passed."""

    def __init__(self, loop: AbstractEventLoop, is_held: Callable[[], bool], late: Callable[[], None]) -> None:
        """`is_held` tells whether the server has paused reading; that time does not count."""
        self._loop, self._is_held, self._late = loop, is_held, late
        self._timer: TimerHandle | None = None
        self._begun = 0.0
        self._size = 0

    def count(self, size: int) -> None:
        """So many bytes of an incomplete body have arrived."""
        if self._timer is None:
            self._begun, self._size = self._loop.time(), 0
            self._timer = self._loop.call_later(PATIENCE_SECONDS, self._look)
        self._size += size

    def stop(self) -> None:
        """The body is complete, or its connection is lost."""
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
