"""Django's side of the cache: notes how streams stood before a view read, and what the view made its answer from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase

from newsroom.api.views import Sources
from newsroom.live.outbox import SITE, heads

EXTENSION = "newsroom.edge"  # in the ASGI scope: the note to be filled, only where the cache asks
READ_HERE = (SITE, "articles", "chats")


type Place = tuple[str, int]  # epoch and offset


@dataclass(slots=True)
class Note:
    """`streams` stays empty for an answer that nobody may keep.

    `known`: how streams stood some time ago. Whoever takes an older place for the present one looks anew too early,
    never too late.
    """

    known: Mapping[str, Place] = field(default_factory=dict)
    streams: dict[str, Place | None] = field(default_factory=dict)
    until: datetime | None = None


class NotingMiddleware:
    """The innermost one: what it reads goes to the same database connection right before the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        note: Note | None = getattr(request, "scope", {}).get("extensions", {}).get(EXTENSION)
        if note is None:
            return self.get_response(request)
        before = {**note.known, **_places(name for name in READ_HERE if name not in note.known)}
        response = self.get_response(request)
        sources: Sources | None = getattr(response, "sources", None)
        if sources is not None:
            named = {name: before.get(name) if place is None else place for name, place in sources.streams.items()}
            if all(place is not None or name.endswith(".*") for name, place in named.items()):
                note.streams, note.until = {**named, SITE: before[SITE]}, sources.until
        return response


def _places(streams: Iterable[str]) -> dict[str, Place]:
    names = list(streams)
    return {name: (head.epoch, head.top) for name, head in heads(names).items()} if names else {}
