"""The canonical form of web addresses, so that one page has one address. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

MAX_URL = 500  # characters
_TRACKING = re.compile(
    r"(?:utm_\w*|fbclid|gclid|gbraid|wbraid|dclid|msclkid|yclid|twclid|igshid|mc_cid|mc_eid|_ga|_gl|wt_\w+|pk_\w+|mtm_\w+)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}


def canonical(url: str) -> str:
    """The canonical form of a page's address. Idempotent. Raises ValueError if it is no address of a web page.

    http becomes https, the host lower-case ASCII. The default port, a trailing slash, the fragment and tracking
    parameters are dropped. Parameters are sorted; escapes have one form.
    """
    url = url.strip()
    if len(url) > 4 * MAX_URL or any(ord(sign) < 33 or ord(sign) == 127 for sign in url):
        raise ValueError("not an address")
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or "@" in parts.netloc:
        raise ValueError("not an address of a web page")
    port = "" if parts.port in {None, 0, *_PORTS.values()} else f":{parts.port}"
    path = _escaped(parts.path, "/:@!$&'()*+,;=").rstrip("/")
    found = f"https://{_host(parts.hostname or '')}{port}{path}{_query(parts.query)}"
    if len(found) > MAX_URL:
        raise ValueError("too long")
    return found


def _host(host: str) -> str:
    if not host.isascii():
        host = host.encode("idna").decode("ascii")  # raises UnicodeError, a ValueError
    host = host.lower().rstrip(".")
    if not _HOST.fullmatch(host):
        raise ValueError("no host")
    return host


def _query(query: str) -> str:
    pairs = [pair for pair in query.split("&") if pair and not _TRACKING.fullmatch(pair.partition("=")[0])]
    return "".join(["?", "&".join(sorted(_escaped(pair, "/?:@!$'()*+,;=") for pair in pairs))]) if pairs else ""


def _escaped(text: str, safe: str) -> str:
    """Escapes only where needed, with capital letters."""

    def settle(match: re.Match[str]) -> str:
        sign = chr(int(match[1], 16))
        return sign if sign in _UNRESERVED else match[0].upper()

    return quote(_ESCAPED.sub(settle, text), safe=f"{safe}%")
