"""A response that is made in pieces is sent in pieces, each made in a thread when the one before has been sent."""

from __future__ import annotations

import asyncio
from threading import current_thread
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import override_settings
from django.urls import include, path

from newsroom.server.handler import Handler

MADE: list[str] = []


def pieces(_request: Any) -> StreamingHttpResponse:
    def make() -> Any:
        for number in range(3):
            MADE.append(current_thread().name)
            yield f"{number};"

    return StreamingHttpResponse(make(), content_type="text/csv")


urlpatterns = [path("pieces/", pieces), path("", include("newsroom.urls"))]


@pytest.mark.django_db(transaction=True)
def test_each_piece_is_made_when_the_one_before_was_sent() -> None:
    sent: list[tuple[bytes, int]] = []  # and how many pieces were made by then
    MADE.clear()

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message.get("body"):
            sent.append((message["body"], len(MADE)))

    async def ask() -> None:
        with override_settings(ROOT_URLCONF=__name__):
            handler = Handler()
            headers = [(b"host", b"testserver")]
            scope = {"type": "http", "method": "GET", "path": "/pieces/", "query_string": b"", "headers": headers}
            await handler(scope, receive, send)
            await handler.close()

    asyncio.run(ask())

    assert sent == [(b"0;", 1), (b"1;", 2), (b"2;", 3)]
    assert all(name.startswith("web") for name in MADE)
