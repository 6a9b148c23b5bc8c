"""A page of rows as the API gives it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from comments.reads import List
from comments.representations import Json
from newsroom.api.paging import Page, answer


def as_list(request: Request, page: List) -> Json:
    links: Page[Any] = Page([], page.next, page.previous)
    return answer(request, links, page.rows, stream=page.stream, position=page.position)
