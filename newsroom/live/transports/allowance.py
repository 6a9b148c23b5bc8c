"""A rate limit for a peer's frames: a mean rate, with bursts allowed."""

from __future__ import annotations

from time import monotonic


class Allowance:
    """A token bucket of `burst` tokens that refills at `a_second`."""

    __slots__ = ("_a_second", "_at", "_burst", "_left", "refused")

    def __init__(self, a_second: float, burst: int) -> None:
        self._a_second, self._burst = a_second, burst
        self._left, self._at = float(burst), monotonic()
        self.refused = 0  # in a row

    def take(self) -> bool:
        now = monotonic()
        self._left, self._at = min(self._burst, self._left + (now - self._at) * self._a_second), now
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        self.refused = 0
        return True
