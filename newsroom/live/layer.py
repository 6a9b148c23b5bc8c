"""A channel layer for Channels on Redis, by https://channels.readthedocs.io/en/stable/channel_layer_spec.html

Groups and the channels of a process travel by PUBLISH and SUBSCRIBE. The connection waits until Redis says something,
so a process that hears nothing uses no CPU. Channels that any process may receive from are lists in Redis.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PATIENCE_SECONDS = 5.0  # for a connection, and for an answer
PAUSE_SECONDS = 1.0  # between two attempts to reach Redis, on average
logger = logging.getLogger(__name__)

type Message = Mapping[str, Any]


class RedisChannelLayer(BaseChannelLayer):  # type: ignore[misc]  # Channels has no types
    """`url` is that of Redis, `prefix` begins all names there, and `group_expiry` is in seconds; None: a membership
    lasts as long as its process. `expiry` (seconds), `capacity` and `channel_capacity` are those of all layers.

    What is sent while Redis is away raises RedisError or OSError. Memberships outlast an outage, messages do not. Each
    event loop has channels of its own; a loop without any opens a connection for each message that it sends.
    """

    extensions = ("groups",)

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "newsroom.layer",
        expiry: int = 60,
        group_expiry: int | None = 86_400,
        capacity: int = 100,
        channel_capacity: Mapping[Any, int] | None = None,
    ) -> None:
        super().__init__(expiry, capacity, self.compile_capacities(channel_capacity or {}))
        self.group_expiry = group_expiry
        self._url, self._prefix = url, prefix
        self._receivers: dict[asyncio.AbstractEventLoop, _Receiver] = {}

    async def new_channel(self) -> str:
        """A name that this event loop alone can receive from."""
        loop = asyncio.get_running_loop()
        if loop not in self._receivers:
            self._receivers[loop] = receiver = _Receiver(self, self._redis())
            receiver.task = loop.create_task(receiver.run())
            receiver.task.add_done_callback(lambda _: self._receivers.pop(loop))
        await self._receivers[loop].follow()
        return f"{self._receivers[loop].channel}{uuid.uuid4().hex}"

    async def send(self, channel: str, message: Message) -> None:
        """Raises ChannelFull for a channel in Redis. What comes for a full channel of a process is dropped there."""
        self.require_valid_channel_name(channel)
        if "!" in channel:
            await self._publish(channel, message)
        else:
            await self._push(channel, message)

    async def receive(self, channel: str) -> dict[str, Any]:
        """The next message. Raises RuntimeError for the channel of another event loop."""
        self.require_valid_channel_name(channel)
        return await (self._owner(channel).receive(channel) if "!" in channel else self._pop(channel))

    async def group_add(self, group: str, channel: str) -> None:
        """What is sent after this has returned is heard. Raises RuntimeError for the channel of another event loop."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        await self._owner(channel).join(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        await self._owner(channel).leave(group, channel)

    async def group_send(self, group: str, message: Message) -> None:
        self.require_valid_group_name(group)
        await self._publish(group, message)

    async def close(self) -> None:
        """Forget the channels and groups of this event loop, and close its connections."""
        if receiver := self._receivers.get(asyncio.get_running_loop()):
            receiver.task.cancel()
            await asyncio.gather(receiver.task, return_exceptions=True)

    def address(self, name: str) -> str:
        """What a group, or a channel, is called in Redis. All channels of an event loop share one."""
        return f"{self._prefix}:{self.non_local_name(name)}"

    def _redis(self, patience: float | None = PATIENCE_SECONDS) -> Redis:
        """It tries nothing again: a message must not arrive twice."""
        return Redis.from_url(
            self._url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=patience
        )

    def _owner(self, channel: str) -> _Receiver:
        receiver = self._receivers.get(asyncio.get_running_loop())
        if receiver is None or self.non_local_name(channel) != receiver.channel:
            raise RuntimeError(f"{channel} is no channel of this event loop: take one from new_channel()")
        return receiver

    async def _publish(self, to: str, message: Message) -> None:
        body = _encode(to, message)
        if receiver := self._receivers.get(asyncio.get_running_loop()):
            await receiver.publish(self.address(to), body)
            return
        async with self._redis() as redis:
            await redis.publish(self.address(to), body)

    async def _push(self, channel: str, message: Message) -> None:
        key, body = self.address(channel), _encode(time.time() + self.expiry, message)
        async with self._redis() as redis, redis.pipeline() as pipe:
            if await redis.llen(key) >= self.get_capacity(channel):
                raise ChannelFull(channel)
            pipe.rpush(key, body)
            pipe.expire(key, self.expiry)
            await pipe.execute()

    async def _pop(self, channel: str) -> dict[str, Any]:
        async with self._redis(patience=None) as redis:
            while True:
                found: Any = await redis.blpop([self.address(channel)])
                until, message = msgspec.msgpack.decode(found[1], type=tuple[float, dict[str, Any]])
                if time.time() < until:
                    return message


