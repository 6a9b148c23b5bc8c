"""One connection's side of the hub: what waits to be sent to it, and how far it is in each stream."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING

from newsroom.live import protocol
from newsroom.live.protocol import Close

if TYPE_CHECKING:
    from newsroom.live.room import Burst, Room

MAX_UNSENT = 256 * 1024  # characters of events; who has more waiting is marked slow and reads from the room instead
MAX_ANSWERS = 100
PATIENCE_SECONDS = 30.0

type Transmit = Callable[[str], Awaitable[None]]


class Listener:
    """Whatever transport it has, it gives `transmit(text)`; `pump()` sends until the connection shall end.

    Each event after a stream's cursor is sent once, in order. A burst is queued for who is up to date; who is late
    (has just resumed, or is slow) gets nothing queued, but what the room keeps after its cursor, until it has
    caught up with the room.
    """

    def __init__(self, transmit: Transmit, user_id: int | None = None) -> None:
        self.user_id = user_id
        self.rooms: dict[str, Room] = {}
        self.code: int | None = None
        self.abandon: Callable[[], object] | None = None  # stops a pump that hangs
        self._transmit = transmit
        self._answers: deque[str] = deque()
        self._bursts: deque[tuple[Room, Burst]] = deque()
        self._unsent = 0
        self._cursors: dict[Room, int] = {}
        self._late: dict[Room, None] = {}
        self._slow_since: float | None = None
        self._sending_since: float | None = None
        self._ready = asyncio.Event()
        self._answered = asyncio.Event()

    def say(self, frame: str) -> None:
        """Queue an answer."""
        self._answers.append(frame)
        self._ready.set()

    async def calm(self) -> None:
        """Wait until the answers so far are sent, if many wait: a peer that does not read may not ask on."""
        if len(self._answers) > MAX_ANSWERS:
            self._answered.clear()
            await self._answered.wait()

    def enter(self, room: Room, offset: int) -> None:
        """Follow `room` after `offset`, which it has been proven to reach."""
        self.rooms[room.stream] = room
        self._cursors[room] = offset
        room.listeners[self] = None
        self._late[room] = None
        self._ready.set()

    def leave(self, stream: str) -> None:
        """Stop following; nothing of this stream is sent any more, not even what was queued."""
        room = self.rooms.pop(stream, None)
        if room is not None:
            self._drop(room)
            room.listeners.pop(self, None)
            self._cursors.pop(room, None)
            self._late.pop(room, None)

    def leave_all(self) -> None:
        for stream in list(self.rooms):
            self.leave(stream)

    def close(self, code: int) -> None:
        """Say goodbye with `code` after what is queued; nothing more comes in."""
        self.leave_all()
        self.code = self.code or code
        self._ready.set()
        self._answered.set()

    def give_up(self) -> None:
        """Close at once, whatever is queued: this peer does not read."""
        self._answers.clear()
        self.close(Close.TOO_SLOW)
        if self.abandon is not None:
            self.abandon()

    def offer(self, room: Room, burst: Burst) -> None:
        """Queue what has just happened; never waits, so no listener delays another."""
        if room in self._late:
            return
        self._bursts.append((room, burst))
        self._unsent += len(burst.text)
        if self._unsent > MAX_UNSENT:
            self._fall_behind()
        self._ready.set()

    def recall(self, room: Room) -> None:
        """Take back what was queued of `room` and send it as the log has it now."""
        self._drop(room)
        self._late[room] = None
        self._ready.set()

    def is_hopeless(self, now: float) -> bool:
        """Slow for longer than we wait for anybody: behind all the time, or one piece that does not go out."""
        began = self._slow_since or self._sending_since
        return began is not None and now - began > PATIENCE_SECONDS

    async def pump(self) -> None:
        """Send what there is to send; ends when the connection shall be closed with `code`."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            while await self._send_next():
                pass
            self._slow_since = None
            if self.code is not None:
                return

    async def _send_next(self) -> bool:
        """False when there is nothing left to send."""
        if self._answers:
            await self._send(self._answers.popleft())
            if not self._answers:
                self._answered.set()
        elif self._bursts:
            room, burst = self._bursts.popleft()
            self._unsent -= len(burst.text)
            self._cursors[room] = burst.upto  # before the wait: what falls behind meanwhile goes on from here
            await self._send(burst.text)
        elif self._late:
            await self._catch_up(next(iter(self._late)))
        else:
            return False
        return True

    async def _catch_up(self, room: Room) -> None:
        """Send the next piece from the room. Between its end and being up to date there is no wait, hence no gap."""
        cursor = self._cursors[room]
        if cursor >= room.top:
            del self._late[room]
            return
        burst = room.after(cursor)
        if burst is not None:
            self._cursors[room] = burst.upto
            await self._send(burst.text)
        elif not await room.reach(cursor) and room in self._late:
            self.leave(room.stream)
            self.say(protocol.encode(protocol.Reset(room.stream)))

    async def _send(self, text: str) -> None:
        self._sending_since = monotonic()
        await self._transmit(text)
        self._sending_since = None

    def _fall_behind(self) -> None:
        self._slow_since = self._slow_since or monotonic()
        for room, _ in self._bursts:
            self._late[room] = None
        self._bursts.clear()
        self._unsent = 0

    def _drop(self, room: Room) -> None:
        kept = [each for each in self._bursts if each[0] is not room]
        self._unsent = sum(len(burst.text) for _, burst in kept)
        self._bursts = deque(kept)
