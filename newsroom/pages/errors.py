"""Error pages. Requests below /api/ and /_allauth/ get a problem document instead."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.access import SecondFactorRequired, Viewer
from accounts.login.adapters import to_second_factor
from articles import old_addresses
from newsroom.api.errors import problem_response
from newsroom.api.parsers import TooLarge
from newsroom.database.fit import NO_ROOM, is_full
from newsroom.errors import NotFound, Refused
from newsroom.face.present import last_known
from newsroom.pages.context import settings_context

RETRY_SECONDS = 5


class Unavailable(Refused):
    """The database is busy or down."""

    code = "unavailable"
    status = 503


class RefusalMiddleware:
    """Turns a Refused raised by a page's view into the error page for its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return refusal_page(request, exception) if isinstance(exception, Refused) else None


def refusal_page(request: HttpRequest, refused: Refused) -> HttpResponseBase:
    """The page with the refusal's own message and status."""
    if is_api(request):
        return problem_response(refused)
    if isinstance(refused, NotFound) and (there := _moved_to(request)):
        return HttpResponsePermanentRedirect(there)
    if isinstance(refused, SecondFactorRequired) and request.method in {"GET", "HEAD"}:
        return to_second_factor(request)
    known = refused.status if refused.status in {400, 403, 404, 410, 429} else 400
    html = render_to_string(f"{known}.html", {"detail": refused.detail, "note": refused.extra.get("note")}, request)
    response = HttpResponse(html, status=refused.status)
    if "retry_after" in refused.extra:
        response["Retry-After"] = str(refused.extra["retry_after"])
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Also for a form larger than the limit: the browser still has the input."""
    if isinstance(exception, RequestDataTooBig):
        known = [each for each in exception.args if isinstance(each, int)]  # of uploads
        most = known[0] if known else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if is_api(request):
            return problem_response(TooLarge(_("The body is larger than %d bytes.") % most))
        with _connection_closed():
            return HttpResponse(render_to_string("413.html", {"most": most}, request), status=413)
    return HttpResponse(render_to_string("400.html", settings_context(last_known())), status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if is_api(request):
        return problem_response(NotFound(_("There is nothing here.")))
    if request.path.startswith((settings.STATIC_URL, settings.MEDIA_URL)):  # no person reads a page there
        return HttpResponse(_("There is nothing here."), status=404, content_type="text/plain; charset=utf-8")
    with _connection_closed():
        if there := _moved_to(request):
            return HttpResponsePermanentRedirect(there)
        return HttpResponse(render_to_string("404.html", request=request), status=404)


def _moved_to(request: HttpRequest) -> str | None:
    """The present address of an article that used to be at the requested address."""
    viewer: Viewer = getattr(request, "user", AnonymousUser())  # no user if the request failed before authentication
    number = request.GET.get(old_addresses.NUMBER, "")
    return old_addresses.leads_to(viewer, request.path, number) if request.method in {"GET", "HEAD"} else None


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    with _connection_closed():
        return HttpResponse(render_to_string("403.html", request=request), status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without request, user and database: any of them may be the cause."""
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError) and not is_full(error):
        return HttpResponse(render_to_string("500.html", settings_context(last_known())), status=500)
    if is_api(request):
        sentence = NO_ROOM if is_full(error) else _("The database is busy. Try again in a moment.")
        return problem_response(Unavailable(str(sentence), retry_after=RETRY_SECONDS))
    html = render_to_string("503.html", settings_context(last_known()) | {"no_room": is_full(error) and NO_ROOM})
    return HttpResponse(html, status=503, headers={"Retry-After": str(RETRY_SECONDS)})


@contextmanager
def _connection_closed() -> Iterator[None]:
    """Close the connection: Django renders error pages in a new thread under ASGI and never closes its connection."""
    is_own = connection.connection is None
    try:
        yield
    finally:
        if is_own:
            connection.close()


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith(("/api/", "/_allauth/"))
