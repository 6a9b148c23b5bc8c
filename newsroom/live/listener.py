"""One connection's side of the hub: how far it is in each stream, and what it is still owed.

Nothing is queued for anybody: a wire takes a piece at once, or it is full, and who cannot be given a burst is *late*
and reads on from the room, after its own cursor, when its wire has room again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from newsroom.live import protocol
from newsroom.live.figures import DELIVERIES, RESETS, SLOW_CLOSES
from newsroom.live.protocol import Close, Piece

if TYPE_CHECKING:
    from newsroom.live.people import Person
    from newsroom.live.room import Burst, Room

MAX_UNSENT = 256 * 1024  # bytes that a wire holds before it is full
MAX_ANSWERS = 100
PATIENCE_SECONDS = 20.0  # with LINGER_SECONDS less than the 30 s that are promised
LINGER_SECONDS = 8.0  # for a peer that is told to go, and does not read
logger = logging.getLogger(__name__)
stalled: set[Listener] = set()  # those whose peer does not read: few of many, and looked at every second


class Wire(Protocol):
    """A transport. While `is_full` it takes nothing, and calls its listener's `flush` when it does again."""

    is_full: bool
    listener: Listener
    sink: Callable[[bytes], object] | None
    """Where it is, what takes a wrapped piece while the wire is not full; see `Room.ready`."""

    @property
    def kind(self) -> str:
        """What it is in the figures: websocket or sse."""
        ...

    def write(self, piece: Piece) -> None: ...

    def beat(self) -> None:
        """Called every BEAT_SECONDS: find out whether the peer still lives."""
        ...

    def end(self, code: int, *, at_once: bool = False) -> None:
        """Close after what was sent; at once: do not wait for a peer that does not read."""
        ...


class Listener:
    """Each event after a stream's cursor is sent once, in order, whatever the wire is."""

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
        self._late: dict[Room[Listener], int] = {}  # the offset after which each is owed something
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
        """Something waits because the peer does not read."""
        return self._slow_since is not None

    @property
    def has_answers(self) -> bool:
        return bool(self._answers)

    def vector(self) -> str:
        """Where it is in all its streams, as the `streams=` that resumes there."""
        cursors = ((room, self._late.get(room, room.top)) for room in self.rooms.values())
        return ",".join(f"{room.stream}@{room.epoch}:{cursor}" for room, cursor in cursors)

    def say(self, frame: bytes) -> None:
        """Send an answer, before any event that is still owed."""
        self._answers.append(frame)
        self.flush()

    async def calm(self) -> None:
        """Wait until the answers so far are sent, if many wait: a peer that does not read may not ask on."""
        while len(self._answers) > MAX_ANSWERS and self.code is None:
            self._calm = asyncio.get_running_loop().create_future()
            await self._calm

    def enter(self, room: Room[Listener], offset: int) -> None:
        """Follow `room` after `offset`, which it has been proven to reach."""
        self.rooms[room.stream] = room
        room.listeners[self] = None
        if offset < room.top:
            self._late[room] = offset
        self.flush()

    def leave(self, stream: str) -> None:
        """Stop following; nothing of this stream is sent any more."""
        room = self.rooms.pop(stream, None)
        if room is not None:
            room.listeners.pop(self, None)
            room.ready.pop(self, None)
            self._late.pop(room, None)

    def leave_all(self) -> None:
        for stream in list(self.rooms):
            self.leave(stream)

    def reset(self, stream: str) -> None:
        """What follows cannot be proven: the reader shall load anew."""
        self.leave(stream)
        RESETS.add()
        self.say(protocol.encode(protocol.Reset(stream)))

    def close(self, code: int) -> None:
        """Say goodbye with `code` after the answers that wait; nothing more comes in."""
        self.leave_all()
        self.code = self.code or code
        self.flush()

    def give_up(self) -> None:
        """Close at once, whatever waits: this peer does not read."""
        SLOW_CLOSES.add()
        self._answers.clear()
        self.leave_all()
        self.code = self.code or Close.TOO_SLOW
        self._end(at_once=True)

    def gone(self) -> None:
        """The connection is no more."""
        self._ended = True
        stalled.discard(self)
        self.leave_all()
        self.code = self.code or Close.GOING_AWAY
        self._answers.clear()
        if self._reading is not None:
            self._reading.cancel()
        self._calm_down()

    def offer(self, room: Room[Listener], since: int, burst: Burst) -> bool:
        """Send what has just happened after `since`, or note that it is owed; never waits. Whether it was sent."""
        if self._late and room in self._late:
            return False
        if self.wire.is_full:
            self._late[room] = since
            return False
        self.wire.write(burst)
        return True

    def stall(self) -> None:
        """The wire is full from now on."""
        self._slow_since = self._slow_since or monotonic()
        if not self._ended:
            stalled.add(self)
        self.hush()

    def hush(self) -> None:
        """Nothing goes to the wire without being asked for."""
        for room in self.rooms.values():
            room.ready.pop(self, None)

    def is_hopeless(self, now: float) -> bool:
        """Behind for longer than we wait for anybody."""
        return not self._ended and self._slow_since is not None and now - self._slow_since > PATIENCE_SECONDS

    def flush(self) -> None:
        """Send what there is to send, as far as the wire takes it."""
        while not self.wire.is_full:
            if self._answers:
                self.wire.write(Piece(self._answers.pop(0)))
            elif self._late and self._reading is None:
                self._catch_up(next(iter(self._late)))
            else:
                self._rest()
                return

    def _rest(self) -> None:
        """Nothing is left that could be sent now."""
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
        """Send the next piece from the room. Between its end and being up to date there is no wait, hence no gap."""
        cursor = self._late[room]
        if cursor >= room.top:
            del self._late[room]
            return
        burst = room.after(cursor)
        if burst is None:
            self._reading = asyncio.get_running_loop().create_task(self._read_back(room, cursor))
            return
        self._late[room] = burst.upto  # before it is sent: who asks where we are is told what the piece makes true
        DELIVERIES.add(burst.upto - cursor)
        self.wire.write(burst)

    async def _read_back(self, room: Room[Listener], cursor: int) -> None:
        reached = False
        try:
            reached = await room.reach(cursor)
        except Exception as error:  # noqa: BLE001  whatever the database raises: who comes back resumes
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
