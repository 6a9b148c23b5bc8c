"""Public answers with a strong ETag, byte for byte equal for all clients; and conditional writes by version
(If-Match).
"""

from __future__ import annotations

import hashlib
import re
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from newsroom.api.renderers import encode
from newsroom.edge.sources import Sources
from newsroom.errors import PreconditionFailed

_VERSION = re.compile(r'(?<!W/)"v(\d{1,18})"', re.ASCII)
NEVER = -1  # matches no version


def public(request: HttpRequest, body: Any, sources: Sources | None = None) -> HttpResponseBase:
    """`body` as JSON, or 304 if the client has these very bytes. Clients must revalidate each time.

    With `sources` the edge may cache it for all clients that are not logged in.
    """
    return tagged(request, HttpResponse(encode(body), content_type="application/json"), sources)


def private(body: Any) -> Response:
    """`body` for one client only: it must not be cached."""
    return Response(body, headers={"Cache-Control": "private, no-store"})


def tagged(request: HttpRequest, response: HttpResponse, sources: Sources | None = None) -> HttpResponseBase:
    """A whole answer of 200 with its ETag and `Cache-Control: no-cache`, or 304; `sources` as in `public`.

    Raises PreconditionFailed.
    """
    setattr(response, "sources", sources)  # noqa: B010  Django's class has no such attribute
    etag = etag_of(response.content)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    answer = get_conditional_response(request, etag=etag, response=response)
    if answer is not None and answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise PreconditionFailed(_("The precondition of the request does not hold."))
    if answer is not None and answer is not response:  # Django copies only some headers to the 304
        answer["Cache-Control"] = "no-cache"
        answer["ETag"] = etag
    return answer or response


def etag_of(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def seen_versions(request: HttpRequest | Request) -> set[int] | None:
    """The n of each `"v<n>"` in If-Match. None without the header or with `*`: any version.

    Other and weak tags match nothing: https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
    """
    given = request.headers.get("If-Match", "").strip()
    return None if given in {"", "*"} else {int(each) for each in _VERSION.findall(given)}
