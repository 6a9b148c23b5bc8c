"""Which pages may open a socket: ours and the publisher's. Origins are compared exactly."""

from __future__ import annotations

from enum import Enum
from urllib.parse import urlsplit

from django.conf import settings

_PORTS = {"http": 80, "https": 443}


class Trust(Enum):
    """What a connection may do."""

    NONE = "refused"
    ANONYMOUS = "a reader without credentials"
    FULL = "as its credentials say"


def trust(headers: dict[bytes, bytes]) -> Trust:
    """Full trust for our pages and those of LIVE_ORIGINS. With "*" any other page is an anonymous reader.

    Programs send no Origin. A cookie without an Origin is refused: it comes from a browser that hides its page.
    """
    origin = headers.get(b"origin")
    if origin is None:
        return Trust.NONE if b"cookie" in headers else Trust.FULL
    page = _normal(origin.decode("latin-1"))
    if page is not None and page in map(_normal, (settings.SITE_URL, *settings.LIVE_ORIGINS)):
        return Trust.FULL
    return Trust.ANONYMOUS if "*" in settings.LIVE_ORIGINS else Trust.NONE


def trust_of_get(headers: dict[bytes, bytes]) -> Trust:
    """The trust in a GET. Browsers send no Origin with it from the page's own site, but other headers.

    No page can forge `Sec-Fetch-Site`, nor a `Referer` of another site.
    """
    if b"origin" in headers or b"cookie" not in headers:
        return trust(headers)
    site, referer = headers.get(b"sec-fetch-site"), headers.get(b"referer", b"").decode("latin-1")
    if site is None:
        site = b"same-origin" if _page_of(referer) == _normal(settings.SITE_URL) else b"unknown"
    return Trust.FULL if site == b"same-origin" else Trust.NONE


def _page_of(referer: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(referer)
    except ValueError:
        return None
    return _normal(f"{parts.scheme}://{parts.netloc}")


def _normal(origin: str) -> tuple[str, str, int] | None:
    """(scheme, host, port); None if it is no web page's origin."""
    try:
        parts = urlsplit(origin)
        port = _PORTS[parts.scheme] if parts.port is None else parts.port
    except (ValueError, KeyError):
        return None
    if not parts.hostname or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname.lower(), port
