"""How much of a request's body is taken."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from newsroom.server.handler import LARGEST_BODY, Handler
from tests.articles.test_photos import picture

EDGE = "----rand"
PIECE = 1024 * 1024
TOKEN = "a" * 32


def form(data: bytes) -> Iterator[bytes]:
    yield f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="ich.jpg"\r\n'.encode()
    yield b"Content-Type: image/jpeg\r\n\r\n"
    yield data
    yield f"\r\n--{EDGE}--\r\n".encode()


def without_end() -> Iterator[bytes]:
    yield from form(b"")
    while True:
        yield bytes(PIECE)


def ask(who: User, method: str, path: str, pieces: Iterable[bytes], size: int) -> tuple[int, str, int]:
    """Status and body of the answer, and how many bytes of the request were asked for."""
    client = Client()
    client.force_login(who)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    headers = {
        "host": "testserver",
        "content-type": f"multipart/form-data; boundary={EDGE}",
        "content-length": str(size),
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        "x-csrftoken": TOKEN,
    }
    scope = {"type": "http", "method": method, "path": path, "query_string": b""}
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    sending, read, answer = iter(pieces), 0, [b""]
    status = 0

    async def receive() -> Any:
        nonlocal read
        piece = next(sending, None)
        read += len(piece or b"")
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: Any) -> None:
        nonlocal status
        status = message.get("status", status)
        answer.append(message.get("body", b""))

    async def run() -> None:
        handler = Handler()
        await handler(scope, receive, send)
        await handler.close()

    asyncio.run(run())
    return status, b"".join(answer).decode(), read


@pytest.mark.django_db(transaction=True)
def test_of_a_body_without_end_little_is_taken_and_it_is_told(alice: User, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    small = b"".join(form(picture().getvalue()))
    assert ask(alice, "PUT", "/api/v1/me/avatar/", [small], len(small))[0] == 200
    alice.refresh_from_db()
    assert alice.avatar

    status, said, read = ask(alice, "PUT", "/api/v1/me/avatar/", without_end(), 2**40)
    assert (status, json.loads(said)["code"], read // PIECE) == (413, "too_large", LARGEST_BODY // PIECE)
    assert str(LARGEST_BODY) in json.loads(said)["detail"]

    status, said, read = ask(alice, "POST", "/accounts/profile/", without_end(), 2**40)
    assert (status, read // PIECE) == (413, LARGEST_BODY // PIECE)
    assert "24,0\xa0MB" in said

    assert ask(alice, "POST", "/nowhere/", without_end(), 2**40)[0] == 404  # nobody reads it
