"""The naive baseline: one Channels consumer a socket and `group_send`. `python -m tests.bench.plain PORT`."""

from __future__ import annotations

import sys
from typing import Any

import django
import uvicorn
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

settings.configure(
    SECRET_KEY="b" * 50,
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["channels"],
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
)
django.setup()


class Reader(AsyncWebsocketConsumer):
    groups = ["everybody"]

    async def told(self, message: dict[str, Any]) -> None:
        await self.send(text_data=message["text"])


class Publisher(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.channel_layer.group_send("everybody", {"type": "told", "text": text_data})


_reader, _publisher = Reader.as_asgi(), Publisher.as_asgi()


async def application(scope: Any, receive: Any, send: Any) -> None:
    await (_publisher if scope["path"] == "/publish" else _reader)(scope, receive, send)


if __name__ == "__main__":
    uvicorn.run(
        application,
        port=int(sys.argv[1]),
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        log_level="warning",
    )
