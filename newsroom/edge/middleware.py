"""Django's side of the cache: notes the positions of streams before the view, and which streams the view has read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase

from newsroom.edge.sources import Sources
from newsroom.live.outbox import SITE, Position, positions

EXTENSION = "newsroom.edge"  # key in the ASGI scope's extensions, present only if the cache wants a note
READ_HERE = (SITE, "articles")  # every answer may show something of them


@dataclass(slots=True)
class Note:
    """What the cache needs to know about an answer. `streams` stays empty if the answer must not be cached.

    `known` holds positions that were read some time ago. A position that is too old is safe: the entry is dropped too
    early, never too late.
    """

    known: Mapping[str, Position] = field(default_factory=dict)
    streams: dict[str, Position | None] = field(default_factory=dict)
    until: datetime | None = None


class NotingMiddleware:
    """The innermost middleware, so that it reads the positions right before the view, on the same connection."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        note: Note | None = getattr(request, "scope", {}).get("extensions", {}).get(EXTENSION)
        if note is None:
            return self.get_response(request)
        before = {**note.known, **positions(name for name in READ_HERE if name not in note.known)}
        response = self.get_response(request)
        sources: Sources | None = getattr(response, "sources", None)
        if sources is not None:
            note.streams, note.until = {**{name: before[name] for name in READ_HERE}, **sources.streams}, sources.until
        return response
