"""Compresses pages that are private to one reader. A random length keeps attackers from guessing their content."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from newsroom.middleware.encodings import accepts


class PackingMiddleware(GZipMiddleware):
    """Django's gzip middleware, which hides the length with up to 100 random bytes (against BREACH), for HTML only.

    JSON keeps its strong ETag, which clients need for If-Match. Pictures are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        if not is_page or not accepts(request.headers.get("Accept-Encoding", ""), "gzip"):
            return response
        return super().process_response(request, response)
