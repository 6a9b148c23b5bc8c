"""Static files straight from the apps, under a name that changes with their content.

The hash stands in the path (`/static/3f9a0c…/newsroom/live.js`), one for all files together, so that relative
imports between ES modules and url() in style sheets need no rewriting and no copy is ever collected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from functools import cache, lru_cache
from hashlib import blake2b
from http import HTTPStatus
from typing import ClassVar

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

from newsroom.encodings import WORTH_PACKING, accepts, is_text, packed

CODINGS = ("br", "gzip")  # the smaller one first
ANSWERED_HERE = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE")


@cache
def version() -> str:
    """Twelve hex digits of all static files' names and contents; the same on every machine of a release."""
    digest = blake2b(digest_size=6)
    found = ((name, storage) for finder in finders.get_finders() for name, storage in finder.list([]))
    for name, storage in sorted(found, key=lambda each: each[0]):
        digest.update(name.encode() + b"\0")
        with storage.open(name) as file:
            digest.update(file.read())
    return digest.hexdigest()


class HashedStaticStorage(StaticFilesStorage):
    def url(self, name: str | None) -> str:
        return f"{settings.STATIC_URL}{version()}/{name or ''}"


class StaticMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise over the apps' own folders."""

    files: dict[str, StaticFile]
    found: ClassVar[dict[str, dict[str, StaticFile]]] = {}  # by prefix; looked for once in a process

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.static_prefix = f"{settings.STATIC_URL}{version()}/"
        if self.static_prefix not in self.found:
            self.add_files_from_finders()
            self.found[self.static_prefix] = self.files
        self.files = self.found[self.static_prefix]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        elsewhere = re.match(rf"{settings.STATIC_URL}[0-9a-f]{{12}}/", request.path_info)
        if elsewhere is None or elsewhere[0] == self.static_prefix:
            response: HttpResponseBase = super().__call__(request)
            return response
        # A page of another release asks: it gets today's file, which nobody may keep under that name.
        request.path_info = self.static_prefix + request.path_info[elsewhere.end() :]
        response = super().__call__(request)
        response.headers["Cache-Control"] = "no-store"
        return response

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The whole file at once: they are small, and Django warns about a file that is streamed under ASGI.

        Each encoding has an ETag of its own; a part of a file is always a part of the plain one.
        """
        asked = {name: value for name, value in request.META.items() if name not in ANSWERED_HERE}
        if request.method == "HEAD" or asked.get("HTTP_IF_RANGE", static_file.etag) != static_file.etag:
            asked.pop("HTTP_RANGE", None)
        answer = static_file.get_response("GET" if request.method == "HEAD" else request.method, asked)
        content = b""
        if answer.file is not None:
            with closing(answer.file):
                content = answer.file.read()
        response = HttpResponse(content, status=int(answer.status))
        del response["Content-Type"]
        for name, value in answer.headers:
            response[name] = value
        return _as_asked(request, response)

    def immutable_file_test(self, path: str, url: str) -> bool:
        return url.startswith(self.static_prefix)


def _as_asked(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Packed where that is taken; 304 or 412 where the conditions of the request say so."""
    if is_text(response.get("Content-Type", "")):
        response["Vary"] = "Accept-Encoding"
        if response.status_code == HTTPStatus.OK and len(response.content) >= WORTH_PACKING:
            _pack(response, request.headers.get("Accept-Encoding", ""))
    if response.status_code == HTTPStatus.OK:
        changed = parse_http_date_safe(response["Last-Modified"])
        response = get_conditional_response(request, response["ETag"], changed, response) or response
    if request.method == "HEAD":
        response.content = b""  # its length stays
    return response


def _pack(response: HttpResponse, accepted: str) -> None:
    coding = next((each for each in CODINGS if accepts(accepted, each)), None)
    if coding:
        response.content = _twin(response.content, coding)
        response["Content-Encoding"], response["Content-Length"] = coding, str(len(response.content))
        response["ETag"] = f'{response["ETag"][:-1]}-{coding}"'


_twin = lru_cache(1024)(packed)  # once in a process; by the content, so that none is ever old
