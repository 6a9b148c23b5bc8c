"""Where a request comes from, behind as many proxies as we trust and no more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory

from newsroom.client import client_ip, is_at_this_machine, network_of

PEER = "10.0.0.9"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "", PEER),
        (0, "192.0.2.1", PEER),  # nobody is trusted: the header is the client's own invention
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        (2, "6.6.6.6, 192.0.2.1, 10.0.0.8", "192.0.2.1"),
        (2, "192.0.2.1", PEER),  # it did not come through both
        (1, "", PEER),
        (1, "rubbish", PEER),
        (1, "[2001:db8::1]", "2001:db8::1"),
        (1, "::ffff:192.0.2.1", "192.0.2.1"),
        (1, "192.0.2.1:40001", "192.0.2.1"),
        (1, "[2001:db8::1]:40001", "2001:db8::1"),
        (1, "[::ffff:192.0.2.1]:40001", "192.0.2.1"),
        (2, "192.0.2.1:40001, 10.0.0.8:443", "192.0.2.1"),
        (1, "192.0.2.1:port", PEER),
        (1, "192.0.2.1:40001:1", PEER),
        (1, "[192.0.2.1", PEER),
    ],
)
def test_only_trusted_proxies_are_believed(settings: Any, proxies: int, forwarded: str, expected: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    request = RequestFactory(REMOTE_ADDR=PEER).get("/", headers=headers)
    scope = {"client": (PEER, 1), "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}

    assert client_ip(request) == expected
    assert client_ip(scope) == expected


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"), ("", "unknown"), ("x", "unknown")],
)
def test_an_address_is_counted_by_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_known(address: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    here = RequestFactory(REMOTE_ADDR=address)

    assert is_at_this_machine(here.get("/"))
    assert is_at_this_machine(here.get("/", headers={"x-forwarded-for": "127.0.0.1"}))
    assert not is_at_this_machine(here.get("/", headers={"x-forwarded-for": "192.0.2.1"}))


@pytest.mark.parametrize("forwarded", ["127.0.0.1:40001", "[::1]:40001", "192.0.2.1, 127.0.0.1"])
def test_a_trusted_proxy_passes_on_people_of_this_machine(forwarded: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    assert is_at_this_machine(RequestFactory(REMOTE_ADDR="127.0.0.1").get("/", headers={"x-forwarded-for": forwarded}))


@pytest.mark.parametrize(
    ("proxies", "headers"),
    [
        (1, {"X-Forwarded-For": "203.0.113.3:40001"}),
        (1, {"X-Forwarded-For": "[2001:db8::1]:40001"}),
        (1, {"X-Forwarded-For": "unknown"}),
        (1, {"X-Forwarded-For": "127.0.0.1:port"}),
        (1, {"X-Forwarded-For": ""}),
        (1, {"X-Real-IP": "203.0.113.3"}),
        (1, {"Forwarded": "for=127.0.0.1"}),
        (2, {"X-Forwarded-For": "127.0.0.1"}),  # fewer hops than proxies
    ],
)
def test_whoever_came_through_a_proxy_unreadably_is_elsewhere(
    proxies: int, headers: dict[str, str], settings: Any, client: Client, db: None
) -> None:
    """Otherwise `/metrics` and the demo's mails stood open to the world behind a proxy of this machine."""
    settings.TRUSTED_PROXIES = proxies
    settings.METRICS_TOKEN = ""

    assert not is_at_this_machine(RequestFactory(REMOTE_ADDR="127.0.0.1").get("/", headers=headers))
    assert client.get("/metrics", headers=headers).status_code == 404
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize("proxies", [0, 1])
def test_whoever_comes_from_elsewhere_cannot_claim_to_be_here(proxies: int, settings: Any) -> None:
    settings.TRUSTED_PROXIES = proxies
    elsewhere = RequestFactory(REMOTE_ADDR="192.0.2.1")

    assert not is_at_this_machine(elsewhere.get("/"))
    assert not is_at_this_machine(elsewhere.get("/", headers={"x-forwarded-for": "127.0.0.1"}))


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "Forwarded", "Via"],
)
def test_a_proxy_of_this_machine_that_nobody_told_of_stands_for_others(name: str) -> None:
    here = RequestFactory(REMOTE_ADDR="127.0.0.1")

    assert not is_at_this_machine(here.get("/", headers={name: "127.0.0.1"}))
    assert is_at_this_machine(here.get("/", headers={"Referer": "http://127.0.0.1/"}))
