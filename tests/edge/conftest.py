"""The product served by its own server, and readers who are nobody in particular."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.live.sockets import Site
from tests.support.services import wait_for

type Reader = httpx.Client


@pytest.fixture
def site(transactional_db: None) -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def visit(site: Site) -> Iterator[Callable[..., Reader]]:
    """`visit(Cookie="…")` comes with these headers; it takes no gzip unless it says so."""
    clients = []

    def come(**headers: str) -> Reader:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        client = httpx.Client(base_url=f"http://127.0.0.1:{site.port}", timeout=20)
        client.headers = httpx.Headers({"Host": "testserver", "Accept-Encoding": "identity", **named})
        clients.append(client)
        return client

    yield come
    for client in clients:
        client.close()


@pytest.fixture
def reader(visit: Callable[..., Reader]) -> Reader:
    """Somebody without any cookie, once the cache has begun to work."""
    client = visit()
    wait_for(lambda: "cache-status" in client.get("/robots.txt").headers, what="the first look")
    return client


def how(answer: httpx.Response) -> str:
    """ "hit" (from memory), "stale" (from memory, while the database is away), "miss" (computed for everybody) or
    "passed" (Django's own answer).
    """
    status = answer.headers.get("cache-status", "")
    if status.endswith("stale"):
        return "stale"
    return "hit" if status.endswith("hit") else "miss" if status else "passed"
