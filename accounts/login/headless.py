"""Makes allauth's JSON interface as strict as ours: bodies are limited, strict UTF-8, objects, and have no unknown
fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from io import BytesIO
from typing import Any

from allauth.headless.base.views import APIView
from allauth.headless.internal.restkit.response import APIResponse
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import RawPostDataException
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _

from newsroom.api.errors import problem_response
from newsroom.api.paging import Malformed
from newsroom.api.parsers import JSONParser, TooLarge
from newsroom.errors import Refused

BELOW = "/_allauth/"


class BodyMiddleware:
    """Answers 400 or 413 before allauth sees a body: allauth accepts a lone surrogate and then fails to hash it."""

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


def knowing(patterns: Iterable[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """The URL patterns without those for telephone numbers, which we do not use. Their views refuse unknown fields, in
    allauth's own format.
    """
    return [
        URLResolver(each.pattern, knowing(each.url_patterns), each.default_kwargs, each.app_name, each.namespace)
        if isinstance(each, URLResolver)
        else URLPattern(each.pattern, _knowing(each.callback), each.default_args, each.name)
        for each in patterns
        if isinstance(each, URLResolver) or "phone" not in (each.name or "")
    ]


def _knowing(view: Any) -> Callable[..., HttpResponseBase]:
    made: Any = type(view.view_class.__name__, (_Knowing, view.view_class), {})
    answer: Callable[..., HttpResponseBase] = made.as_api_view(**view.view_initkwargs)
    return answer


class _Knowing(APIView):  # type: ignore[misc]  # allauth has no types
    handle_json_input = True  # without a form no field is known

    def handle_input(self, data: dict[str, Any] | None) -> HttpResponse | None:
        """Runs before allauth reads the input, so a refusal here counts as neither a guess nor a sign-up."""
        form = self.get_input_class()
        known = form(data={}, **self.get_input_kwargs()).fields if form else {}
        sentence = _("There is no such field.")
        unknown = [
            {"message": sentence, "code": "unknown_field", "param": name[:80]}
            for name in data or {}
            if name not in known
        ]
        refused: HttpResponse | None
        if unknown:
            refused = APIResponse(self.request, unknown, status=HTTPStatus.BAD_REQUEST)
        else:
            refused = super().handle_input(data)
        return refused
