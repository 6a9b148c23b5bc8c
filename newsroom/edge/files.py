"""Static files as ASGI application in front of all else: an answer with one is Django's own, kept for ever."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from django.conf import settings

from newsroom.client import comes_by_https
from newsroom.edge.asking import App, Receive, ask, request_for
from newsroom.edge.entry import Reply, Send, written
from newsroom.edge.request import Scope
from newsroom.files.store import best, names, version

# A request with one of these is Django's: it wants a part of a file, sets conditions, or has a body.
_TO_DJANGO = frozenset(
    [
        *(b"range", b"if-match", b"if-modified-since", b"if-unmodified-since"),
        *(b"content-length", b"transfer-encoding", b"expect", b"upgrade"),
    ]
)


class _Key(NamedTuple):
    path: str
    coding: str
    is_secure: bool
    seen: bytes  # If-None-Match


class Files:
    """Keeps what `app` answers under the present release's path: for each file it itself, and that it is unchanged."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._prefix = f"{settings.STATIC_URL}{version()}/"
        self._names = names()
        self._kept: dict[_Key, Reply] = {}
        self._tags: set[bytes] = set()  # of what is kept

    def at_once(self, scope: Scope) -> Reply | None:
        """See HttpProtocol. None if the application has to be called."""
        key = self._read(scope)
        return self._reply(key, scope) if key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = self._read(scope)
        if key and key not in self._kept:
            headers = [(b"accept-encoding", key.coding.encode()), *([(b"if-none-match", key.seen)] if key.seen else [])]
            asked = request_for(key.path, b"", headers, is_secure=key.is_secure)
            status, given, body = await ask(self._app, asked)
            if status == (HTTPStatus.NOT_MODIFIED if key.seen else HTTPStatus.OK):
                self._kept[key] = written(status, given, body)
                self._tags.add(dict(given)[b"etag"])
        reply = self._reply(key, scope) if key else None
        if reply is not None:
            await reply.send(send)
        else:
            await self._app(scope, receive, send)

    def _read(self, scope: Scope) -> _Key | None:
        """None for what is not the whole of a static file."""
        path: str = scope["path"]
        if not path.startswith(self._prefix) or path[len(self._prefix) :] not in self._names:
            return None
        if scope["method"] not in {"GET", "HEAD"} or scope.get("root_path"):
            return None
        headers = dict(scope["headers"])
        if not _TO_DJANGO.isdisjoint(headers):
            return None
        seen = headers.get(b"if-none-match", b"")
        if seen and seen not in self._tags:
            return None
        coding = best(headers.get(b"accept-encoding", b"").decode("latin1"))
        return _Key(path, coding, comes_by_https(scope, headers), seen)

    def _reply(self, key: _Key, scope: Scope) -> Reply | None:
        kept = self._kept.get(key)
        return kept._replace(body=b"") if kept and scope["method"] == "HEAD" else kept
