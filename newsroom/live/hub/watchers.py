"""Watchers: caches that become outdated by events on streams. The hub tells them at each ring and each look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from newsroom.live.outbox import Head

type Heads = Mapping[str, Head] | None


class Watcher(Protocol):
    """Called in the event loop's thread, while a hub runs."""

    def streams(self) -> Iterable[str]:
        """The streams that the look about to begin shall read."""

    def heard(self, stream: str) -> None:
        """A ring came for `stream`, from this process or another one."""

    def looked(self, heads: Heads) -> None:
        """The heads of the streams as read after the look began; None if it failed."""

    def stopped(self) -> None:
        """The hub has stopped: nothing is heard any more."""


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

    def stopped(self) -> None:
        for watcher in self._all:
            watcher.stopped()

    @contextmanager
    def look(self) -> Iterator[tuple[set[str], Callable[[Heads], None]]]:
        """Gives the streams to read, and the function to call with their heads. On any error the watchers are told
        None.
        """
        try:
            yield {stream for watcher in self._all for stream in watcher.streams()}, self.looked
        except BaseException:
            self.looked(None)
            raise
