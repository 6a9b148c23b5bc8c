"""Something small that pages show, kept in memory. A serving process keeps it until the stream `site` rings; any other
process reads it each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from newsroom.live.outbox import SITE, Head, Position


class Kept[T]:
    """A watcher of the hub that keeps what `read` gives. Until a hub runs, and whenever it cannot read, nothing is
    kept.
    """

    def __init__(self, read: Callable[[], T]) -> None:
        self._read = read
        self._kept: tuple[T] | None = None
        self._times = 0  # how often it was forgotten: what was read before that is not kept
        self._place: Position | None = None  # of the stream `site` at the last look; None: there is no hub to tell

    def value(self) -> T:
        times, place, kept = self._times, self._place, self._kept
        if kept is not None and place is not None:
            return kept[0]
        found = self._read()
        if place is not None and times == self._times:
            self._kept = (found,)
        return found

    def known(self) -> tuple[T] | None:
        """The one that is kept, without the database."""
        return self._kept

    def forget(self) -> None:
        self._times += 1
        self._kept = None

    # --- called by the hub

    def streams(self) -> Iterable[str]:
        return (SITE,)

    def heard(self, stream: str) -> None:
        if stream == SITE:
            self.forget()

    def looked(self, heads: Mapping[str, Head] | None) -> None:
        place = heads[SITE].position if heads and SITE in heads else None
        if place is None or place != self._place:
            self.forget()
        self._place = place

    def stopped(self) -> None:
        self.looked(None)
