"""Nothing typed is lost when a form comes too late: it stands on a page from which it can be sent again.

That is so when nobody is logged in any more, and when the form's token is out of date. Pages of others that send a
form here get neither: what they sent is shown to nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.translation import gettext as _

from newsroom.api.errors import problem_response
from newsroom.errors import Forbidden
from newsroom.pages.errors import is_api

UNSAID = {"csrfmiddlewaretoken", "next", "key", "deed", "language", "website"}  # what forms say, and nobody types
type Fields = list[tuple[str, str]]


class AgainMiddleware:
    """Shows what was typed where the answer to a form would be the login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        is_sent_away = request.method == "POST" and answer.status_code == HTTPStatus.FOUND
        if not is_sent_away or request.user.is_authenticated:
            return answer
        entrances = {resolve_url(settings.LOGIN_URL), resolve_url("admin:login")}
        if request.path in entrances:
            return answer
        login = answer.headers["Location"]
        is_to_login = urlsplit(login).path in entrances
        return _page(request, login=login) if is_to_login and _typed(request) else answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """For a form of our own whose token is out of date; no one-click page for what others have made up."""
    if is_api(request):
        return problem_response(Forbidden(_("The CSRF token is missing or wrong: send it as X-CSRFToken.")))
    if _is_own(request) and _typed(request):
        return _page(request)
    return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)


def _page(request: HttpRequest, **known: Any) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    has_secret = any(_is_secret(name) for name, _value in sent)
    context = {
        "typed": _typed(request),
        "again": None if has_secret else [pair for pair in sent if pair[0] != "csrfmiddlewaretoken"],
        "address": request.get_full_path(),
        "has_files": bool(request.FILES),
        **known,
    }
    return render(request, "again.html", context, status=HTTPStatus.FORBIDDEN)


def _typed(request: HttpRequest) -> list[str]:
    """What people may have written: words, not the numbers and marks that a form keeps for itself."""
    return [
        value
        for name, values in request.POST.lists()
        for value in values
        if name not in UNSAID and not name.startswith("_") and not _is_secret(name) and any(map(str.isalpha, value))
    ]


def _is_secret(name: str) -> bool:
    return "password" in name or name in {"code", "credential"}


def _is_own(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin", "")
    return origin in {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
