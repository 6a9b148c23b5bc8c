"""One connection's side of the hub: its cursor in each stream, and what is still to be sent.

There are no queues. If the wire is full, the listener is *late* in that stream: it remembers its cursor and reads on
from the room when the wire has space again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from newsroom.live import protocol
from newsroom.live.metrics import DELIVERIES, RESETS, SLOW_CLOSES
from newsroom.live.protocol import Burst, Close, Piece

if TYPE_CHECKING:
    from newsroom.live.hub.room import Room
    from newsroom.live.identity import Person

MAX_UNSENT = 256 * 1024  # bytes; a wire with more unsent data is full
MAX_ANSWERS = 100
PATIENCE_SECONDS = 20.0  # together with LINGER_SECONDS less than the 30 s promised in docs/live.md
LINGER_SECONDS = 8.0  # for a peer that was sent a close frame and does not read
logger = logging.getLogger(__name__)
stalled: set[Listener] = set()  # listeners whose peer does not read; checked every second


class Wire(Protocol):
    """A transport. While `is_full` it must not be given anything; then it calls its listener's `flush`."""

    is_full: bool
    listener: Listener
    sink: Callable[[bytes], object] | None
    """Where it is, what takes a wrapped piece while the wire is not full; see `Room.ready`."""

    @property
    def kind(self) -> str:
        """The transport's name in metrics: "websocket" or "sse"."""
        ...

    def write(self, piece: Piece) -> None: ...

    def beat(self) -> None:
        """Called every BEAT_SECONDS: check whether the peer is alive."""
        ...

    def end(self, code: int, *, at_once: bool = False) -> None:
        """Close after the data already written. With `at_once`: drop it, since the peer does not read."""
        ...


