"""Where a request comes from: the only code that knows about proxies."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

_PASSED_ON = re.compile(r"X-Forwarded(-.+)?|X-Real-Ip|(.+-)?(Client|Connecting)-Ip|Forwarded|Via", re.IGNORECASE)


def client_ip(source: HttpRequest | Mapping[str, Any]) -> str:
    """The client's address, from a Django request or an ASGI scope; "" if the server gave none.

    With `TRUSTED_PROXIES` = n, the n-th address from the right of X-Forwarded-For is believed: each
    trusted proxy appended the address that it saw. Fewer addresses than proxies, or none, means that
    the request did not come through them, so only the peer itself is believed; the same where a proxy
    wrote something that is no address. A port behind an address is left out.
    """
    peer, forwarded = _told(source)
    return _claimed(forwarded) or _address_in(peer)


def network_of_peer(peer: tuple[str, int] | None) -> str | None:
    """What limits count a connection by that has not sent its headers yet.

    None where that cannot be known: behind trusted proxies every peer is one of them, for all its clients.
    """
    return None if settings.TRUSTED_PROXIES or peer is None else network_of(client_ip({"client": peer}))


def network_of(address: str) -> str:
    """What limits count by: an IPv4 address itself, of an IPv6 address its /64."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def network_from(request: HttpRequest | Request) -> str:
    """What limits count by for a request, ours or the REST framework's."""
    return network_of(client_ip(request._request if isinstance(request, Request) else request))  # noqa: SLF001


def is_at_this_machine(request: HttpRequest) -> bool:
    """Whether a person or program of this machine asks, as far as that can be known.

    What came through a proxy of this machine looks like it, too. So a request with a proxy's marks is only then from
    here if trusted proxies say so, by an address that can be read.
    """
    peer, forwarded = _told(request)
    is_passed_on = any(_PASSED_ON.fullmatch(name) for name in request.headers)
    return _is_loopback(_address_in(peer)) and (not is_passed_on or _is_loopback(_claimed(forwarded)))


def _told(source: HttpRequest | Mapping[str, Any]) -> tuple[str, str]:
    """The peer, and all of X-Forwarded-For."""
    if isinstance(source, HttpRequest):
        return source.META.get("REMOTE_ADDR", ""), source.META.get("HTTP_X_FORWARDED_FOR", "")
    headers = [value for name, value in source.get("headers", ()) if name == b"x-forwarded-for"]
    return (source.get("client") or ("", 0))[0], b",".join(headers).decode("latin-1")


def _claimed(forwarded: str) -> str:
    """The address that trusted proxies saw; "" if there are none, or fewer hops than proxies, or it is no address."""
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    count = settings.TRUSTED_PROXIES
    return _address_in(hops[-count]) if 0 < count <= len(hops) else ""


def _is_loopback(address: str) -> bool:
    return bool(address) and ipaddress.ip_address(address).is_loopback


_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d+)?|(?P<v4>[^:]*):\d+")


def _address_in(hop: str) -> str:
    """The address in "192.0.2.1", "192.0.2.1:4000", "2001:db8::1" or "[2001:db8::1]:4000"; "" if there is none."""
    parts = _WITH_PORT.fullmatch(hop)
    try:
        ip = ipaddress.ip_address((parts["v6"] or parts["v4"] or "") if parts else hop)
    except ValueError:
        return ""
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped or ip)
