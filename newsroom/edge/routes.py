"""Which addresses have public answers, and their parameters in the order of the cache's keys."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from newsroom.api.parameters import asks_for_nothing

LONGEST = 1000  # characters of path and query together; longer requests go to Django
SEARCH = "q"  # has as many answers as there are words
OLD = "p"  # an article's number on the former site: the reader is redirected to the article
REPEATED = frozenset(["article"])

_SLUG, _ID = r"[-a-zA-Z0-9_]+", r"[0-9]+"
_TURNED = ("sort", "cursor")
_PAGED = ("limit", "cursor")
_SORTED = ("sort", *_PAGED)
_LEGAL = "imprint|privacy|terms"
ROUTES: dict[str, tuple[str, ...]] = {
    "/": (OLD, "cursor"),
    f"/sections/{_SLUG}/": ("cursor",),
    f"/articles/{_SLUG}/": _TURNED,
    f"/newsticker/(?:{_SLUG}/)?": _TURNED,
    "/chats/": ("cursor",),
    f"/chats/{_ID}/": _TURNED,
    f"/comments/{_ID}/replies/": ("cursor",),
    rf"/feeds/(?:articles|sections/{_SLUG}|tickers/{_SLUG}|discussions/{_ID})\.(?:atom|json)": (),
    rf"/sitemap\.xml|/sitemap/(?:places|articles-{_ID})\.xml|/robots\.txt|/(?:{_LEGAL})/": (),
    r"/theme-[0-9a-f]{16}\.css": (),
    r"/manifest\.webmanifest|/sw\.js|/offline/": (),
    "/api/v1/articles/": ("section", SEARCH, "fields", *_SORTED),
    f"/api/v1/articles/{_SLUG}/": (),
    "/api/v1/tickers/": _PAGED,
    f"/api/v1/tickers/{_SLUG}/items/": ("state", *_SORTED),
    f"/api/v1/ticker-items/{_ID}/": (),
    "/api/v1/discussions/": ("mode", "article", *_SORTED),
    f"/api/v1/discussions/{_ID}/": (),
    f"/api/v1/discussions/{_ID}/comments/": ("parent", *_SORTED),
    f"/api/v1/comments/{_ID}/": (),
}
_COMPILED = [(re.compile(pattern, re.ASCII), known) for pattern, known in ROUTES.items()]


@lru_cache(4096)
def address(path: str, query: bytes) -> tuple[str, bytes] | None:
    """The path and query for Django: known parameters only, in fixed order. None if not for the cache, such as an API
    request with an unknown parameter, which Django refuses.

    Of a repeated parameter the last one counts, as in the views; a blank one is dropped.
    """
    known = next((known for route, known in _COMPILED if route.fullmatch(path)), None)
    if known is None:
        return None
    if not query:
        return path, b""
    given: dict[str, list[str]] = {}
    is_strict = path.startswith("/api/")
    for name, value in parse_qsl(query.decode("latin1"), keep_blank_values=True):
        if name in known:
            if value:
                given.setdefault(name, []).append(value)
        elif is_strict and not asks_for_nothing(name):
            return None
    if SEARCH in given or OLD in given:
        return None
    pairs = [(name, value) for name in known for value in _meant(name, given.get(name, []))]
    return path, urlencode(pairs).encode()


def _meant(name: str, values: list[str]) -> list[str]:
    return values if name in REPEATED else values[-1:]
