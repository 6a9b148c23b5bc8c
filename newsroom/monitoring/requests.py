"""Request ids: one for each request and each socket, told in the answer, in log lines, and to background tasks.

A client may choose its id (`X-Request-ID`), trusted proxy or not: it opens nothing, and its form admits neither line
breaks nor anything else that would be read as a part of the log.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:  # logging is set up before there are models
    from django_tasks_db.models import DBTaskResult

HEADER = b"x-request-id"
TOLD_IN = frozenset(["http.response.start", "websocket.accept", "websocket.http.response.start"])
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_KEY = "request_id"  # beside a task's arguments

type Send = Callable[[dict[str, Any]], Awaitable[None]]


class Asked(NamedTuple):
    """What a thread or a task of the event loop works for. Path and query as the client has sent them, or ""."""

    id: str = ""
    path: str = ""
    query: str = ""


_current: ContextVar[Asked] = ContextVar("asked", default=Asked())  # noqa: B039  it cannot be changed
current = _current.get


def id_of(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The id that the client has chosen, if it is well-formed, or a new one."""
    for name, value in headers:
        if name == HEADER and _WELL_FORMED.fullmatch(value):
            return value
    return b"%016x" % getrandbits(64)


def begin(scope: dict[str, Any], send: Send) -> Send:
    """Give the request of this context an id, and tell it in the answer: returns what to send by."""
    request_id = id_of(scope["headers"])
    _current.set(Asked(request_id.decode(), scope["path"], scope["query_string"].decode("latin1")))

    async def telling(message: dict[str, Any]) -> None:
        if message["type"] in TOLD_IN:
            message = {**message, "headers": [*message.get("headers", ()), (HEADER, request_id)]}
        await send(message)

    return telling


@contextmanager
def on_behalf_of(request_id: str) -> Iterator[None]:
    """What is done in this block belongs to that request; "" for none."""
    token = _current.set(Asked(request_id))
    try:
        yield
    finally:
        _current.reset(token)


def mark(sender: object, instance: DBTaskResult[..., Any], **unused: Any) -> None:
    """Put the present id beside the arguments of a task that is about to be stored: django-tasks-db has no other place.

    Connected to `pre_save`.
    """
    if (request_id := current().id) and _KEY not in instance.args_kwargs:
        instance.args_kwargs[_KEY] = request_id


def id_of_task(row: DBTaskResult[..., Any]) -> str:
    """The id of the request that has queued this task, by way of other tasks, too; "" for none."""
    return str(row.args_kwargs.get(_KEY, ""))
