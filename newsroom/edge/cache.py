"""Cache entries by key and by stream, bounded in bytes. The least recently used are dropped first.

An entry whose time is over stays until something that it was made from moves, for while the database is away.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping

from newsroom.edge.entry import Entry
from newsroom.edge.request import Key
from newsroom.live.outbox import SITE, TAKEN_DOWN, Head, Position

LARGEST_SHARE = 8  # an entry may take an eighth of the cache


class Cache:
    def __init__(self, most: int) -> None:
        self.most = most  # bytes
        self.size = 0
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._sizes: dict[Key, int] = {}
        self._by_stream: dict[str, set[Key]] = {}
        self._seen: dict[str, Position] = {}  # positions of the streams at the last look

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key, now: float) -> Entry | None:
        """The entry, if its time is not over."""
        entry = self._entries.get(key)
        if entry is None or now >= entry.expires:
            return None
        self._entries.move_to_end(key)
        return entry

    def last(self, key: Key) -> Entry | None:
        """The entry, also after its time."""
        return self._entries.get(key)

    def put(self, entry: Entry) -> bool:
        """Store an entry. False if it is too large, or older than its streams' known positions or than the present
        entry.
        """
        old = self._entries.get(entry.key)
        is_late = any(_is_older(place, self._seen.get(name)) for name, place in entry.streams.items())
        if is_late or (old is not None and old.made > entry.made) or entry.size > self.most // LARGEST_SHARE:
            return False
        if old is not None:
            self._remove(entry.key)
        self._entries[entry.key] = entry
        self._sizes[entry.key] = 0
        for name in entry.streams:
            self._by_stream.setdefault(name, set()).add(entry.key)
        self.weigh(entry)
        return True

    def weigh(self, entry: Entry) -> None:
        """Update the size of an entry, if it is cached. Drops the least recently used entries beyond the limit."""
        if self._entries.get(entry.key) is not entry:
            return
        self.size += entry.size - self._sizes[entry.key]
        self._sizes[entry.key] = entry.size
        while self.size > self.most:
            self._remove(next(iter(self._entries)))

    def drop(self, stream: str) -> int:
        """Drop all entries made from `stream` itself. Returns their number."""
        if stream == SITE:
            return self.clear()
        keys = set(self._by_stream.get(stream, ()))
        for key in keys:
            self._remove(key)
        return len(keys)

    def clear(self) -> int:
        count = len(self._entries)
        self._entries.clear()
        self._sizes.clear()
        self._by_stream.clear()
        self._seen.clear()
        self.size = 0
        return count

    def streams(self) -> Iterable[str]:
        """The streams whose positions the hub should read."""
        return [name for name in self._by_stream if not name.endswith(".*") and name != TAKEN_DOWN]

    def compare(self, heads: Mapping[str, Head]) -> list[str]:
        """The streams that have moved since the last look and since one of their entries. Remembers the positions."""
        stand = {name: heads[name].position for name in self._by_stream if name in heads}
        moved = [name for name, place in stand.items() if place != self._seen.get(name) and self._outdates(name, place)]
        self._seen = stand
        return moved

    def _outdates(self, name: str, place: Position) -> bool:
        return any(_is_older(self._entries[key].streams[name], place) for key in self._by_stream[name])

    def _remove(self, key: Key) -> None:
        entry = self._entries.pop(key)
        self.size -= self._sizes.pop(key)
        for name in entry.streams:
            keys = self._by_stream[name]
            keys.discard(key)
            if not keys:
                del self._by_stream[name]


def _is_older(place: Position | None, than: Position | None) -> bool:
    return place is not None and than is not None and place.is_behind(than)