class _Receiver:
    """What one event loop receives. `channel` is what the names of all its channels begin with."""

    task: asyncio.Task[None]

    def __init__(self, layer: RedisChannelLayer, redis: Redis) -> None:
        self.channel = f"specific.{uuid.uuid4().hex}!"
        self._layer, self._redis = layer, redis
        self._groups: dict[str, dict[str, float]] = {}  # when each channel was added
        self._inboxes: dict[str, _Inbox] = {}
        self._tidied_at = 0.0
        self._pubsub: PubSub | None = None
        self._lock = asyncio.Lock()  # of `_asked` and of the connection that it is about
        self._asked: set[str] = set()  # addresses that Redis was asked for, and those of them that it has confirmed
        self._confirmed: set[str] = set()
        self._settled = asyncio.Event()  # all are confirmed, or Redis is away
        self._is_away = False

    async def run(self) -> None:
        async with self._redis:
            while True:
                try:
                    async with self._redis.pubsub() as pubsub:
                        await self._listen(pubsub)
                except Exception as error:  # noqa: BLE001  whatever the client raises
                    self._lose(error)
                await asyncio.sleep(PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311  not all at the same time

    async def _listen(self, pubsub: PubSub) -> None:
        async with self._lock:
            self._pubsub, self._asked, self._confirmed = pubsub, set(), set()
        await self._tune()
        async for told in pubsub.listen():
            address = told["channel"].decode()
            if told["type"] == "message":
                await self._tidy()
                self._take(told["data"])
            elif told["type"] == "subscribe":
                self._confirmed.add(address)
                if self._is_heard():
                    self._find()
                    self._settled.set()
            elif told["type"] == "unsubscribe":
                self._confirmed.discard(address)
            await asyncio.sleep(0)  # a burst would otherwise fill inboxes before anybody could read them

    async def follow(self) -> None:
        """Hear all that is wanted. Returns when Redis has confirmed it; at once while Redis is away."""
        self._settled.clear()
        with suppress(RedisError, OSError):  # `run` meets it, too
            await self._tune()
        if self._is_away or self._is_heard():
            self._settled.set()
        await self._settled.wait()

    async def join(self, group: str, channel: str) -> None:
        self._groups.setdefault(group, {})[channel] = _now()
        await self.follow()

    async def leave(self, group: str, channel: str) -> None:
        members = self._groups.get(group, {})
        members.pop(channel, None)
        if not members and self._groups.pop(group, None) is not None:
            await self.follow()

    async def publish(self, address: str, body: bytes) -> None:
        try:
            await self._redis.publish(address, body)
        except (RedisError, OSError) as error:
            self._lose(error)
            raise
        self._find()

    async def receive(self, channel: str) -> dict[str, Any]:
        inbox = self._inbox(channel)
        inbox.readers += 1
        try:
            while True:
                at, body = await inbox.messages.get()
                if _now() - at < self._layer.expiry:
                    return msgspec.msgpack.decode(body, type=dict[str, Any])
        finally:
            inbox.readers -= 1
            inbox.read_at = _now()
            if inbox.messages.empty() and not inbox.readers:
                self._inboxes.pop(channel, None)

    def _inbox(self, channel: str) -> _Inbox:
        if channel not in self._inboxes:
            self._inboxes[channel] = _Inbox(self._layer.get_capacity(channel))
        return self._inboxes[channel]

    def _take(self, told: bytes) -> None:
        to, body = msgspec.msgpack.decode(told, type=tuple[str, msgspec.Raw])
        for channel in [to] if "!" in to else self._groups.get(to, {}):
            with suppress(asyncio.QueueFull):
                self._inbox(channel).messages.put_nowait((_now(), body))

    async def _tidy(self) -> None:
        """Once in `expiry` seconds, forget channels that nobody has read for so long, and memberships too old."""
        now, expiry, group_expiry = _now(), self._layer.expiry, self._layer.group_expiry
        if now - self._tidied_at < expiry:
            return
        self._tidied_at = now
        deserted = {name for name, inbox in self._inboxes.items() if inbox.is_deserted(now - expiry)}
        for channel in deserted:
            del self._inboxes[channel]
        for group, members in list(self._groups.items()):
            for channel, at in list(members.items()):
                if channel in deserted or (group_expiry is not None and now - at > group_expiry):
                    del members[channel]
            if not members:
                del self._groups[group]
        await self._tune()

    def _wanted(self) -> set[str]:
        return {self._layer.address(name) for name in (self.channel, *self._groups)}

    async def _tune(self) -> None:
        """Ask Redis for what is wanted and not yet asked for, and for no more than that."""
        async with self._lock:
            if self._pubsub is None:
                return
            wanted = self._wanted()
            if more := wanted - self._asked:
                await self._pubsub.subscribe(*more)
            if less := self._asked - wanted:
                await self._pubsub.unsubscribe(*less)
            self._asked = wanted

    def _is_heard(self) -> bool:
        """All that is wanted."""
        return self._wanted() <= self._confirmed

    def _lose(self, error: Exception) -> None:
        if not self._is_away:  # log once an outage
            logger.warning("Redis is away, other processes are not heard: %s", error)
        self._is_away = True
        self._settled.set()

    def _find(self) -> None:
        if self._is_away:
            logger.warning("Redis is back, other processes are heard")
        self._is_away = False


class _Inbox:
    """What has come for a channel and was not yet received, with the time at which it came. There is one while it holds
    something or somebody waits for it.
    """

    def __init__(self, capacity: int) -> None:
        self.messages: asyncio.Queue[tuple[float, msgspec.Raw]] = asyncio.Queue(capacity)
        self.readers = 0  # that wait for it
        self.read_at = _now()

    def is_deserted(self, since: float) -> bool:
        return not self.readers and self.read_at < since


def _now() -> float:
    """Seconds, for spans of time within this process."""
    return time.monotonic()


def _encode(*parts: object) -> bytes:
    if not isinstance(parts[-1], dict):
        raise TypeError("a message is a dict")
    return msgspec.msgpack.encode(parts)
