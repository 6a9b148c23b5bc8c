"""Reads a request: the parts that may decide the answer, and whether the answer is public."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest

from newsroom.client import comes_by_https
from newsroom.edge.routes import LONGEST, address

type Scope = dict[str, Any]

# A request with one of these may come from a known person, or wants something that only Django can do.
_TO_DJANGO = frozenset([b"authorization", b"x-session-token", b"transfer-encoding", b"expect", b"upgrade"])
_MOST_HOSTS = 100


class Key(NamedTuple):
    """All that a public answer may depend on."""

    path: str
    query: bytes
    language: str
    is_secure: bool
    chosen: str  # what counts of the cookie that a Choice names; "" for the usual page


class Choice(NamedTuple):
    """A cookie by which readers choose how pages look. `of` gives what counts of its value, one of few answers, "" if
    nothing does; None if Django has to see it.
    """

    cookie: str
    of: Callable[[str], str | None]


class Asked(NamedTuple):
    key: Key
    host: bytes
    headers: Mapping[bytes, bytes]


class Reader:
    """Reads requests according to the site's settings."""

    def __init__(self, choice: Choice | None = None) -> None:
        self._choice = choice
        self._choice_cookie = choice.cookie.encode() if choice else None
        self._own_cookies = frozenset([settings.SESSION_COOKIE_NAME.encode(), b"messages"])
        self._usual_language = settings.LANGUAGE_CODE
        self._is_secure_only = settings.SECURE_SSL_REDIRECT
        self._language_cookie = settings.LANGUAGE_COOKIE_NAME.encode()
        self._languages = {code.encode(): code for code, _ in settings.LANGUAGES}
        self._hosts: dict[bytes, bytes | None] = {}

    def read(self, scope: Scope) -> Asked | None:
        """None if the request is for Django: an unknown address or host, a known person, anything unusual."""
        path, query, given = scope["path"], scope["query_string"], scope["headers"]
        if len(path) + len(query) > LONGEST or scope.get("root_path"):
            return None
        target = address(path, query)
        headers = dict(given)
        if target is None or len(headers) != len(given) or not _TO_DJANGO.isdisjoint(headers):
            return None
        cookie = headers.get(b"cookie")
        language, chosen = self._read_cookies(cookie) if cookie else (self._usual_language, "")
        host = self._host(headers.get(b"host", b""))
        is_secure = comes_by_https(scope, headers)
        if language is None or chosen is None or host is None or headers.get(b"content-length", b"0") != b"0":
            return None
        if self._is_secure_only and not is_secure:
            return None
        return Asked(Key(*target, language, is_secure, chosen), host, headers)

    def _read_cookies(self, cookie: bytes) -> tuple[str | None, str | None]:
        """The language and the choice of a cookie header; None if a cookie may identify a person, or is Django's."""
        language, choice = b"", b""
        for part in cookie.split(b";"):
            name, _, value = part.partition(b"=")
            name = name.strip()
            if name in self._own_cookies:
                return None, None
            if name == self._language_cookie:
                language = value.strip()
            elif name == self._choice_cookie:
                choice = value.strip()
        if language.startswith(b'"'):
            return None, None
        chosen = self._choice.of(choice.decode("latin1")) if self._choice and choice else ""
        return self._languages.get(language, self._usual_language), chosen

    def _host(self, given: bytes) -> bytes | None:
        """The site's own host, whichever of its names was given; None if the name is not one of ours."""
        if given not in self._hosts:
            if len(self._hosts) >= _MOST_HOSTS:
                self._hosts.clear()
            own = settings.SITE_URL.partition("://")[2].encode()
            self._hosts[given] = (own if _is_allowed(own) else given) if _is_allowed(given) else None
        return self._hosts[given]


def _is_allowed(host: bytes) -> bool:
    request = HttpRequest()
    request.META["HTTP_HOST"] = host.decode("latin1")
    try:
        return bool(request.get_host())
    except DisallowedHost:
        return False
