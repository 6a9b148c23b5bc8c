"""allauth's JSON interface takes the same bodies as ours: bounded, strict UTF-8, an object or nothing."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _

from newsroom.api.errors import problem_response
from newsroom.api.paging import Malformed
from newsroom.api.parsers import JSONParser, TooLarge
from newsroom.errors import Refused

BELOW = "/_allauth/"


class BodyMiddleware:
    """Answers 400 or 413 before allauth sees a body: it takes a lone surrogate for text, and fails at hashing it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        if not request.path.startswith(BELOW) or request.method == "GET":
            return None
        try:
            _check(request)
        except Refused as refused:
            return problem_response(refused)
        return None


def _check(request: HttpRequest) -> None:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise TooLarge(_("The body is larger than %d bytes.") % settings.JSON_BYTES) from error
    except RawPostDataException as error:  # a form, read for its CSRF token
        raise Malformed(_("The body is not valid JSON.")) from error
    if body and not isinstance(JSONParser().parse(BytesIO(body)), dict):
        raise Malformed(_("The body is not valid JSON."))
