"""Addresses on the reader's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.http import urlencode

from comments.models import Discussion


class Paged(Protocol):
    @property
    def next(self) -> str | None: ...
    @property
    def previous(self) -> str | None: ...


def page_links(request: HttpRequest, page: Paged) -> dict[str, str | None]:
    """{next, previous}: addresses of this list's neighbouring pages; parameters that we do not know are left out."""
    return {"next": _turned(request, page.next), "previous": _turned(request, page.previous)}


def discussion_address(row: Mapping[str, Any]) -> str:
    """Where a discussion (as JSON) is read: under its article, or on a page of its own."""
    if row["mode"] == Discussion.Mode.THREAD and row["article"]:
        return f"/articles/{row['article']}/"
    return f"/chats/{row['id']}/"


def place_of(discussion: Discussion) -> str:
    """The same, of a row with its `article` loaded."""
    article = discussion.article.slug if discussion.article else None
    return discussion_address({"mode": discussion.mode, "article": article, "id": discussion.pk})


def _turned(request: HttpRequest, cursor: str | None) -> str | None:
    if cursor is None:
        return None
    sort = request.GET.get("sort")
    return f"{request.path}?{urlencode([*([('sort', sort)] if sort else []), ('cursor', cursor)])}"
