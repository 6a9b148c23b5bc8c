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
    the request did not come through them, so only the peer itself is believed.
    """
    if isinstance(source, HttpRequest):
        peer, forwarded = source.META.get("REMOTE_ADDR", ""), source.META.get("HTTP_X_FORWARDED_FOR", "")
    else:
        peer = (source.get("client") or ("", 0))[0]
        headers = [value for name, value in source.get("headers", ()) if name == b"x-forwarded-for"]
        forwarded = b",".join(headers).decode("latin-1")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    count = settings.TRUSTED_PROXIES
    claimed = hops[-count] if 0 < count <= len(hops) else peer
    return _normal(claimed) or _normal(peer)


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

    Behind a proxy of this machine that nobody told us of, everybody looks like it; hence its marks are enough for a no.
    """
    is_passed_on = any(_PASSED_ON.fullmatch(name) for name in request.headers)
    if is_passed_on and not settings.TRUSTED_PROXIES:
        return False
    return all(_is_loopback(address) for address in (request.META.get("REMOTE_ADDR", ""), client_ip(request)))


def _is_loopback(address: str) -> bool:
    normal = _normal(address)
    return bool(normal) and ipaddress.ip_address(normal).is_loopback


def _normal(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return ""
    mapped = getattr(ip, "ipv4_mapped", None)
    return str(mapped or ip)
