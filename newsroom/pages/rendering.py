"""Addresses on the reader's pages, and how pages are sent."""

from __future__ import annotations

from typing import Any, Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode

from articles import breaking
from newsroom.api.responses import tagged
from newsroom.edge.sources import Sources, made_from


class Paged(Protocol):
    @property
    def next(self) -> str | None: ...
    @property
    def previous(self) -> str | None: ...


def page_links(request: HttpRequest, page: Paged) -> dict[str, str | None]:
    """{next, previous}: addresses of the list's neighbouring pages, without unknown parameters."""
    return {"next": _turned(request, page.next), "previous": _turned(request, page.previous)}


def show(request: HttpRequest, template: str, context: dict[str, Any], sources: Sources) -> HttpResponseBase:
    """The page, or 304 if the client has these very bytes. Clients must revalidate each time.

    A page for readers who are not logged in may be cached for all of them until one of its `sources` moves.
    """
    response = render(request, template, context)
    if request.user.is_authenticated:
        response["Cache-Control"] = "private, no-cache"
        return response
    bar = breaking.present()
    return tagged(request, response, sources | made_from(until=[bar.until if bar else None]))


def _turned(request: HttpRequest, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    sort = request.GET.get("sort")
    return f"{request.path}?{urlencode([*([('sort', sort)] if sort else []), ('cursor', cursor)])}"
