"""Where a request comes from, behind as many proxies as we trust and no more."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from newsroom.client import client_ip, is_loopback, network_of

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


def test_this_machine_is_known(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    here = RequestFactory(REMOTE_ADDR="127.0.0.1")

    assert is_loopback(here.get("/"))
    assert not is_loopback(here.get("/", headers={"x-forwarded-for": "192.0.2.1"}))
    assert not is_loopback({"client": None, "headers": []})
