"""Answers requests for static files. In front of Django, `newsroom.edge.files` keeps these answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from newsroom.files.store import PLAIN, File, best, file, version
from newsroom.middleware.encodings import is_text
from newsroom.middleware.policies import NO_DOCUMENT

FOR_EVER = "max-age=315360000, public, immutable"
READING = ("GET", "HEAD")
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


class StaticMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self._address = re.compile(rf"{re.escape(settings.STATIC_URL)}([0-9a-f]{{12}})/(.+)")
        self._version = version()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = self._address.fullmatch(request.path_info)
        found = file(address[2]) if address else None
        if address is None or found is None:
            return self.get_response(request)
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        # A page of another release gets the present file, which must not be cached under the old path.
        response = _answer(request, found, FOR_EVER if address[1] == self._version else "no-store")
        if request.method == "HEAD":
            response.content = b""  # keeps the Content-Length
        return response


def _answer(request: HttpRequest, found: File, keeping: str) -> HttpResponse:
    """The file, packed if that is accepted; or a part of the plain one; 304 or 412 by the conditional headers.

    Always whole in memory: Django warns about a file that is streamed under ASGI.
    """
    part = _part(request, found)
    coding = PLAIN if part or not found.is_packed else best(request.headers.get("Accept-Encoding", ""))
    body = found.bodies[coding]
    headers = {
        "Cache-Control": keeping,
        "Access-Control-Allow-Origin": "*",
        "Content-Security-Policy": NO_DOCUMENT,
        "ETag": found.etag(coding),
        "Last-Modified": http_date(found.changed),
        "Content-Length": str(len(body)),
    }
    if is_text(found.kind):
        headers["Vary"] = "Accept-Encoding"
    if coding:
        headers["Content-Encoding"] = coding
    response = HttpResponse(body, content_type=found.kind, headers=headers)
    checked: HttpResponse = get_conditional_response(request, found.etag(coding), found.changed, response) or response
    return _cut(checked, *part) if part and checked is response else checked


def _part(request: HttpRequest, found: File) -> tuple[int, int] | None:
    """The first byte that is asked for and the one behind the last; the first is beyond the end if there are none.

    None for the whole file: other forms of a range may be ignored.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or not asked or request.headers.get("If-Range", found.etag()) != found.etag():
        return None
    first, last, size = asked[1], asked[2], len(found.bodies[PLAIN])
    if not first:
        return (max(size - int(last), 0) if int(last) else size, size) if last else None
    if not last:
        return int(first), size
    return (int(first), min(int(last) + 1, size)) if int(first) <= int(last) else None


def _cut(response: HttpResponse, first: int, end: int) -> HttpResponse:
    size = len(response.content)
    if first >= size:
        return HttpResponse(
            status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers={"Content-Range": f"bytes */{size}"}
        )
    response.status_code = HTTPStatus.PARTIAL_CONTENT
    response.content = response.content[first:end]
    response["Content-Range"], response["Content-Length"] = f"bytes {first}-{end - 1}/{size}", str(end - first)
    return response
