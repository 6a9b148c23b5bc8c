"""One a process: reads each stream once, hands its events to all who listen, and looks every second by itself.

Rings may be lost, Redis may be away, a writer may be killed between commit and numbering: the look finds it all.
Everything here runs in the event loop's thread; the database is asked in threads of the hub's own.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any

import msgspec
from django.conf import settings

from newsroom import metrics
from newsroom.live import bell, chores, outbox, protocol, registry, sequence
from newsroom.live.guests import Guests
from newsroom.live.listener import Listener, stalled
from newsroom.live.outbox import CONTROL, Position
from newsroom.live.people import may_hear
from newsroom.live.relay import Relay
from newsroom.live.room import Room, Run
from newsroom.live.threads import Threads
from newsroom.live.watchers import Watchers

LOOK_SECONDS = 1.0
GOODBYE_SECONDS = 2.0
logger = logging.getLogger(__name__)


class Hub:
    """`start()` and `stop()` frame it. A connection is a listener among the `guests`, and joins streams."""

    def __init__(self) -> None:
        self.guests = Guests()
        self._rooms: dict[str, Room[Listener]] = {}
        self._changes = 0  # of rights, so far
        self._rings: deque[tuple[str, float]] = deque()  # with their times: from other threads, not yet told here
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self.is_parting = False
        self.watchers = Watchers()

    @property
    def streams(self) -> list[str]:
        """Those that somebody follows."""
        return [stream for stream, room in list(self._rooms.items()) if room.listeners]

    def count(self, kind: str) -> int:
        """Open connections of this kind."""
        return self.guests.of_kind(kind)

    async def start(self) -> None:
        """Begin to look and to hear rings; harmless when begun."""
        if self._started:
            return
        self._started, self.is_parting = True, False
        self._loop = asyncio.get_running_loop()
        self._rings.clear()
        self.guests = Guests()
        self._threads = Threads()
        self._control = _Control(self, self._read)
        self._relay = Relay(self._poke_by_name)
        bell.listen(self._hear_ring)
        self.spawn(self._every_second(self._look))
        self.spawn(self._every_second(lambda: self._threads.run("chore", sequence.sweep)))
        self.spawn(self._every_second(lambda: self._threads.run("chore", chores.do_what_is_due)))
        self.spawn(self._every_second(self._share_figures))
        self.spawn(self._every_second(self._beat))
        for run in self._relay.tasks():
            self.spawn(run)

    def part(self) -> None:
        """The server will stop, and waits for responses first: those without an end have it now."""
        self.is_parting = True
        for listener in self.guests:
            if listener.kind == "sse":
                listener.close(protocol.Close.GOING_AWAY)

    async def stop(self) -> None:
        """Say goodbye to everybody, then stop; what runs in threads is waited for."""
        if not self._started:
            return
        bell.deafen(self._hear_ring)
        for listener in self.guests:
            listener.close(protocol.Close.GOING_AWAY)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.guests.have_left(), GOODBYE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.watchers.looked(None)
        await asyncio.to_thread(self._threads.close)
        self._rooms.clear()
        self._started = False

    async def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        """The answer of `question`, which depends on rights; asked again if rights change meanwhile.

        Who acts on it without another wait is told of every later change.
        """
        await self._control.open()
        while True:
            seen = self._changes
            answer = await self._threads.run("ask", question, *args)
            if seen == self._changes:
                return answer

    async def command(self, run: Callable[..., Any], *args: Any) -> Any:
        return await self._threads.run("command", run, *args)

    async def join(self, listener: Listener, stream: str, since: Position | None) -> None:
        """Let `listener` follow `stream` after `since`, or from now on; it is told so, or why not."""
        listener.leave(stream)
        if len(listener.rooms) >= settings.LIMIT_STREAMS:
            listener.say(protocol.error("too_many_streams", stream))
            return
        await self._control.open()
        while not await self._try_to_join(listener, stream, since):
            pass

    async def _try_to_join(self, listener: Listener, stream: str, since: Position | None) -> bool:
        """False if rights have changed meanwhile, so that it has to be asked again."""
        seen = self._changes
        if not await self._may_hear(listener, stream):
            listener.say(protocol.error("unknown_stream", stream[:100]))
            return True
        with self._visit(stream) as room:
            await room.open()
            known = since is None or (since.epoch == room.epoch and await room.reach(since.offset))
            if seen != self._changes:
                return False
            if not known or (since and since.epoch != room.epoch):
                listener.reset(stream)
            elif listener.code is None:
                offset = room.top if since is None else since.offset
                listener.say(protocol.encode(protocol.Subscribed(stream, room.epoch, offset)))
                listener.enter(room, offset)
                room.is_public = room.is_public or listener.user_id is None
        return True

    async def _may_hear(self, listener: Listener, stream: str) -> bool:
        room, user_id = self._rooms.get(stream), listener.user_id
        if user_id is None and room is not None and room.is_public:
            return True
        if not registry.in_scope(listener.scopes, stream):
            return False
        allowed: bool = await self._threads.run("ask", may_hear, user_id, stream)
        return allowed

    @contextmanager
    def _visit(self, stream: str) -> Iterator[Room[Listener]]:
        """A room does not vanish while somebody is at its door; empty ones go with the next look."""
        room = self._rooms.setdefault(stream, Room(stream, self._read))
        room.visitors += 1
        try:
            yield room
        finally:
            room.visitors -= 1

    # --- what happens

    def hear_of_rights(self, user_id: int) -> None:
        """This person's rights have changed: their connections are cut, and whoever may comes back."""
        self._changes += 1
        for listener in self.guests.of(user_id):
            streams = list(listener.rooms)
            listener.leave_all()
            self.spawn(self._cut(listener, streams))

    def hear_of_closing(self, stream: str) -> None:
        """Not everybody on this stream may hear it any more."""
        self._changes += 1
        if stream in self._rooms:
            self._rooms[stream].is_public = None
            self.spawn(self._clear(self._rooms[stream]))

    def hear_of_anything(self) -> None:
        """The log was rebuilt: what was said about rights before is lost."""
        for user_id in self.guests.people():
            self.hear_of_rights(user_id)
        for stream in list(self._rooms):
            self.hear_of_closing(stream)

    async def _cut(self, listener: Listener, streams: list[str]) -> None:
        left = False
        with suppress(Exception):  # whatever fails: the connection is cut
            left = not streams or any([await self.ask(may_hear, listener.user_id, stream) for stream in streams])
        listener.close(protocol.Close.RESTART if left else protocol.Close.NOTHING_LEFT)

    async def _clear(self, room: Room[Listener]) -> None:
        """Ask once for each person on the room, then turn out who may not stay."""
        answers: dict[int | None, bool] = {}
        for user_id in {each.user_id for each in room.listeners}:
            try:
                answers[user_id] = await self.ask(may_hear, user_id, room.stream)
            except Exception:
                logger.exception("cannot ask who may hear %s: nobody may", room.stream)
        for listener in list(room.listeners):
            if not answers.get(listener.user_id):
                listener.leave(room.stream)
                listener.say(protocol.encode(protocol.Unsubscribed(room.stream, "forbidden")))
                if not listener.rooms:
                    listener.close(protocol.Close.NOTHING_LEFT)

    # --- rings and looks

    def _hear_ring(self, stream: str) -> None:
        """Called from any thread."""
        self._rings.append((stream, monotonic()))
        self._loop.call_soon_threadsafe(self.hear)

    def hear(self) -> None:
        """Tell of everybody who has rung by now; in the loop's thread, where these have their turn at some time."""
        while self._rings:
            stream, at = self._rings.popleft()
            self._poke_by_name(stream, at)
            self._relay.ring(stream)

    def _poke_by_name(self, stream: str, at: float | None = None) -> None:
        self.watchers.heard(stream)
        room = self._control if stream == CONTROL else self._rooms.get(stream)
        if room is not None:
            room.ring(monotonic() if at is None else at)
            self.spawn(self._poke(room))

    async def _poke(self, room: Room[Listener]) -> None:
        try:
            await room.look()
        except Exception as error:  # noqa: BLE001  the next look tries again
            logger.warning("cannot read %s: %s", room.stream, error)

    async def _look(self) -> None:
        for stream, room in list(self._rooms.items()):
            if not room.listeners and not room.visitors:
                del self._rooms[stream]
        for listener in [each for each in stalled if each.is_hopeless(monotonic())]:
            listener.give_up()
        await self._control.open()
        with self.watchers.look() as (watched, tell):
            heads = await self._read(chores.survey, [*{CONTROL, *self._rooms, *watched}])
            tell(heads)
        for room in [self._control, *self._rooms.values()]:
            if room.stream in heads and room.is_behind(heads[room.stream]):
                self.spawn(self._poke(room))

    async def _every_second(self, run: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        failed = False
        while True:
            try:
                await run()
                failed = False
            except Exception as error:
                if not failed:  # once an outage
                    logger.warning("the look failed and goes on trying: %s", error, exc_info=True)
                failed = True
            await asyncio.sleep(LOOK_SECONDS)

    async def _beat(self) -> None:
        self.guests.beat()

    async def _share_figures(self) -> None:
        await self._threads.run("chore", metrics.share)

    # --- threads and tasks

    async def _read(self, call: Callable[..., Any], *args: Any) -> Any:
        return await self._threads.run("read", call, *args)

    def spawn(self, run: Coroutine[Any, Any, None]) -> None:
        """Have it run as long as the hub does."""
        task = self._loop.create_task(run)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Control(Room[Listener]):
    """The bus's own stream: nobody listens but the hub itself."""

    def __init__(self, hub: Hub, run: Run) -> None:
        super().__init__(CONTROL, run)
        self._hub = hub

    def _spread(self, events: list[bytes]) -> None:
        self.top += len(events)
        for event in map(msgspec.json.decode, events):
            match event:
                case {"kind": "rights.changed", "data": {"user": int(user_id)}}:
                    self._hub.hear_of_rights(user_id)
                case {"kind": "stream.closed", "data": {"stream": str(stream)}}:
                    self._hub.hear_of_closing(stream)

    def _restart(self, head: outbox.Head) -> None:
        super()._restart(head)
        self._hub.hear_of_anything()


hub = Hub()
for _kind in ("websocket", "sse"):
    metrics.gauge("newsroom_live_sockets", "Open connections.", partial(hub.count, _kind), transport=_kind)
metrics.gauge("newsroom_live_streams", "Streams that somebody of a process follows.", lambda: len(hub.streams))
