"""What operators read at /metrics of what the bus did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from newsroom.live.hub import listener
from tests.support.services import wait_for

from .sockets import Site
from .test_hub import big
from .tools import STREAM, put, put_many
from .transports import OverSse

PREFIX = "newsroom_live_"


@pytest.fixture
def site(transactional_db: None, settings: Any) -> Iterator[Site]:
    settings.SITE_URL = "http://news.example"
    with Site() as running:
        yield running


def figures(site: Site) -> dict[str, float]:
    text = httpx.get(f"http://127.0.0.1:{site.port}/metrics").raise_for_status().text
    rows = [line.rsplit(" ", 1) for line in text.splitlines() if line.startswith(PREFIX)]
    return {name.removeprefix(PREFIX): float(value) for name, value in rows}


def risen(site: Site, before: dict[str, float]) -> dict[str, float]:
    return {name: value - before[name] for name, value in figures(site).items() if "bucket" not in name}


def test_operators_see_who_is_there_and_what_was_numbered_delivered_and_reset(site: Site) -> None:
    before = figures(site)

    with site.open(STREAM) as one, site.open(f"{STREAM},test.2@x:1") as two, OverSse(site, STREAM) as three:
        assert one.hear()["type"] == three.frame()["type"] == "subscribed"
        assert {two.hear()["type"], two.hear()["type"]} == {"subscribed", "reset"}
        put(1)
        assert (one.events(1), two.events(1), three.offsets(1)) == ([(1, 1)], [(1, 1)], [1])
        put_many(2, 3)
        assert (one.events(2), two.events(2), three.offsets(2)) == ([(2, 2), (3, 3)], [(2, 2), (3, 3)], [2, 3])

        now = risen(site, before)

    assert now['sockets{transport="websocket"}'] == 2
    assert now['sockets{transport="sse"}'] == 1
    assert now["streams"] == 1
    assert now["events_numbered_total"] == 3
    assert now["deliveries_total"] == 9
    assert now["resets_total"] == 1
    assert now["slow_closes_total"] == 0
    assert now["ring_to_send_seconds_count"] >= 1
    assert now["ring_to_send_seconds_sum"] > 0


def test_who_was_too_slow_is_counted(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "PATIENCE_SECONDS", 0.5)
    before = figures(site)
    with site.open(STREAM) as slow:
        assert slow.hear()["type"] == "subscribed"
        for n in range(200):
            big(n)
        wait_for(lambda: risen(site, before)["slow_closes_total"] == 1, what="giving up")
