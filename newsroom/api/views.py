"""Public answers, the same bytes for everybody, with a strong ETag from these bytes; and what a writer has seen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from newsroom.api.renderers import encode
from newsroom.errors import PreconditionFailed

_VERSION = re.compile(r'(?:W/)?"v(\d{1,18})"', re.ASCII)
NEVER = -1  # a version that nothing has


@dataclass(frozen=True, slots=True)
class Sources:
    """What an answer for everybody was made from: it holds until one of these streams moves, or the time comes.

    `streams`: name → (epoch, offset) as read before the rows. None: whoever keeps the answer has read `articles`,
    `chats` and `site` itself; of a whole family, "discussion.*", nobody can say how it stands.
    """

    streams: Mapping[str, tuple[str, int] | None]
    until: datetime | None = None


def made_from(
    *names: str, at: Mapping[str, Mapping[str, Any]] | None = None, until: Iterable[str | datetime | None] = ()
) -> Sources:
    """`names` without a position, `at` with the position that the answer itself states; the earliest `until` holds."""
    known = {name: (place["epoch"], place["offset"]) for name, place in (at or {}).items()}
    times = [datetime.fromisoformat(at) if isinstance(at, str) else at for at in until if at]
    return Sources({**dict.fromkeys(names), **known}, min(times, default=None))


def public(request: HttpRequest, body: Any, sources: Sources | None = None) -> HttpResponseBase:
    """`body` as JSON, or 304 where the client has these very bytes; to be asked for anew each time.

    With `sources` it may be kept in front of us for everybody who is not logged in.
    """
    return tagged(request, HttpResponse(encode(body), content_type="application/json"), sources)


def private(body: Any) -> Response:
    """`body` for one reader alone: nobody keeps it."""
    return Response(body, headers={"Cache-Control": "private, no-store"})


def tagged(request: HttpRequest, response: HttpResponse, sources: Sources | None = None) -> HttpResponseBase:
    """Any whole answer of 200 with its ETag and `Cache-Control: no-cache`, or 304; `sources` as above.

    Raises PreconditionFailed.
    """
    setattr(response, "sources", sources)  # noqa: B010  Django's class has no room for it
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001
    etag = etag_of(response.content)
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache"
    answer = get_conditional_response(plain, etag=etag, response=response)
    if answer is not None and answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise PreconditionFailed(_("The precondition of the request does not hold."))
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
