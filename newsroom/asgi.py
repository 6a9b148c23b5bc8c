"""The ASGI application: `/live/` and `/live/sse` to the bus, everything else to the read cache before Django.

Also what uvicorn is given as its protocols (see `newsroom.server`): from here, since here Django is set up first.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

django.setup(set_prefix=False)  # first: consumers import models

from django.conf import settings  # noqa: E402

from newsroom.database import limit_statements  # noqa: E402
from newsroom.edge.app import Edge  # noqa: E402
from newsroom.edge.entry import Reply  # noqa: E402
from newsroom.handler import Handler  # noqa: E402
from newsroom.live import departure, sse  # noqa: E402
from newsroom.live.consumer import LiveConsumer  # noqa: E402
from newsroom.live.direct import LiveProtocol  # noqa: E402
from newsroom.live.http import HttpProtocol  # noqa: E402
from newsroom.live.hub import hub  # noqa: E402
from newsroom.monitoring import answered  # noqa: E402
from newsroom.server import settle  # noqa: E402

__all__ = ["HttpProtocol", "LiveProtocol", "application"]
limit_statements(settings.STATEMENT_TIMEOUT)
_sockets, _events = LiveConsumer(hub), sse.SseConsumer(hub)
_django = Handler()
_edge = Edge(_django)
hub.watchers.add(_edge)


class _Application:
    """The hub lives as long as the server: it looks for what is due even while nobody is connected."""

    def at_once(self, scope: dict[str, Any]) -> Reply | None:
        """See HttpProtocol. Whoever asks after a writer's return is not answered before the writer's ring is heard."""
        hub.hear()
        reply = _edge.at_once(scope)
        if reply is not None:
            answered(scope["method"], reply[0])
        return reply

    def join(self, scope: dict[str, Any], answer: Callable[[Reply | None], None]) -> bool:
        """See HttpProtocol."""

        def counted(reply: Reply | None) -> None:
            if reply is not None:
                answered(scope["method"], reply[0])
            answer(reply)

        return _edge.join(scope, counted)

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "websocket":
            await _sockets(scope, receive, send)
        elif scope["path"] == sse.PATH:
            await _events(scope, receive, _counting(scope["method"], send))
        else:
            await _edge(scope, receive, _counting(scope["method"], send))


application = _Application()


def _counting(
    method: str, send: Callable[[dict[str, Any]], Awaitable[None]]
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    async def counted(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered(method, message["status"])
        await send(message)

    return counted


async def _live(
    receive: Callable[[], Awaitable[dict[str, Any]]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    with departure.foretold(hub.part):
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await hub.start()
                settle()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await hub.stop()
                await _django.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
