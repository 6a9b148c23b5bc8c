"""`/media/`: uploaded pictures, as we have re-encoded them. A name is a hash of the content or is drawn
once, so no file ever changes.
"""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
_NAME = re.compile(r"(?:[A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+\.(?P<kind>jpg|png|webp|avif)", re.ASCII)


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """A picture below MEDIA_ROOT, to be cached for ever; 404 for every other name. A few hundred KB at most."""
    name = _NAME.fullmatch(path)
    if name is None:
        raise Http404
    try:
        data = _inside(path).read_bytes()
    except OSError as error:
        raise Http404 from error
    etag = f'"{path}"'
    response: HttpResponse
    if etag in request.headers.get("If-None-Match", ""):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(data, content_type=TYPES[name["kind"]])
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _inside(path: str) -> Path:
    """The file for `path`. Raises Http404 if a symbolic link leads out of the folder."""
    root = Path(settings.MEDIA_ROOT).resolve()
    file = (root / path).resolve()
    if not file.is_relative_to(root):
        raise Http404
    return file
