"""Keeps the input of a form that comes too late, on a page from which it can be sent again.

A form is too late if its sender is no longer logged in, or if its CSRF token has expired. A form from another site is
not shown again, so that nobody can be tricked into sending it.
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

UNSAID = {"csrfmiddlewaretoken", "next", "key", "deed", "language", "website"}  # fields that people do not type
type Fields = list[tuple[str, str]]


class AgainMiddleware:
    """If a form would be answered by a redirect to the login, shows the input instead."""

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
    """Shows the input of one of our own forms with an expired token. For a form of another site there is only an error
    page.
    """
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
    """The texts that a person may have typed, without numbers, hidden fields and secrets."""
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
