"""What processes tell each other over Redis: rings, and crowds of connections. Without it hubs still find new events by
polling every second.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec
from django.conf import settings

from newsroom.live.hub.crowds import Crowd, Elsewhere
from newsroom.live.log import bell

PATIENCE_SECONDS = 1.0
ASKED_AFTER_SECONDS = 20  # of silence: Redis is asked whether it is there, so that a dead connection is noticed
logger = logging.getLogger(__name__)


class Relay:
    """Sends this process's rings to the others, many in one message, and receives theirs; likewise crowds."""

    def __init__(self, hear: Callable[[str], None], elsewhere: Elsewhere) -> None:
        self._hear, self._elsewhere = hear, elsewhere
        self._name = uuid.uuid4().hex
        self._rung: set[str] = set()
        self._crowd: dict[str, Any] | None = None  # to be told
        self._is_crowded = False  # by what was told last
        self._ready = asyncio.Event()
        self._is_away = False  # Redis

    def tasks(self) -> list[Coroutine[Any, Any, None]]:
        """The coroutines to run; none without Redis, since then there is one process only."""
        return [self._again(self._send), self._again(self._receive)] if settings.REDIS_URL else []

    def ring(self, stream: str) -> None:
        if settings.REDIS_URL:
            self._rung.add(stream)
            self._ready.set()

    def tell(self, crowd: Crowd) -> None:
        """Nothing is told again and again: of nobody once is enough."""
        if not settings.REDIS_URL:
            return
        message = crowd.message()
        is_crowded = any(message.values())
        if is_crowded or self._is_crowded:
            self._crowd, self._is_crowded = message, is_crowded
            self._ready.set()

    async def _send(self, redis: Any) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            streams, self._rung = sorted(self._rung), set()
            crowd, self._crowd = self._crowd, None
            messages = [bell.message(streams, self._name)] if streams else []
            messages += [msgspec.json.encode({"by": self._name, "crowd": crowd})] if crowd else []
            for message in messages:
                await asyncio.wait_for(redis.publish(bell.CHANNEL, message), PATIENCE_SECONDS)
            self._is_away = False

    async def _receive(self, redis: Any) -> None:
        async with redis.pubsub(ignore_subscribe_messages=True) as line:
            await line.subscribe(bell.CHANNEL)
            self._is_away = False
            while True:
                told = await line.get_message(timeout=ASKED_AFTER_SECONDS)
                if told and told["type"] == "message":
                    self._take(msgspec.json.decode(told["data"]))

    def _take(self, message: dict[str, Any]) -> None:
        if message["by"] == self._name:
            return
        if "crowd" in message:
            self._elsewhere.hear(message["by"], Crowd.of(message["crowd"]))
        for stream in message.get("streams", ()):
            self._hear(stream)

    async def _again(self, run: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                async with _client() as redis:
                    await run(redis)
            except Exception as error:  # noqa: BLE001  whatever the client raises
                if not self._is_away:  # log once an outage
                    logger.warning("Redis is away, other processes are found by the look: %s", error)
                self._is_away = True
                await asyncio.sleep(PATIENCE_SECONDS)


def _client() -> Any:
    """It tries nothing again by itself, since `Relay` does."""
    from redis.asyncio import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Redis.from_url(
        settings.REDIS_URL,
        retry=Retry(NoBackoff(), 0),
        socket_connect_timeout=PATIENCE_SECONDS,
        health_check_interval=ASKED_AFTER_SECONDS,
    )
