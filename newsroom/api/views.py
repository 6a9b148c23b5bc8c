"""Public answers, the same bytes for everybody, with a strong ETag from these bytes; and what a writer has seen."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from rest_framework.request import Request
from rest_framework.response import Response

from newsroom.api.renderers import encode

_VERSION = re.compile(r'(?:W/)?"v(\d{1,18})"', re.ASCII)
NEVER = -1  # a version that nothing has


def public(request: HttpRequest, body: Any) -> HttpResponseBase:
    """`body` as JSON, or 304 where the client has these very bytes; to be asked for anew each time."""
    return tagged(request, HttpResponse(encode(body), content_type="application/json"))


def private(body: Any) -> Response:
    """`body` for one reader alone: nobody keeps it."""
    return Response(body, headers={"Cache-Control": "private, no-store"})


def tagged(request: HttpRequest, response: HttpResponse) -> HttpResponseBase:
    """Any whole answer of 200 with its ETag and `Cache-Control: no-cache`, or 304 instead."""
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001
    etag = etag_of(response.content)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    answer = get_conditional_response(plain, etag=etag, response=response)
    if answer is not None and answer is not response:  # Django keeps some headers of the whole answer
        answer["Cache-Control"] = "no-cache"
        answer["ETag"] = etag
    return answer or response


def etag_of(content: bytes) -> str:
    return f'"{hashlib.blake2b(content, digest_size=16).hexdigest()}"'


def seen_version(request: HttpRequest | Request) -> int | None:
    """The n of `If-Match: "v<n>"`; None without the header or with `*`; what is no version of ours matches nothing."""
    header = request.headers.get("If-Match", "").strip()
    if header in {"", "*"}:
        return None
    found = _VERSION.fullmatch(header)
    return int(found[1]) if found else NEVER
