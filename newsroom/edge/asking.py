"""Asks the application behind for an answer that is to be kept, by a request that no reader has sent."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from newsroom.edge.entry import Headers
from newsroom.edge.request import Scope

type Receive = Callable[[], Awaitable[dict[str, Any]]]
type App = Callable[[Any, Any, Any], Awaitable[None]]


def request_for(
    path: str, query: bytes, headers: Headers, *, is_secure: bool, extensions: dict[str, Any] | None = None
) -> Scope:
    """The scope of a GET."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https" if is_secure else "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query,
        "headers": headers,
        "client": None,
        "server": None,
        "extensions": extensions or {},
    }


async def ask(app: App, scope: Scope) -> tuple[int, Headers, bytes]:
    """Status, headers and body."""
    messages: list[dict[str, Any]] = []
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()  # never a disconnect: other clients may wait for this answer
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start, *rest = messages
    headers = [(name.lower(), value) for name, value in start["headers"]]
    return start["status"], headers, b"".join(each.get("body", b"") for each in rest)
