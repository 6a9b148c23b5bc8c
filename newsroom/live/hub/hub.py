"""The hub of a process: it reads each stream once and hands its events to all listeners.

A ring may be lost, Redis may be down, a writer may be killed between commit and numbering. Therefore the hub also polls
the database every second ("look").

Everything here runs in the event loop's thread. Queries run in the hub's own threads.
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
from newsroom.live import outbox, protocol, registry
from newsroom.live.hub import pools
from newsroom.live.hub.connections import Guests
from newsroom.live.hub.listener import Listener, stalled
from newsroom.live.hub.pools import Duties, Threads
from newsroom.live.hub.relay import Relay
from newsroom.live.hub.room import Room, Run
from newsroom.live.hub.watchers import Watchers
from newsroom.live.identity import may_hear
from newsroom.live.log import bell, numbering
from newsroom.live.outbox import CONTROL, Position

LOOK_SECONDS = 1.0
GOODBYE_SECONDS = 2.0
logger = logging.getLogger(__name__)


class Hub:
    """Call `start()` before anything else and `stop()` at the end. A connection is a listener in `guests` and joins
    streams.
    """

    def __init__(self) -> None:
        self.guests = Guests()
        self._rooms: dict[str, Room[Listener]] = {}
        self._changes = 0  # number of changes of rights so far
        self._rings: deque[tuple[str, float]] = deque()  # (stream, time), added by other threads
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self.is_parting = False
        self.watchers = Watchers()

    @property
    def streams(self) -> list[str]:
        """The streams with at least one listener."""
        return [stream for stream, room in list(self._rooms.items()) if room.listeners]

    def count(self, kind: str) -> int:
        """The number of open connections of this transport, "websocket" or "sse"."""
        return self.guests.of_kind(kind)

    async def start(self) -> None:
        """Begin to poll and to receive rings; does nothing if already started."""
        if self._started:
            return
        self._started, self.is_parting = True, False
        self._loop = asyncio.get_running_loop()
        self._rings.clear()
        self.guests = Guests()
        self._threads = Threads()
        self._control = _Control(self, self._read)
        self._relay = Relay(self._poke_by_name, self.guests.elsewhere)
        self._duties, self._under_way = Duties(), set[str]()
        bell.listen(self._hear_ring)
        self.spawn(self._every_second(self._look))
        self.spawn(self._every_second(self._attend))
        self.spawn(self._every_second(self._beat))
        for run in self._relay.tasks():
            self.spawn(run)

    def part(self) -> None:
        """End the SSE responses, which have no end of their own: the server waits for responses before it stops."""
        self.is_parting = True
        for listener in self.guests:
            if listener.kind == "sse":
                listener.close(protocol.Close.GOING_AWAY)

    async def stop(self) -> None:
        """Close all connections, then stop. Waits for calls that run in threads."""
        if not self._started:
            return
        bell.unlisten(self._hear_ring)
        for listener in self.guests:
            listener.close(protocol.Close.GOING_AWAY)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.guests.have_left(), GOODBYE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.watchers.stopped()
        await asyncio.to_thread(self._threads.close)
        self._rooms.clear()
        self._started = False

    async def ask(self, question: Callable[..., Any], *args: Any) -> Any:
        """Run `question`, whose answer depends on rights; again if rights change while it runs.

        A caller that acts on the answer before its next `await` misses no change of rights.
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
        """Let `listener` follow `stream` after `since`, or from now on. The listener is sent the result or the
        error.
        """
        listener.leave(stream)
        if len(listener.rooms) >= settings.LIMIT_STREAMS:
            listener.say(protocol.error("too_many_streams", stream))
            return
        await self._control.open()
        while not await self._try_to_join(listener, stream, since):
            pass

    async def _try_to_join(self, listener: Listener, stream: str, since: Position | None) -> bool:
        """Return False if rights changed meanwhile: the caller has to try again."""
        seen = self._changes
        if not await self._may_hear(listener, stream):
            listener.say(protocol.error("unknown_stream", stream[:100]))
            return True
        with self._visit(stream) as room:
            await room.open()
            if since and since.epoch != room.epoch:
                await room.look()  # another process may have seen the new epoch first
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
        """Keep the room while a connection is joining it. The next look removes rooms without listeners and
        visitors.
        """
        room = self._rooms.setdefault(stream, Room(stream, self._read))
        room.visitors += 1
        try:
            yield room
        finally:
            room.visitors -= 1

    # --- changes of rights

    def hear_of_rights(self, user_id: int) -> None:
        """The rights of this person have changed. Their connections are cut; a client with rights left reconnects."""
        self._changes += 1
        for listener in self.guests.of(user_id):
            streams = list(listener.rooms)
            listener.leave_all()
            self.spawn(self._cut(listener, streams))

    def hear_of_closing(self, stream: str) -> None:
        """Some people lost the right to read this stream: check every listener."""
        self._changes += 1
        if stream in self._rooms:
            self._rooms[stream].is_public = None
            self.spawn(self._clear(self._rooms[stream]))

    def hear_of_anything(self) -> None:
        """The log was rebuilt, and earlier changes of rights are lost: check everybody."""
        for user_id in self.guests.people():
            self.hear_of_rights(user_id)
        for stream in list(self._rooms):
            self.hear_of_closing(stream)

    async def _cut(self, listener: Listener, streams: list[str]) -> None:
        left = False
        with suppress(Exception):  # on any error the connection is cut all the same
            left = not streams or any([await self.ask(may_hear, listener.user_id, stream) for stream in streams])
        listener.close(protocol.Close.RESTART if left else protocol.Close.NOTHING_LEFT)

    async def _clear(self, room: Room[Listener]) -> None:
        """Ask once for each person in the room, then remove the listeners that may no longer read."""
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
        """Handle the rings received so far. Runs in the loop's thread."""
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
            heads = await self._read(pools.survey, [*{CONTROL, *self._rooms, *watched}])
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
                if not failed:  # log once an outage
                    logger.warning("the look failed and goes on trying: %s", error, exc_info=True)
                failed = True
            await asyncio.sleep(LOOK_SECONDS)

    async def _beat(self) -> None:
        self.guests.beat()
        self._relay.tell(self.guests.crowd)
        metrics.share()

    async def _attend(self) -> None:
        """Number what killed writers have left, and do what is due. Neither waits for the other."""
        is_left, due = await self._read(self._duties.look)
        if is_left:
            self._begin("number", numbering.sweep)
        if due:
            self._begin("chore", self._duties.do, due)

    def _begin(self, purpose: str, run: Callable[..., Any], *args: Any) -> None:
        """Run it in a thread, unless the former run is still under way."""
        if purpose not in self._under_way:
            self._under_way.add(purpose)
            self.spawn(self._finish(purpose, run, *args))

    async def _finish(self, purpose: str, run: Callable[..., Any], *args: Any) -> None:
        try:
            await self._threads.run(purpose, run, *args)
        except Exception as error:  # noqa: BLE001  the next look tries again
            logger.warning("what a look began failed: %s", error)
        finally:
            self._under_way.discard(purpose)

    # --- threads and tasks

    async def _read(self, call: Callable[..., Any], *args: Any) -> Any:
        return await self._threads.run("read", call, *args)

    def spawn(self, run: Coroutine[Any, Any, None]) -> None:
        """Run it as a task that ends with the hub at the latest."""
        task = self._loop.create_task(run)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Control(Room[Listener]):
    """The hub's own stream of control messages. Only the hub reads it."""

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
