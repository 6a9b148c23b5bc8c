"""Compresses pages that are private to one reader. A random length keeps attackers from guessing their content."""

from __future__ import annotations

from collections.abc import Callable
from gzip import GzipFile
from io import BytesIO
from secrets import randbelow

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

from newsroom.middleware.encodings import WORTH_PACKING, accepts

# Of 9. A page is packed for one reader alone. Level 6 takes twice as long and makes it smaller by a ninth.
LEVEL = 3
MOST_FILLING = 100  # bytes


class PackingMiddleware:
    """Packs HTML as gzip, and hides its length with up to 100 random bytes (against BREACH).

    JSON keeps its strong ETag, which clients need for If-Match. Pictures are compressed already.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        is_wanted = accepts(request.headers.get("Accept-Encoding", ""), "gzip")
        if (
            is_wanted
            and isinstance(response, HttpResponse)
            and response.get("Content-Type", "").startswith("text/html")
        ):
            _pack(response)
        return response


def _pack(response: HttpResponse) -> None:
    content = response.content
    if len(content) < WORTH_PACKING or response.has_header("Content-Encoding"):
        return
    response.content = packed = _filled(content)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(packed))
    if (etag := response.get("ETag", "")).startswith('"'):
        response["ETag"] = f"W/{etag}"  # a strong one names the bytes, which differ each time
    patch_vary_headers(response, ["Accept-Encoding"])


def _filled(content: bytes) -> bytes:
    """As gzip. The filling stands in the place of a file's name, which readers skip."""
    packed = BytesIO()
    with GzipFile("a" * randbelow(MOST_FILLING), "wb", LEVEL, packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()
