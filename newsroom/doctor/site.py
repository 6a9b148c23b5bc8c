"""Examines a running site by its address, as readers reach it: TLS, redirects, what its proxies pass on, sockets."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.sync.client import connect

from newsroom import __version__
from newsroom.doctor.findings import Finding, error, ok, plain, warning
from newsroom.doctor.seen import HEADER, question

WHAT = "site"
PATIENCE_SECONDS = 5.0  # for each step
FORGED = "192.0.2.66"  # of a range that nobody has (RFC 5737): doctor claims to come from there
DAYS_LEFT = 14  # of a certificate; what renews by itself does so earlier
SKEW_SECONDS = 5.0


def examine(url: str) -> Iterator[Finding]:
    """`url` is the site's origin, such as https://news.example."""
    parts = urlsplit(url)
    if url.rstrip("/") != settings.SITE_URL:
        remedy = "Readers, links and sockets need one address: correct SITE_URL, or ask that one."
        yield warning(WHAT, f"{url} is not SITE_URL, which is {settings.SITE_URL}", remedy)
    if parts.scheme == "https":
        yield _certificate(parts)
    try:
        answer, date = _ask(parts)
    except (OSError, HTTPException, ValueError) as reason:
        yield error(WHAT, f"{url} does not answer: {plain(reason)}", "Look whether proxy and `serve` run.")
        return
    yield from _clock(date)
    yield from _state(answer)
    yield from _way(parts, answer.get("seen"))
    yield redirects(url)
    yield sockets(url)


def _certificate(parts: SplitResult) -> Finding:
    context = ssl.create_default_context()
    address = (parts.hostname or "", parts.port or 443)
    try:
        with (
            socket.create_connection(address, PATIENCE_SECONDS) as plain_socket,
            context.wrap_socket(plain_socket, server_hostname=parts.hostname) as encrypted,
        ):
            until: Any = (encrypted.getpeercert() or {})["notAfter"]
            version = encrypted.version()
    except OSError as reason:
        remedy = "Look whether the proxy runs, and its port is open."
        if isinstance(reason, socket.gaierror):
            remedy = "Give the name an address (DNS), or correct the one that you ask."
        if isinstance(reason, ssl.SSLError):
            remedy = "Look at the proxy's certificate: it has to name this host, and to come with its chain."
        return error("tls", f"no reader can connect: {plain(reason)}", remedy)
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC)
    days = (ends - datetime.now(UTC)).days
    said = f"{version}, the certificate is valid until {ends:%Y-%m-%d}, for {days} days"
    if days < DAYS_LEFT:
        return warning("tls", said, "Look why it was not renewed (certbot renew, or Caddy's log).")
    return ok("tls", said)


def _ask(parts: SplitResult) -> tuple[dict[str, Any], str]:
    """The answer of /health/ready, and its Date."""
    with closing(_connection(parts)) as line:
        line.request("GET", "/health/ready", headers={HEADER: question(), "X-Forwarded-For": FORGED})
        answer = line.getresponse()
        return json.loads(answer.read(100_000)), answer.headers.get("Date", "")


def _clock(date: str) -> Iterator[Finding]:
    if date:
        skew = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
        if abs(skew) > SKEW_SECONDS:
            yield warning("clock", f"the site's is {skew:+.0f} s from this machine's", "Let both follow NTP (chrony).")


def _state(answer: dict[str, Any]) -> Iterator[Finding]:
    if answer.get("status") == "ok":
        yield ok(WHAT, "is ready")
        return
    reasons = ", ".join(f"{part} {reason}" for part, reason in answer.get("reasons", {}).items())
    yield error(WHAT, f"is {answer.get('status')}: {reasons}", "Mend that first.")


def _way(parts: SplitResult, told: dict[str, Any] | None) -> Iterator[Finding]:
    if told is None:
        remedy = "Start doctor with the variables of the site, after its last restart."
        yield error(WHAT, "does not tell us how we arrive: it has another SECRET_KEY or release", remedy)
        return
    if told["version"] != __version__:
        yield warning(WHAT, f"runs {told['version']}, this is {__version__}", "Restart `serve` and `worker`.")
    yield proxies(told)
    if told["https"] != (parts.scheme == "https"):
        seen = "https" if told["https"] else "http"
        remedy = "Let the proxy set X-Forwarded-Proto, and TRUSTED_PROXIES not be 0 behind it."
        yield error("proxies", f"readers come by {parts.scheme}, the site sees {seen}", remedy)
    if told["host"] != parts.netloc:
        remedy = "Let the proxy pass Host on (nginx: proxy_set_header Host $http_host)."
        yield error("proxies", f"readers ask for {parts.netloc}, the site sees {told['host']}", remedy)


def proxies(told: dict[str, Any]) -> Finding:
    """Each proxy appends one hop. What stands left of them was sent by the client, who may have invented it."""
    number, trusted = len([hop for hop in told["hops"] if hop != FORGED]), told["trusted"]
    said = f"{number} append to X-Forwarded-For, TRUSTED_PROXIES is {trusted}, so we are {told['client']} to the site"
    remedy = f"Set TRUSTED_PROXIES={number} and restart."
    if trusted > number:
        return error("proxies", f"{said}: readers can invent their address", remedy)
    if trusted < number:
        return error("proxies", f"{said}: many readers look like one, and limits hit them all", remedy)
    return ok("proxies", said)


def redirects(url: str) -> Finding:
    place, seen = f"{url.rstrip('/')}/", list[str]()
    while place not in seen and len(seen) < 5:
        seen.append(place)
        parts = urlsplit(place)
        try:
            with closing(_connection(parts)) as line:
                line.request("GET", parts.path or "/")
                answer = line.getresponse()
                status, target = answer.status, answer.headers.get("Location", "")
        except (OSError, HTTPException) as reason:
            return error(WHAT, f"{place} does not answer: {plain(reason)}", "Look at the proxy's log.")
        if status >= 400:
            return error(WHAT, f"{place} answers {status}", "Look at the log; 400 means that ALLOWED_HOSTS lacks it.")
        if not target:
            return ok(WHAT, f"the front page answers {status}")
        place = urljoin(place, target)
    remedy = "Set TRUSTED_PROXIES, and let the proxy set X-Forwarded-Proto: the site takes each request for http."
    return error(WHAT, f"{seen[-1]} redirects to {place}, for ever", remedy)


def sockets(url: str) -> Finding:
    parts = urlsplit(url)
    place = f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}/live/?streams=articles"
    origin: Any = settings.SITE_URL
    try:
        with connect(place, origin=origin, open_timeout=PATIENCE_SECONDS, proxy=None) as line:
            line.recv(PATIENCE_SECONDS)
    except InvalidStatus as reason:
        remedy = "Let the proxy pass Upgrade and Connection on; 403 means that SITE_URL is not readers' address."
        return error("sockets", f"the handshake was answered {reason.response.status_code}", remedy)
    except (OSError, WebSocketException, TimeoutError) as reason:
        return error("sockets", f"do not pass: {plain(reason)}", "Let the proxy pass Upgrade and Connection on.")
    return ok("sockets", "pass, and the site answers on them")


def _connection(parts: SplitResult) -> HTTPConnection:
    if parts.scheme == "https":
        return HTTPSConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
