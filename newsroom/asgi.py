"""The ASGI application: `/live/` and `/live/sse` go to the live layer, everything else to what is in memory in front of
Django: static files and pages.

uvicorn also gets its protocol classes from here (`newsroom.server.process`), because this module sets up Django first.
"""

from __future__ import annotations

import logging
import os
from asyncio import to_thread
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")

django.setup(set_prefix=False)  # first, since consumers import models

from django.conf import settings  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402

from articles import breaking  # noqa: E402
from newsroom import metrics  # noqa: E402
from newsroom.database.fit import limit_statements  # noqa: E402
from newsroom.edge.app import Edge  # noqa: E402
from newsroom.edge.entry import Reply  # noqa: E402
from newsroom.edge.files import Files  # noqa: E402
from newsroom.edge.request import Choice  # noqa: E402
from newsroom.face.present import keeper  # noqa: E402
from newsroom.live.epoch import ensure_epoch  # noqa: E402
from newsroom.live.hub.hub import hub  # noqa: E402
from newsroom.live.transports import sse  # noqa: E402
from newsroom.live.transports.websocket import LiveConsumer  # noqa: E402
from newsroom.middleware.metrics import answered  # noqa: E402
from newsroom.monitoring import requests  # noqa: E402
from newsroom.server import shutdown  # noqa: E402
from newsroom.server.handler import Handler  # noqa: E402
from newsroom.server.http import HttpProtocol  # noqa: E402
from newsroom.server.process import settle  # noqa: E402
from newsroom.server.websocket import LiveProtocol  # noqa: E402

__all__ = ["HttpProtocol", "LiveProtocol", "application"]
logger = logging.getLogger(__name__)
limit_statements(settings.STATEMENT_TIMEOUT)
_sockets, _events = LiveConsumer(hub), sse.SseConsumer(hub)
_django = Handler()
_edge = Edge(_django, choice=Choice(breaking.COOKIE, breaking.closed))
_files = Files(_edge)
hub.watchers.add(_edge)
hub.watchers.add(keeper)
hub.watchers.add(breaking.keeper)


class _Application:
    """The hub runs as long as the server: functions that are due every second run even without connections."""

    def at_once(self, scope: dict[str, Any]) -> Reply | None:
        """See HttpProtocol. Handles waiting rings before it looks for a page, so that a request after a write never
        gets an outdated answer.
        """
        began = perf_counter()
        reply = _files.at_once(scope)
        if reply is None:
            hub.hear()
            reply = _edge.at_once(scope)
        if reply is not None:
            answered(scope["method"], reply[0], perf_counter() - began)
        return reply

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        send = requests.begin(scope, send)
        if scope["type"] == "websocket":
            await _sockets(scope, receive, send)
        elif scope["path"] == sse.PATH:
            await _events(scope, receive, _counting(scope["method"], send))
        else:
            await _files(scope, receive, _counting(scope["method"], send))


application = _Application()


def _counting(
    method: str, send: Callable[[dict[str, Any]], Awaitable[None]]
) -> Callable[[dict[str, Any]], Awaitable[None]]:
    began = perf_counter()

    async def counted(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered(method, message["status"], perf_counter() - began)
        await send(message)

    return counted


async def _live(
    receive: Callable[[], Awaitable[dict[str, Any]]], send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    with shutdown.foretold(hub.part):
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await to_thread(_know_the_log)
                await hub.start()
                settle()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await hub.stop()
                await _django.close()
                metrics.forget(os.getpid())
                await send({"type": "lifespan.shutdown.complete"})
                return


def _know_the_log() -> None:
    """Before anybody reads the log: a database that was copied from another gets a new epoch."""
    try:
        ensure_epoch()
    except DatabaseError as error:
        logger.warning("The log's epoch cannot be looked at: %s", error)
    finally:
        connection.close()