class Listener:
    """Sends each event after a stream's cursor exactly once, in order, over any wire."""

    __slots__ = (
        "_answers",
        "_calm",
        "_ended",
        "_late",
        "_reading",
        "_slow_since",
        "code",
        "rooms",
        "scopes",
        "user_id",
        "wire",
    )

    def __init__(self, wire: Wire, person: Person | None = None) -> None:
        self.user_id = person.id if person else None
        self.scopes = person.scopes if person else None
        self.rooms: dict[str, Room[Listener]] = {}
        self.code: int | None = None
        self.wire = wire
        self._answers: list[bytes] = []
        self._late: dict[Room[Listener], int] = {}  # room → the offset after which events are still to be sent
        self._reading: asyncio.Task[None] | None = None
        self._slow_since: float | None = None
        self._calm: asyncio.Future[None] | None = None
        self._ended = False
        wire.listener = self

    @property
    def kind(self) -> str:
        return self.wire.kind

    @property
    def is_slow(self) -> bool:
        """Whether data waits because the peer does not read."""
        return self._slow_since is not None

    @property
    def has_answers(self) -> bool:
        return bool(self._answers)

    def vector(self) -> str:
        """The listener's position in all its streams, as the value of `streams=` that resumes there."""
        cursors = ((room, self._late.get(room, room.top)) for room in self.rooms.values())
        return ",".join(f"{room.stream}@{room.epoch}:{cursor}" for room, cursor in cursors)

    def say(self, frame: bytes) -> None:
        """Send an answer, before any event that still waits."""
        self._answers.append(frame)
        self.flush()

    async def calm(self) -> None:
        """Wait while more than MAX_ANSWERS answers are unsent. A peer that does not read cannot go on asking."""
        while len(self._answers) > MAX_ANSWERS and self.code is None:
            self._calm = asyncio.get_running_loop().create_future()
            await self._calm

    def enter(self, room: Room[Listener], offset: int) -> None:
        """Follow `room` after `offset`, which `room.reach` must have confirmed."""
        self.rooms[room.stream] = room
        room.listeners[self] = None
        if offset < room.top:
            self._late[room] = offset
        self.flush()

    def leave(self, stream: str) -> None:
        """Stop following; no more of this stream is sent."""
        room = self.rooms.pop(stream, None)
        if room is not None:
            room.listeners.pop(self, None)
            room.ready.pop(self, None)
            self._late.pop(room, None)

    def leave_all(self) -> None:
        for stream in list(self.rooms):
            self.leave(stream)

    def reset(self, stream: str) -> None:
        """Events after the cursor may be missing: tell the client to load anew."""
        self.leave(stream)
        RESETS.inc()
        self.say(protocol.encode(protocol.Reset(stream)))

    def close(self, code: int) -> None:
        """Close with `code` after the answers that wait. No more events are sent."""
        self.leave_all()
        self.code = self.code or code
        self.flush()

    def give_up(self) -> None:
        """Close at once and drop what waits: this peer does not read."""
        SLOW_CLOSES.inc()
        self._answers.clear()
        self.leave_all()
        self.code = self.code or Close.TOO_SLOW
        self._end(at_once=True)

    def gone(self) -> None:
        """The connection is lost."""
        self._ended = True
        stalled.discard(self)
        self.leave_all()
        self.code = self.code or Close.GOING_AWAY
        self._answers.clear()
        if self._reading is not None:
            self._reading.cancel()
        self._calm_down()

    def offer(self, room: Room[Listener], since: int, burst: Burst) -> bool:
        """Send a burst that begins after `since`, or remember that it is late; never waits. Returns whether it was
        sent.
        """
        if self._late and room in self._late:
            return False
        if self.wire.is_full:
            self._late[room] = since
            return False
        self.wire.write(burst)
        return True

    def stall(self) -> None:
        """The wire has become full."""
        self._slow_since = self._slow_since or monotonic()
        if not self._ended:
            stalled.add(self)
        self.hush()

    def hush(self) -> None:
        """Stop the rooms from writing to the wire directly."""
        for room in self.rooms.values():
            room.ready.pop(self, None)

    def is_hopeless(self, now: float) -> bool:
        """Whether the peer has not read for more than PATIENCE_SECONDS."""
        return not self._ended and self._slow_since is not None and now - self._slow_since > PATIENCE_SECONDS

    def flush(self) -> None:
        """Send what waits, until the wire is full."""
        while not self.wire.is_full:
            if self._answers:
                self.wire.write(Piece(self._answers.pop(0)))
            elif self._late and self._reading is None:
                self._catch_up(next(iter(self._late)))
            else:
                self._rest()
                return

    def _rest(self) -> None:
        """Nothing more can be sent now."""
        if not self._late:
            self._slow_since = None
            stalled.discard(self)
        if self.wire.sink is not None and self.code is None:
            for room in self.rooms.values():
                if room not in self._late:
                    room.ready[self] = self.wire.sink
        self._calm_down()
        if self.code is not None:
            self._end()

    def _catch_up(self, room: Room[Listener]) -> None:
        """Send the next piece from the room. There is no `await` between the last piece and being up to date, hence no
        gap.
        """
        cursor = self._late[room]
        if cursor >= room.top:
            del self._late[room]
            return
        burst = room.after(cursor)
        if burst is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_back(room, cursor))
            return
        self._late[room] = burst.upto  # before the write: the piece carries the position after itself (see `vector`)
        DELIVERIES.inc(burst.upto - cursor)
        self.wire.write(burst)

    async def _read_back(self, room: Room[Listener], cursor: int) -> None:
        reached = False
        try:
            reached = await room.reach(cursor)
        except Exception as error:  # noqa: BLE001  whatever the database raises: the client reconnects and resumes
            logger.warning("a reader of %s cannot be served: %s", room.stream, error)
            self.close(Close.RESTART)
            return
        finally:
            self._reading = None
        if not reached and self._late.get(room) == cursor:
            self.reset(room.stream)
        self.flush()

    def _calm_down(self) -> None:
        if self._calm is not None and not self._calm.done():
            self._calm.set_result(None)

    def _end(self, *, at_once: bool = False) -> None:
        self._calm_down()
        if not self._ended:
            self._ended = True
            self.wire.end(self.code or Close.GOING_AWAY, at_once=at_once)
