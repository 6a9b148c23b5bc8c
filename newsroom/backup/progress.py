"""Words of progress, not more often than people read them."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

EVERY_SECONDS = 5.0


class Progress:
    """Passes on what is said, but no more than one line in five seconds; nothing of short work."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write, self._last = write, monotonic()

    def __call__(self, line: str) -> None:
        if monotonic() - self._last >= EVERY_SECONDS:
            self._last = monotonic()
            self._write(line)
