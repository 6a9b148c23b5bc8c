"""Django below ASGI: a request runs as one call in one thread of a bounded pool.

Django's own handler starts a thread for each request (with its own connection on SQLite) and switches between it and
the event loop at each view middleware. All our middleware is synchronous, so here a request switches once each way.
"""

from __future__ import annotations

from asyncio import get_running_loop, to_thread
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from contextvars import copy_context
from functools import lru_cache
from io import BytesIO
from threading import Barrier, BrokenBarrierError
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestAborted, RequestDataTooBig
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.signals import request_started
from django.db import close_old_connections, connections
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch, URLResolver, get_resolver, set_script_prefix

type Message = dict[str, Any]

PATIENCE_SECONDS = 5.0  # for a thread that does not return
MOST_REMEMBERED = 200  # characters of an address
# Answered without the database, in a thread of their own: all others may be waiting for it.
ASIDE = frozenset(["/health/live", "/metrics"])
READY = "/health/ready"  # in a thread of its own, too, since it waits for the database
LARGEST_BODY = 24 * 1024 * 1024  # bytes: more than any upload that we take


class Handler(ASGIHandler):
    def __init__(self) -> None:
        super().__init__()
        self._size = settings.WEB_THREADS
        self._threads: ThreadPoolExecutor | None = None
        self._aside = ThreadPoolExecutor(2, "aside")
        self._ready = ThreadPoolExecutor(1, "ready")

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response: Any
        path = scope["path"]
        threads = self._aside if path in ASIDE else self._ready if path == READY else None
        response, messages = await self._in_thread(self._answer, scope, body, threads=threads)
        for message in messages:
            await send(message)
        if response is not None:
            if not (response.is_async or isinstance(response, FileResponse)):
                response.streaming_content = self._in_pieces(iter(response))
            try:
                await self.send_response(response, send)
            finally:
                await self._in_thread(response.close)

    async def read_body(self, receive: Callable[[], Awaitable[Any]]) -> Any:
        """As Django's, but no more than LARGEST_BODY: Django would put any number of bytes on the disk before it knows
        whether a view wants them. Reading a larger one raises RequestDataTooBig.
        """
        left = LARGEST_BODY

        async def bounded() -> Any:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            return message if left >= 0 else {"type": "http.disconnect"}

        try:
            return await super().read_body(bounded)
        except RequestAborted:
            if left >= 0:
                raise
            return _TooLarge()

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """As Django's, but cached for recent addresses. None of our routes depends on the language."""
        find = _resolved if len(request.path_info) <= MOST_REMEMBERED else _resolve
        request.resolver_match = find(get_resolver(), request.path_info)
        return request.resolver_match

    async def close(self) -> None:
        """Wait for running requests and close the threads' database connections."""
        await get_running_loop().run_in_executor(self._ready, connections.close_all)
        threads, self._threads = self._threads, None
        if threads is not None:
            everybody = Barrier(self._size)
            for _ in range(self._size):
                threads.submit(_leave, everybody)
            await to_thread(threads.shutdown)

    async def _in_pieces(self, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        """Each is made in a thread when the one before has been sent: Django would make them all first."""
        while (piece := await self._in_thread(_next, pieces)) is not None:
            yield piece

    async def _in_thread(self, call: Callable[..., Any], *args: Any, threads: ThreadPoolExecutor | None = None) -> Any:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._size, "web")
        # In a copy of the context, so that the language of one request does not remain for the thread's next.
        return await get_running_loop().run_in_executor(threads or self._threads, copy_context().run, call, *args)

    def _answer(self, scope: Message, body: Any) -> tuple[HttpResponseBase | None, list[Message]]:
        """The response's messages; or the response itself if it streams, which the caller has to close."""
        with closing(body):
            set_script_prefix(get_script_prefix(scope))
            request_started.send(sender=self.__class__, scope=scope)
            request, refusal = self.create_request(scope, body)
            response: Any = refusal if request is None else self.get_response(request)
            if response.streaming:
                if isinstance(response, FileResponse):
                    response.block_size = self.chunk_size
                return response, []
            with closing(response):
                return None, _messages(response)


class _TooLarge(BytesIO):
    """A body of which nothing was kept."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise RequestDataTooBig(LARGEST_BODY)


def request_of(scope: Mapping[str, Any]) -> HttpRequest:
    """A GET with the headers of a connection, to recognise the person who opened it."""
    return ASGIRequest({**scope, "method": "GET"}, BytesIO())


def _next(pieces: Iterator[bytes]) -> bytes | None:
    try:
        return next(pieces, None)
    finally:
        close_old_connections()  # the next one may be made by another thread


def _resolve(resolver: URLResolver, path: str) -> ResolverMatch:
    return resolver.resolve(path)


_resolved = lru_cache(1024)(_resolve)


def _messages(response: Any) -> list[Message]:
    headers = [(name.encode("ascii"), value.encode("latin1")) for name, value in response.items()]
    headers += [(b"Set-Cookie", cookie.OutputString().encode("ascii")) for cookie in response.cookies.values()]
    start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
    return [start, {"type": "http.response.body", "body": response.content}]


def _leave(everybody: Barrier) -> None:
    """Close this thread's database connections. The barrier keeps a thread from running a second of these calls."""
    with suppress(BrokenBarrierError):
        everybody.wait(PATIENCE_SECONDS)
    connections.close_all()
