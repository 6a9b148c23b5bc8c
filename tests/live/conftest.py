"""A small app of its own for the bus: the family "test", which counts what it folds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import newsroom.asgi  # noqa: F401  sets up logging, which takes pytest's handlers from the test that imports it first
from newsroom.live import registry
from newsroom.live.registry import Row

from .sockets import Site


def fold(stream: str, rows: list[Row]) -> None:
    for row in rows:
        if row.data is not None and row.kind == "thing.counted":
            row.data["order"] = row.offset * 10


@pytest.fixture(autouse=True)
def _family(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registry, "_families", dict(registry._families))
    registry.register("test", may_read=lambda viewer, key: key != "secret", fold=fold)
    registry.register("private", may_read=lambda viewer, key: str(viewer.pk) == key)
    return


PROTOCOLS = {
    "direct": {},
    "asgi": {"ws": "websockets-sansio", "http": "httptools"},  # uvicorn's own: the hub sends over ASGI
}


@pytest.fixture(params=PROTOCOLS)
def site(request: pytest.FixtureRequest, transactional_db: None, settings: Any) -> Iterator[Site]:
    """The product, served by its own server in a thread; once writing to transports itself, once over plain ASGI."""
    settings.SITE_URL = "http://news.example"
    with Site(**PROTOCOLS[request.param]) as running:
        yield running
