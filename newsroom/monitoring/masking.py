"""Keeps mail addresses, query strings, and keys in paths out of the log, and of reports to other services.

Links in mails have their key in the path: whoever reads it in a log could use it. Which part of a path is public is an
allow list, by the converters and names of our addresses. So a new address with a key needs no thought here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import quote, unquote

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.exceptions import Resolver404

from newsroom.monitoring.requests import current

MASK = "…"
CONVERTERS = frozenset(["int", "slug"])  # numbers of rows, and names that stand in public addresses
NAMES = frozenset(["name", "stream", "app_label"])  # of reactions, streams, and parts of the admin
LEAST = 8  # signs; a shorter part of an address is replaced with the address, but not wherever else it occurs
_MAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_ADDRESS = re.compile(r"((?:https?|wss?)://[^/\s\"'<>?#]+)?(/[^\s\"'<>?#,;()\[\]{}]*)(\?[^\s\"'<>]*)?")
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_DYNAMIC = re.compile(r"\(\?P<.*?\)(?=[/$.]|$)|<[^>]*>")


def masked(text: str) -> str:
    """A text with all of these replaced by MASK, those of the present request above all."""
    asked = current()
    if asked.path:
        for part in sorted({*_hidden(asked.path), asked.query} - {""}, key=len, reverse=True):
            if len(part) >= LEAST:
                text = text.replace(part, MASK).replace(quote(part), MASK)
        shown = path_shown(asked.path)
        text = text.replace(asked.path, shown).replace(quote(asked.path), shown)
    return _MAIL.sub(MASK, _ADDRESS.sub(_address_shown, text))


def path_shown(path: str) -> str:
    """A path on our site without what is not public in it. Of an unknown path only words of our addresses are kept."""
    match = _match(path)
    if match is None:
        return "/".join(part if _is_word(part) else MASK for part in path.split("/"))
    for part in match:
        path = path.replace(part, MASK)
    return path


def _hidden(path: str) -> Iterator[str]:
    match = _match(path)
    yield from (part for part in path.split("/") if not _is_word(part)) if match is None else match


def _match(path: str) -> list[str] | None:
    """The parts of a path that are not public; None for a path that leads nowhere."""
    try:
        found = get_resolver().resolve(path)
    except Resolver404:
        return None
    kinds = {name: kind for kind, name in _PARAMETER.findall(found.route)}
    named: dict[str, object] = found.captured_kwargs or {}  # type: ignore[attr-defined]  # without the route's own
    hidden = [value for name, value in named.items() if kinds.get(name) not in CONVERTERS and name not in NAMES]
    return [str(value) for value in (*hidden, *found.args) if value]


def _is_word(part: str) -> bool:
    return part in _words() or (part.isdecimal() and len(part) <= 12)


@lru_cache(1)
def _words() -> frozenset[str]:
    """Parts of paths that are the same for everybody."""
    return frozenset(["", *_static(get_resolver())])


def _static(resolver: URLResolver) -> Iterator[str]:
    for each in resolver.url_patterns:
        yield from re.findall(r"[\w.-]+", _DYNAMIC.sub(" ", str(each.pattern).replace("\\", "")))
        if not isinstance(each, URLPattern):
            yield from _static(each)


def _address_shown(found: re.Match[str]) -> str:
    origin, path, query = found[1] or "", found[2], f"?{MASK}" if found[3] else ""
    hidden = _match(unquote(path))
    if hidden is not None or origin:
        path = path_shown(unquote(path)) if hidden or hidden is None else path
    return f"{origin}{path}{query}"
