"""A transport whose wire can be stopped at will, on a real hub: what is sent, and in which order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction

from newsroom.live.hub.hub import Hub
from newsroom.live.hub.listener import Listener
from newsroom.live.outbox import Position, hold, position, redact
from newsroom.live.protocol import Piece
from newsroom.live.transports.asgi import AsgiWire

from .tools import STREAM, put, put_many

pytestmark = pytest.mark.django_db(transaction=True)


class Wire(AsgiWire):
    """Everything sent over it, frame by frame; while it is not `open` a frame hangs in it."""

    def __init__(self) -> None:
        super().__init__(self.transmit)
        self.frames: list[dict[str, Any]] = []
        self.pieces: list[Piece] = []
        self.open = asyncio.Event()
        self.open.set()
        self.news = asyncio.Condition()

    def write(self, piece: Piece) -> None:
        self.pieces.append(piece)
        super().write(piece)

    async def transmit(self, message: dict[str, Any]) -> None:
        await self.open.wait()
        self.frames.append(json.loads(message["text"]))
        async with self.news:
            self.news.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10), self.news:
            await self.news.wait_for(condition)

    @property
    def offsets(self) -> list[int]:
        return [event["offset"] for frame in self.frames for event in frame.get("events", ())]


async def in_thread(run: Callable[..., Any], *args: Any) -> Any:
    def closing() -> Any:
        try:
            return run(*args)
        finally:
            connections.close_all()

    return await asyncio.to_thread(closing)


def with_hub(test: Callable[[Hub, Wire, Listener], Any]) -> None:
    async def run() -> None:
        hub, wire = Hub(), Wire()
        listener = Listener(wire)
        await hub.start()
        hub.guests.add(listener, "127.0.0.1")
        pump = asyncio.create_task(wire.run())
        try:
            await test(hub, wire, listener)
        finally:
            listener.gone()
            hub.guests.discard(listener)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            await hub.stop()

    asyncio.run(run())


async def spread(hub: Hub, top: int) -> None:
    """Until the hub has read up to `top`."""
    async with asyncio.timeout(10):
        while hub._rooms[STREAM].top < top:
            await hub._rooms[STREAM].look()


def test_what_happens_while_somebody_catches_up_comes_after_what_they_missed():
    put_many(1, 250)
    since = Position(position(STREAM).epoch, 0)

    async def test(hub: Hub, wire: Wire, listener: Listener) -> None:
        await hub.join(listener, STREAM, since)
        wire.open.clear()
        await in_thread(put_many, 251, 270)
        await spread(hub, 270)
        wire.open.set()
        await wire.until(lambda: len(wire.offsets) >= 270)
        await in_thread(put, 271)
        await wire.until(lambda: len(wire.offsets) >= 271)
        assert wire.offsets == list(range(1, 272))

    with_hub(test)


def test_what_waits_to_be_sent_is_void_once_it_was_taken_down():
    async def test(hub: Hub, wire: Wire, listener: Listener) -> None:
        await hub.join(listener, STREAM, None)
        await wire.until(lambda: bool(wire.frames))
        wire.open.clear()
        await in_thread(put, 1)
        await spread(hub, 1)  # hangs in the wire
        await asyncio.sleep(0)
        await in_thread(put, 2)
        await spread(hub, 2)  # waits behind it
        await in_thread(take_down, "thing.2")
        await spread(hub, 3)
        wire.open.set()
        await wire.until(lambda: len(wire.offsets) >= 3)
        kinds = [event["kind"] for frame in wire.frames for event in frame.get("events", ())]
        assert wire.offsets == [1, 2, 3]
        assert kinds == ["thing.made", "void", "thing.removed"]

    with_hub(test)


def test_a_reading_that_is_given_up_does_not_mute_the_stream():
    async def test(hub: Hub, wire: Wire, listener: Listener) -> None:
        await hub.join(listener, STREAM, None)
        room = hub._rooms[STREAM]
        await room._lock.acquire()  # somebody reads
        waiting = asyncio.create_task(room.look())
        await asyncio.sleep(0)
        waiting.cancel()
        room._lock.release()
        await in_thread(put, 1)
        await wire.until(lambda: wire.offsets == [1])

    with_hub(test)


def test_one_encoding_serves_all_listeners():
    async def test(hub: Hub, wire: Wire, listener: Listener) -> None:
        wires = [Wire() for _ in range(3)]
        pumps = [asyncio.create_task(each.run()) for each in wires]
        others = [Listener(each) for each in wires]
        for each in (listener, *others):
            await hub.join(each, STREAM, None)
        await in_thread(put, 1)
        await wire.until(lambda: wire.offsets == [1])
        for each, pump in zip(others, pumps, strict=True):
            each.gone()
            pump.cancel()
        events = [piece for each in (wire, *wires) for piece in each.pieces if b'"type":"events"' in piece.data]
        assert len(events) == 4
        assert len({id(piece) for piece in events}) == 1

    with_hub(test)


def take_down(subject: str) -> None:
    with transaction.atomic():
        hold(STREAM)
        redact(subject)
        put(3, kind="thing.removed", subject=subject)
