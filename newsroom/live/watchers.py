"""Who keeps something that streams outdate, and is told by the hub when: at each ring, and with each look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from newsroom.live.outbox import Head

type Heads = Mapping[str, Head] | None


class Watcher(Protocol):
    """Called in the event loop's thread, while a hub runs."""

    def streams(self) -> Iterable[str]:
        """Those to look at, now that a look begins."""

    def heard(self, stream: str) -> None:
        """It rang, here or in another process: something has happened on it."""

    def looked(self, heads: Heads) -> None:
        """How the streams stood when the look had begun; None if nobody could tell, or nobody looks any more."""


class Watchers:
    def __init__(self) -> None:
        self._all: list[Watcher] = []

    def add(self, watcher: Watcher) -> None:
        self._all.append(watcher)

    def heard(self, stream: str) -> None:
        for watcher in self._all:
            watcher.heard(stream)

    def looked(self, heads: Heads) -> None:
        for watcher in self._all:
            watcher.looked(heads)

    @contextmanager
    def look(self) -> Iterator[tuple[set[str], Callable[[Heads], None]]]:
        """The streams to look at, and whom to tell how they stand; whatever fails inside is told as None."""
        try:
            yield {stream for watcher in self._all for stream in watcher.streams()}, self.looked
        except BaseException:
            self.looked(None)
            raise
