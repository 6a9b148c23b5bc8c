"""The doorbell: it says "look at this stream" to every hub. A ring may be lost, the log may not."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from contextlib import suppress

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

GROUP = "live"
PATIENCE_SECONDS = 1.0
logger = logging.getLogger(__name__)

type Ear = Callable[[str], None]
_ears: set[Ear] = set()


def listen(ear: Ear) -> None:
    """Have `ear(stream)` called, from any thread, for each ring of this process."""
    _ears.add(ear)


def deafen(ear: Ear) -> None:
    _ears.discard(ear)


def ring(stream: str) -> None:
    """Tell the hubs of all processes to look at `stream`; never fails, waits for no hub and hardly for Redis.

    The hubs of this process hear it directly and pass it on. A process without one (a command, a worker)
    sends it itself where there is a layer that reaches others.
    """
    for ear in tuple(_ears):
        with suppress(RuntimeError):  # its event loop has just closed
            ear(stream)
    if not _ears and settings.REDIS_URL:
        try:
            async_to_sync(_send)(stream)
        except Exception:  # noqa: BLE001  whatever the layer's client raises: the hubs look by themselves
            logger.warning("nobody heard the ring for %s; the hubs will look within a second", stream)


async def _send(stream: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await get_channel_layer().group_send(GROUP, message([stream]))


def message(streams: list[str], by: str = "") -> dict[str, object]:
    return {"type": "live.ring", "streams": streams, "by": by}


os.register_at_fork(after_in_child=_ears.clear)  # a child has no event loop of its parent's
