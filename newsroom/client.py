"""The client's address, and whether it came by https. The only code that knows about proxies."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

_PASSED_ON = re.compile(r"X-Forwarded(-.+)?|X-Real-Ip|(.+-)?(Client|Connecting)-Ip|Forwarded|Via", re.IGNORECASE)


def client_ip(source: HttpRequest | Request | Mapping[str, Any]) -> str:
    """The client's address, from a Django request or an ASGI scope; "" if the server gave none.

    With `TRUSTED_PROXIES` = n, it is the n-th address from the right in X-Forwarded-For, since each trusted proxy
    appends the address that it saw. If there are fewer addresses, or the n-th is malformed, the request did not come
    through the proxies; then it is the peer's address. A port behind an address is dropped.
    """
    peer, forwarded = _told(source)
    return _claimed(forwarded) or _address_in(peer)


def network_of_peer(peer: tuple[str, int] | None) -> str | None:
    """The key for limits on a connection without headers as yet.

    None behind trusted proxies: there every peer is a proxy, which stands for all its clients.
    """
    return None if settings.TRUSTED_PROXIES or peer is None else network_of(client_ip({"client": peer}))


def network_of(address: str) -> str:
    """The key for limits: an IPv4 address itself, or the /64 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network((ip, 64), strict=False))


def network_from(request: HttpRequest | Request) -> str:
    """The key for limits of a request, Django's or the REST framework's."""
    return network_of(client_ip(request))


def comes_by_https(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Whether an ASGI scope came by https, by the same rule as Django: see SECURE_PROXY_SSL_HEADER."""
    forwarded = headers.get(b"x-forwarded-proto") if settings.SECURE_PROXY_SSL_HEADER is not None else None
    if forwarded is not None:
        return forwarded.split(b",", 1)[0].strip() == b"https"
    return scope.get("scheme") in {"https", "wss"}


def is_at_this_machine(request: HttpRequest) -> bool:
    """Whether the request comes from this machine, as far as that can be known.

    A request through a proxy on this machine looks local, too. So if it has a proxy's headers, it is local only if
    trusted proxies report a local address.
    """
    peer, forwarded = _told(request)
    is_passed_on = any(_PASSED_ON.fullmatch(name) for name in request.headers)
    return _is_loopback(_address_in(peer)) and (not is_passed_on or _is_loopback(_claimed(forwarded)))


def _told(source: HttpRequest | Request | Mapping[str, Any]) -> tuple[str, str]:
    """(the peer's address, the complete X-Forwarded-For)."""
    if not isinstance(source, Mapping):
        return source.META.get("REMOTE_ADDR", ""), source.META.get("HTTP_X_FORWARDED_FOR", "")
    headers = [value for name, value in source.get("headers", ()) if name == b"x-forwarded-for"]
    return (source.get("client") or ("", 0))[0], b",".join(headers).decode("latin-1")


def _claimed(forwarded: str) -> str:
    """The address that trusted proxies saw; "" if there are none, or fewer hops than proxies, or if it is malformed."""
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
