"""A room: one stream in one process. Events are read once, encoded once, sent to all listeners, and kept for
resuming.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Protocol

from newsroom.live import outbox, protocol
from newsroom.live.metrics import DELIVERIES, RING_TO_SEND
from newsroom.live.outbox import Batch, Head, Position
from newsroom.live.protocol import Burst

KEPT = 1000  # events; a client that is further behind has to load anew
BURST_EVENTS = 100
BURST_BYTES = 128 * 1024
BLOCK = 100  # events; the least that is read when older events than the kept ones are needed
GATHER_SECONDS = 0.01  # events that follow within this time are sent together

type Run = Callable[..., Coroutine[Any, Any, Any]]


class Follower(Protocol):
    """What a room needs of a listener."""

    def offer(self, room: Room[Any], since: int, burst: Burst) -> bool: ...

    def reset(self, stream: str) -> None: ...


class Room[F: Follower]:
    """The listeners of one stream in this process, and the encoded events with `start` < offset ≤ `top`.

    Everything runs in the event loop's thread; only `run` leaves it, to query the database. Between two awaits the room
    is consistent: a listener that is up to date gets each burst, a late one reads on with `after`.
    """

    def __init__(self, stream: str, run: Run) -> None:
        self.stream = stream
        self.listeners: dict[F, None] = {}  # a set that keeps its order
        self.ready: dict[F, Callable[[bytes], object]] = {}  # listeners that are up to date → how to write to each
        self.visitors = 0  # connections about to join: see Hub
        self.is_public: bool | None = None  # the last answer to an anonymous viewer
        self.epoch = ""
        self.top = 0
        self._redactions = 0
        self._kept: list[bytes] = []
        self._run = run
        self._lock = asyncio.Lock()
        self.is_open = False
        self._asked = self._served = 0  # numbers of requests to read
        self._last: tuple[int, Burst] | None = None
        self._rung_at: float | None = None  # when the first ring came since the last read
        self._gathers_until = 0.0

    @property
    def start(self) -> int:
        return self.top - len(self._kept)

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.top)

    async def open(self) -> None:
        """Find the stream's current position. Concurrent callers share one query."""
        if self.is_open:
            return
        async with self._lock:
            if not self.is_open:
                self._begin_at(await self._run(outbox.head, self.stream))
                self.is_open = True

    def is_behind(self, head: Head) -> bool:
        return self.is_open and head != Head(self.position, self._redactions)

    def ring(self, at: float) -> None:
        """Note the time of a ring, for the metrics. The caller then calls `look`."""
        if self._rung_at is None:
            self._rung_at = at

    async def look(self) -> None:
        """Read new events and send them. Calls that come while one waits share its read.

        In a quiet stream this happens at once. Otherwise it first waits for GATHER_SECONDS, or for as long as the last
        sending took, and sends everything new together.
        """
        self._asked += 1
        mine = self._asked
        async with self._lock:
            if mine <= self._served:
                return
            if (wait := self._gathers_until - monotonic()) > 0:
                await asyncio.sleep(wait)
            asked = self._asked  # requests made before the read are served by it
            while self.is_open and await self._read_on():
                pass
            self._served = asked

    async def reach(self, offset: int) -> bool:
        """Load kept events back to `offset`. False if impossible: too far behind, pruned, or from the future."""
        if offset > self.top:
            await self.look()
        while self.top - KEPT <= offset < self.start:
            async with self._lock:
                if offset < self.start and not await self._read_back(offset):
                    return False
        return self.start <= offset <= self.top

    def after(self, cursor: int) -> Burst | None:
        """The next burst after `cursor`, or None if there is none."""
        if not self.start <= cursor < self.top:
            return None
        if self._last is None or self._last[0] != cursor:  # many clients resume at the same offset
            first = cursor - self.start
            self._last = cursor, self._burst(cursor, self._kept[first : first + BURST_EVENTS])
        return self._last[1]

    async def _read_on(self) -> bool:
        """Return whether more events may wait."""
        rung_at, self._rung_at = self._rung_at, None
        batch: Batch | None = await self._run(outbox.read, self.stream, self.position)
        if batch is None:  # the epoch has changed: the log was rebuilt
            self._restart(await self._run(outbox.head, self.stream))
            return False
        if batch.head.redactions != self._redactions:
            self._forget(batch.head.redactions)
        if batch.events:
            begun = monotonic()
            self._spread(batch.events)
            done = monotonic()
            self._gathers_until = done + max(GATHER_SECONDS, done - begun)
            if rung_at is not None and self.listeners:
                RING_TO_SEND.observe(done - rung_at)
        return batch.head.position.offset > self.top

    async def _read_back(self, offset: int) -> bool:
        """Load older events, down to `offset` at least. False if they are pruned."""
        upto = self.start
        after = max(0, self.top - KEPT, min(offset, upto - BLOCK))
        events: list[bytes] = await self._run(outbox.between, self.stream, after, upto)
        if len(events) < upto - offset:
            return False
        self._kept[:0] = events
        return True

    def _spread(self, events: list[bytes]) -> None:
        deliveries = 0
        while events:
            since, burst = self.top, self._burst(self.top, events)
            count = burst.upto - since
            self._kept += events[:count]
            self.top, self._last = burst.upto, (since, burst)
            events = events[count:]
            deliveries += count * self._send(since, burst)
        DELIVERIES.inc(deliveries)
        del self._kept[: max(0, len(self._kept) - KEPT)]

    def _send(self, since: int, burst: Burst) -> int:
        """Send to all listeners that are up to date and return their number. The others remember that they are late."""
        ready = list(self.ready.values())  # a copy: a wire that becomes full removes itself
        others = [each for each in self.listeners if each not in self.ready] if len(ready) < len(self.listeners) else []
        if ready:
            wrapped = burst.wrapped
            for send in ready:
                send(wrapped)
        return len(ready) + sum([listener.offer(self, since, burst) for listener in others])

    def _burst(self, cursor: int, events: list[bytes]) -> Burst:
        """A frame of as many of `events`, the ones right after `cursor`, as fit."""
        size, count = 0, 0
        for event in events[:BURST_EVENTS]:
            size += len(event)
            if count and size > BURST_BYTES:
                break
            count += 1
        frame = protocol.frame(self.stream, Position(self.epoch, cursor), events[:count])
        return Burst(protocol.encode(frame), cursor + count)

    def _forget(self, redactions: int) -> None:
        """Text was redacted. The kept events may still hold it, so drop them; the log does not hold it."""
        self._redactions = redactions
        self._kept.clear()
        self._last = None

    def _restart(self, head: Head) -> None:
        for listener in list(self.listeners):
            listener.reset(self.stream)
        self._begin_at(head)

    def _begin_at(self, head: Head) -> None:
        self.epoch, self.top = head.position.epoch, head.position.offset
        self._redactions = head.redactions
        self._kept.clear()
        self._last = None
