"""What processes tell each other over the channel layer: rings, and crowds of connections. Without it hubs still find
new events by polling every second.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from newsroom.live.hub.crowds import Crowd, Elsewhere
from newsroom.live.log import bell

PAUSE_SECONDS = 1.0  # after a failure
CROWD = "live.crowd"
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

    async def _send(self) -> None:
        await self._ready.wait()
        self._ready.clear()
        streams, self._rung = sorted(self._rung), set()
        crowd, self._crowd = self._crowd, None
        messages = [bell.message(streams, self._name)] if streams else []
        messages += [{"type": CROWD, "by": self._name, **crowd}] if crowd else []
        for message in messages:
            await get_channel_layer().group_send(bell.GROUP, message)

    async def _receive(self) -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(bell.GROUP, channel)
        while True:
            message = await layer.receive(channel)
            if message.get("by") == self._name:
                continue
            if message["type"] == CROWD:
                self._elsewhere.hear(message["by"], Crowd.of(message))
            for stream in message.get("streams", ()):
                self._hear(stream)

    async def _again(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        from redis import RedisError

        while True:
            try:
                await run()
            except (RedisError, OSError):  # the layer has said that Redis is away, once
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception:
                logger.exception("What processes tell each other came to a halt")
                await asyncio.sleep(PAUSE_SECONDS)
