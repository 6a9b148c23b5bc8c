"""Processes talk over Channels' layer, on a real Redis. An event loop in a thread stands for another process."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Coroutine
from threading import Thread
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator
from channels.exceptions import ChannelFull
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from redis import Redis, RedisError

from newsroom.live.layer import RedisChannelLayer
from tests.support import services

type Make = Callable[..., RedisChannelLayer]


@pytest.fixture
def make(redis_server: services.Redis) -> Make:
    Redis.from_url(redis_server.url).flushall()
    return lambda **options: RedisChannelLayer(redis_server.url, **options)


async def elsewhere(deed: Coroutine[Any, Any, None]) -> None:
    await asyncio.to_thread(asyncio.run, deed)


async def soon(layer: RedisChannelLayer, channel: str) -> dict[str, Any]:
    return await asyncio.wait_for(layer.receive(channel), 10)


async def until(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(services.wait_for, condition)


def test_a_group_hears_what_any_process_sends_in_order_and_until_it_is_left(make: Make) -> None:
    async def run() -> None:
        layer, other = make(), make()
        stays, leaves = await layer.new_channel(), await layer.new_channel()
        for channel in (stays, leaves, leaves):
            await layer.group_add("town", channel)

        async def send() -> None:
            for n in range(300):
                await other.group_send("town", {"n": n})

        sending = asyncio.create_task(elsewhere(send()))
        assert [await soon(layer, stays) for _ in range(300)] == [{"n": n} for n in range(300)]
        await sending
        heard = await soon(layer, leaves)
        heard["n"] = "spoilt"
        assert heard != await soon(layer, leaves)

        await layer.group_discard("town", leaves)
        await layer.group_discard("town", leaves)
        await layer.group_discard("village", leaves)
        await elsewhere(other.group_send("town", {"n": "after"}))
        await elsewhere(other.send(leaves, {"n": "to one"}))
        assert await soon(layer, stays) == {"n": "after"}
        left = [await soon(layer, leaves)]
        while left[-1] != {"n": "to one"}:
            left.append(await soon(layer, leaves))
        assert {"n": "after"} not in left

    asyncio.run(run())


def test_a_burst_is_heard_whole_though_it_is_larger_than_a_channel(make: Make) -> None:
    async def run() -> None:
        layer, other, heard = make(capacity=10), make(), list[int]()
        channel = await layer.new_channel()

        async def read() -> None:
            while len(heard) < 300:
                heard.append((await soon(layer, channel))["n"])

        async def send() -> None:
            await other.new_channel()
            for n in range(300):
                await other.send(channel, {"n": n})

        reading = asyncio.create_task(read())
        await asyncio.sleep(0)
        sending = Thread(target=asyncio.run, args=(send(),))
        sending.start()
        sending.join()  # this loop stands still meanwhile
        await reading
        assert heard == list(range(300))

    asyncio.run(run())


def test_redis_is_asked_for_no_more_than_is_heard(make: Make, redis_server: services.Redis) -> None:
    redis = Redis.from_url(redis_server.url)

    async def run() -> None:
        layer = make()
        channel = await layer.new_channel()
        for group in ("town", "village"):
            await layer.group_add(group, channel)
        assert len(redis.pubsub_channels()) == 3

        await layer.group_discard("village", channel)
        await until(lambda: len(redis.pubsub_channels()) == 2)
        await layer.group_add("village", channel)
        assert redis.publish(layer.address("village"), b"anything") == 1

        await layer.close()
        await until(lambda: not redis.pubsub_channels())
        with pytest.raises(RuntimeError, match="no channel of this event loop"):
            await layer.receive(channel)

    asyncio.run(run())


def test_a_message_arrives_as_it_was_sent_whatever_the_specification_allows(make: Make) -> None:
    sent = {
        "bytes": b"\x00\xff",
        "text": "Fähre ⛴",
        "numbers": [-(2**63), 2**63 - 1, 0.5],
        "nested": {"list": [True, None, {}]},
        "large": "x" * 1_000_000,
    }

    async def run() -> None:
        layer = make()
        channel = await layer.new_channel()
        await elsewhere(make().send(channel, {**sent, "tuple": (1, 2)}))
        await elsewhere(make().send("somebody", {**sent, "tuple": (1, 2)}))

        assert await soon(layer, channel) == {**sent, "tuple": [1, 2]}
        assert await soon(layer, "somebody") == {**sent, "tuple": [1, 2]}
        for send in (layer.send, layer.group_send):
            with pytest.raises(TypeError):
                await send("somebody", "no dict")  # type: ignore[arg-type]
            with pytest.raises(TypeError):
                await send("no name", {})

    asyncio.run(run())


def test_of_a_channel_for_all_processes_each_message_goes_to_one(make: Make) -> None:
    async def read(found: list[int]) -> None:
        layer = make()
        while (message := await soon(layer, "work"))["n"] >= 0:
            found.append(message["n"])

    async def run() -> None:
        layer, first, second = make(), list[int](), list[int]()
        readers = [asyncio.create_task(elsewhere(read(found))) for found in (first, second)]
        for n in (*range(40), -1, -1):
            await layer.send("work", {"n": n})
        await asyncio.gather(*readers)

        assert sorted(first + second) == list(range(40))

    asyncio.run(run())


def test_a_full_channel_takes_no_more_until_it_is_read(make: Make) -> None:
    async def run() -> None:
        layer = make(channel_capacity={"specific.*": 2, "work": 2})
        full, other = await layer.new_channel(), await layer.new_channel()
        for n in range(3):
            await layer.send(full, {"n": n})
        await layer.send(other, {})
        await soon(layer, other)  # so all before it have come
        assert [await soon(layer, full), await soon(layer, full)] == [{"n": 0}, {"n": 1}]
        await layer.send(full, {"n": 3})
        assert await soon(layer, full) == {"n": 3}

        for n in range(2):
            await layer.send("work", {"n": n})
        with pytest.raises(ChannelFull):
            await layer.send("work", {"n": 2})
        assert await soon(layer, "work") == {"n": 0}
        await layer.send("work", {"n": 3})
        assert [await soon(layer, "work"), await soon(layer, "work")] == [{"n": 1}, {"n": 3}]

    asyncio.run(run())


def test_what_nobody_reads_in_time_is_gone_and_so_is_the_membership(make: Make, redis_server: services.Redis) -> None:
    redis = Redis.from_url(redis_server.url)

    async def run() -> None:
        layer, heard = make(expiry=1, capacity=10_000), list[dict[str, Any]]()
        quiet = make(prefix="quiet", expiry=1)
        rarely, after = await quiet.new_channel(), await quiet.new_channel()
        for channel in (rarely, after):
            await quiet.send(channel, {"n": 0})
        await soon(quiet, after)  # so the other one has come
        gone, reads = await layer.new_channel(), await layer.new_channel()
        for group, channel in (("village", gone), ("town", gone), ("town", reads)):
            await layer.group_add(group, channel)

        async def read() -> None:
            while True:
                heard.append(await layer.receive(reads))

        reader = asyncio.create_task(read())
        await layer.group_send("village", {"n": 0})
        await layer.send("work", {"n": 0})
        while redis.pubsub_numsub(layer.address("village"))[0][1]:
            await layer.group_send("town", {})
            await layer.send("work", {"n": 1})
        reading = asyncio.create_task(soon(quiet, rarely))
        await asyncio.sleep(0)
        await quiet.send(rarely, {"n": 1})
        assert await reading == {"n": 1}
        assert 0 < redis.ttl(layer.address("work")) <= 1
        await layer.send("work", {"n": 1})
        assert await soon(layer, "work") == {"n": 1}

        while {"n": "new"} not in heard:
            await layer.group_send("town", {"n": "new"})
        await layer.send(gone, {"n": "to one"})
        assert await soon(layer, gone) == {"n": "to one"}
        reader.cancel()

    asyncio.run(run())


def test_a_membership_ends_in_time_unless_it_is_to_last(make: Make, redis_server: services.Redis) -> None:
    redis = Redis.from_url(redis_server.url)

    async def run() -> None:
        short, lasting = make(prefix="short", group_expiry=1, expiry=1), make(group_expiry=None, expiry=1)
        for layer in (short, lasting):
            await layer.group_add("town", await layer.new_channel())
        other = await short.new_channel()
        while redis.pubsub_numsub(short.address("town"))[0][1]:
            await short.send(other, {})
            await soon(short, other)

        assert redis.pubsub_numsub(lasting.address("town"))[0][1] == 1

    asyncio.run(run())


def test_after_an_outage_all_is_heard_again_and_the_log_has_a_line_at_either_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def run(redis: services.Redis) -> None:
        layer = RedisChannelLayer(redis.url)
        channel = await layer.new_channel()
        await layer.group_add("town", channel)
        redis.stop()
        for _ in range(5):
            with pytest.raises((RedisError, OSError)):
                await layer.group_send("town", {})
        await layer.group_add("village", channel)
        assert await layer.new_channel() != channel

        redis.start()
        client = Redis.from_url(redis.url)
        for group in ("town", "village"):
            await until(lambda group=group: client.pubsub_numsub(layer.address(group))[0][1] == 1)  # type: ignore[misc]
            await layer.group_send(group, {"to": group})
            assert await soon(layer, channel) == {"to": group}

    with services.redis() as redis:
        asyncio.run(run(redis))

    assert [record.getMessage().partition(",")[0] for record in caplog.records] == ["Redis is away", "Redis is back"]


def test_nobody_waits_for_long_for_a_redis_that_does_not_answer() -> None:
    async def run(port: int) -> None:
        layer = RedisChannelLayer(f"redis://127.0.0.1:{port}/0?socket_timeout=0.2&socket_connect_timeout=0.2")
        channel = await asyncio.wait_for(layer.new_channel(), 5)
        await asyncio.wait_for(layer.group_add("town", channel), 5)
        with pytest.raises(RedisError):
            await asyncio.wait_for(layer.group_send("town", {}), 5)

    with socket.create_server(("127.0.0.1", 0)) as deaf:
        asyncio.run(run(deaf.getsockname()[1]))


class Everybody(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    groups = ["town"]

    async def receive_json(self, content: Any, **_: Any) -> None:
        await self.channel_layer.group_send("town", {"type": "said", "words": content})

    async def said(self, event: dict[str, Any]) -> None:
        await self.send_json(event["words"])


def test_consumers_of_channels_talk_over_it_and_so_do_threads(redis_server: services.Redis, settings: Any) -> None:
    backend = "newsroom.live.layer.RedisChannelLayer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend, "CONFIG": {"url": redis_server.url}}}

    async def say(to: ApplicationCommunicator, words: str) -> None:
        await to.send_input({"type": "websocket.receive", "text": json.dumps(words)})

    async def hear(by: ApplicationCommunicator) -> Any:
        return json.loads((await by.receive_output(10))["text"])

    async def run() -> None:
        sockets = [ApplicationCommunicator(Everybody.as_asgi(), {"type": "websocket"}) for _ in range(2)]
        for each in sockets:
            await each.send_input({"type": "websocket.connect"})
            assert (await each.receive_output(10))["type"] == "websocket.accept"
        await say(sockets[0], "Moin")
        assert [await hear(each) for each in sockets] == ["Moin", "Moin"]

        message = {"type": "said", "words": "from a thread"}
        await asyncio.to_thread(async_to_sync(RedisChannelLayer(redis_server.url).group_send), "town", message)
        assert [await hear(each) for each in sockets] == ["from a thread", "from a thread"]

        await sockets[0].send_input({"type": "websocket.disconnect", "code": 1000})
        await sockets[0].wait(10)
        await say(sockets[1], "alone")
        assert await hear(sockets[1]) == "alone"
        await sockets[1].send_input({"type": "websocket.disconnect", "code": 1000})
        await sockets[1].wait(10)
        await until(lambda: len(Redis.from_url(redis_server.url).pubsub_channels()) == 1)  # the process's own

    asyncio.run(run())
