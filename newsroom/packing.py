"""Pages that only one reader gets are packed anew for each answer, so that nobody can guess at them by their length."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware

from newsroom.encodings import accepts


class PackingMiddleware(GZipMiddleware):
    """Django's, which hides the length of what it packs behind up to 100 random bytes (BREACH), for HTML alone.

    JSON keeps its strong ETag, by which programs change things (If-Match); pictures are small already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.get("Content-Type", "").startswith("text/html")
        if not is_page or not accepts(request.headers.get("Accept-Encoding", ""), "gzip"):
            return response
        return super().process_response(request, response)
