"""A stream in one process: read once, encoded once, kept for those who come back, spread to those who listen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Protocol

from newsroom.live import outbox, protocol
from newsroom.live.figures import DELIVERIES, RING_TO_SEND
from newsroom.live.outbox import Batch, Head, Position

KEPT = 1000  # events; who is further behind starts anew
BURST_EVENTS = 100
BURST_BYTES = 128 * 1024
BLOCK = 100  # events that are at least read when somebody asks for older ones than are kept
GATHER_SECONDS = 0.01  # what follows so soon after something else travels together

type Run = Callable[..., Coroutine[Any, Any, Any]]


class Burst(protocol.Piece):
    """An events frame, and up to where it brings who has it."""

    __slots__ = ("upto",)

    def __init__(self, data: bytes, upto: int) -> None:
        super().__init__(data)
        self.upto = upto


class Follower(Protocol):
    """What a room knows of a listener, which knows the room: what is in hand for it, and the end of it all."""

    def offer(self, room: Room[Any], since: int, burst: Burst) -> bool: ...

    def reset(self, stream: str) -> None: ...


class Room[F: Follower]:
    """The listeners of one stream in this process, and the events `start` < offset ≤ `top`, encoded.

    All of it runs in the event loop's thread; only `run` leaves it, to read the database. Between two waits the
    room is consistent: whoever is up to date gets each burst, whoever is late reads on with `after`.
    """

    def __init__(self, stream: str, run: Run) -> None:
        self.stream = stream
        self.listeners: dict[F, None] = {}  # a set that keeps its order
        self.ready: dict[F, Callable[[bytes], object]] = {}  # those who are up to date, and where it can be sent
        self.visitors = 0  # who is about to join: see Hub
        self.is_public: bool | None = None  # what an anonymous viewer was answered last
        self.epoch = ""
        self.top = 0
        self._redactions = 0
        self._kept: list[bytes] = []
        self._run = run
        self._lock = asyncio.Lock()
        self.is_open = False
        self._asked = self._served = 0  # readings, by number
        self._last: tuple[int, Burst] | None = None
        self._rung_at: float | None = None  # when the first ring came that nobody has read after
        self._gathers_until = 0.0

    @property
    def start(self) -> int:
        return self.top - len(self._kept)

    @property
    def position(self) -> Position:
        return Position(self.epoch, self.top)

    async def open(self) -> None:
        """Find out where the stream stands; the first visitor does it for all."""
        if self.is_open:
            return
        async with self._lock:
            if not self.is_open:
                self._begin_at(await self._run(outbox.head, self.stream))
                self.is_open = True

    def is_behind(self, head: Head) -> bool:
        return self.is_open and head != Head(self.epoch, self.top, self._redactions)

    def ring(self, at: float) -> None:
        """Somebody says that there is something new; who hears it calls `look`."""
        if self._rung_at is None:
            self._rung_at = at

    async def look(self) -> None:
        """Read what is new and spread it. Calls that come while one waits share its reading.

        In a quiet stream that is at once; what follows waits for GATHER_SECONDS, or for as long as the last spreading
        took, and is read and sent together.
        """
        self._asked += 1
        mine = self._asked
        async with self._lock:
            if mine <= self._served:
                return
            if (wait := self._gathers_until - monotonic()) > 0:
                await asyncio.sleep(wait)
            asked = self._asked  # whoever has asked before we read is served by it
            while self.is_open and await self._read_on():
                pass
            self._served = asked

    async def reach(self, offset: int) -> bool:
        """Have everything after `offset` kept; False if that cannot be: too far behind, pruned, from the future."""
        if offset > self.top:
            await self.look()
        while self.top - KEPT <= offset < self.start:
            async with self._lock:
                if offset < self.start and not await self._read_back(offset):
                    return False
        return self.start <= offset <= self.top

    def after(self, cursor: int) -> Burst | None:
        """The next burst after `cursor`; None if nothing is kept of it."""
        if not self.start <= cursor < self.top:
            return None
        if self._last is None or self._last[0] != cursor:  # many resume at the same place
            first = cursor - self.start
            self._last = cursor, self._burst(cursor, self._kept[first : first + BURST_EVENTS])
        return self._last[1]

    async def _read_on(self) -> bool:
        """True if there may be more."""
        rung_at, self._rung_at = self._rung_at, None
        batch: Batch | None = await self._run(outbox.read, self.stream, self.position)
        if batch is None:  # a foreign epoch: the log was rebuilt
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
        return batch.head.top > self.top

    async def _read_back(self, offset: int) -> bool:
        """Keep older events too, down to `offset` at least."""
        upto = self.start
        after = max(0, self.top - KEPT, min(offset, upto - BLOCK))
        events: list[bytes] = await self._run(outbox.between, self.stream, after, upto)
        if len(events) < upto - offset:
            return False  # pruned
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
        DELIVERIES.add(deliveries)
        del self._kept[: max(0, len(self._kept) - KEPT)]

    def _send(self, since: int, burst: Burst) -> int:
        """To how many it was sent; whoever is not ready notes what it is owed."""
        ready = list(self.ready.values())  # a wire that gets full while we send leaves
        others = [each for each in self.listeners if each not in self.ready] if len(ready) < len(self.listeners) else []
        if ready:
            wrapped = burst.wrapped
            for send in ready:
                send(wrapped)
        return len(ready) + sum([listener.offer(self, since, burst) for listener in others])

    def _burst(self, cursor: int, events: list[bytes]) -> Burst:
        """As many of `events`, the ones right after `cursor`, as fit in a frame."""
        size, count = 0, 0
        for event in events[:BURST_EVENTS]:
            size += len(event)
            if count and size > BURST_BYTES:
                break
            count += 1
        frame = protocol.frame(self.stream, Position(self.epoch, cursor), events[:count])
        return Burst(protocol.encode(frame), cursor + count)

    def _forget(self, redactions: int) -> None:
        """Text was taken down: what is kept may hold it, the log does not."""
        self._redactions = redactions
        self._kept.clear()
        self._last = None

    def _restart(self, head: Head) -> None:
        for listener in list(self.listeners):
            listener.reset(self.stream)
        self._begin_at(head)

    def _begin_at(self, head: Head) -> None:
        self.epoch, self.top, self._redactions = head.epoch, head.top, head.redactions
        self._kept.clear()
        self._last = None
