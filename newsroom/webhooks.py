"""Asks a program elsewhere by a POST, signed (https://www.standardwebhooks.com) or as the caller does it.

The address is set by people, and must not open the inside of our network to them or to whoever rules its name. So the
name is looked up here, and the connection goes to the very address that was checked. Addresses of private networks are
refused, unless they are among `HOOK_NETWORKS`; outside of these the way is encrypted. Redirects are not followed. The
whole takes no longer than was asked for, but for the look-up of a name.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urlsplit

import h11
import msgspec
from django.conf import settings

MOST_ANSWERED = 64_000  # bytes
_TUNNELS = [ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


class Unanswered(Exception):
    """No answer that counts. `str()` is a code: address, connection, timeout, status 503, size, answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(url: str, kind: str, data: dict[str, Any], *, seconds: float) -> bytes:
    """The body of a 2xx answer. Raises Unanswered."""
    body = msgspec.json.encode({"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": data})
    signed = signature(body, f"msg_{uuid.uuid4().hex}", int(time.time()))
    answer = send(url, {"Content-Type": "application/json", **signed}, body, seconds=seconds)
    if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        raise Unanswered(f"status {answer.status}")
    return answer.body


def send(url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> Answer:
    """POST it. Raises Unanswered."""
    until = time.monotonic() + seconds
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    usual = {
        "Host": parts.netloc,
        "Content-Length": str(len(body)),
        "Connection": "close",
        "User-Agent": "newsroom",
    }
    request = h11.Request(method="POST", target=target, headers=list({**usual, **headers}.items()))
    try:
        with closing(_connected(parts, until)) as peer:
            return _answer(peer, h11.Connection(h11.CLIENT), request, body, until)
    except TimeoutError as error:
        raise Unanswered("timeout") from error
    except OSError as error:
        raise Unanswered("connection") from error
    except h11.ProtocolError as error:
        raise Unanswered("answer") from error


def signature(body: bytes, name: str, at: int) -> dict[str, str]:
    """The three headers of a message. One signature for each secret, so that a secret can be changed on both sides."""
    signed = f"{name}.{at}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in settings.HOOK_SECRETS]
    codes = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return {
        "webhook-id": name,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{code}" for code in codes),
    }


def _answer(peer: socket.socket, http: h11.Connection, request: h11.Request, body: bytes, until: float) -> Answer:
    parts = [http.send(each) for each in (request, h11.Data(data=body), h11.EndOfMessage())]
    peer.settimeout(_left(until))
    peer.sendall(b"".join(part for part in parts if part))
    status, headers, answer = 0, {}, b""
    while True:
        match http.next_event():
            case h11.NEED_DATA:
                peer.settimeout(_left(until))
                http.receive_data(peer.recv(16_384))
            case h11.Response(status_code=status, headers=given):
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in given}
            case h11.Data(data=data):
                answer += bytes(data)
                if len(answer) > MOST_ANSWERED:
                    raise Unanswered("size")
            case h11.EndOfMessage():
                return Answer(status, headers, answer)
            case h11.ConnectionClosed():
                raise Unanswered("answer")


def _connected(parts: SplitResult, until: float) -> socket.socket:
    """A connection to the first of the host's allowed addresses that takes one. Raises Unanswered, OSError."""
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    try:
        found = socket.getaddrinfo(host, parts.port or (443 if is_tls else 80), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unanswered("address") from error
    failed: OSError = OSError("no address")
    for family, kind, protocol, place in _allowed(found, is_tls):
        peer = socket.socket(family, kind, protocol)
        try:
            peer.settimeout(_left(until))
            peer.connect(place)
            return _encryption().wrap_socket(peer, server_hostname=host) if is_tls else peer
        except OSError as error:
            peer.close()
            failed = error
    raise failed


def _allowed(found: list[Any], is_tls: bool) -> Iterator[tuple[Any, Any, int, Any]]:
    allowed = [each for each in found if may_ask(str(each[4][0]), is_tls=is_tls)]
    if not allowed:
        raise Unanswered("address")
    yield from ((family, kind, protocol, place) for family, kind, protocol, _name, place in allowed)


def may_ask(address: str, *, is_tls: bool) -> bool:
    """Whether a connection may go to this IP address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if any(ip.version == network.version and ip in network for network in _own_networks()):
        return True
    is_tunnel = any(ip.version == tunnel.version and ip in tunnel for tunnel in _TUNNELS)
    return is_tls and ip.is_global and not ip.is_multicast and not is_tunnel


def _own_networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(each) for each in settings.HOOK_NETWORKS]


@cache
def _encryption() -> ssl.SSLContext:
    return ssl.create_default_context()


def _left(until: float) -> float:
    """Raises TimeoutError."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
