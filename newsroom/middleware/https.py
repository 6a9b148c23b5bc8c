"""Refuses programs that come by plain http. A redirect would hide that they have sent a key or a session to anybody."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from newsroom.api.errors import problem_response
from newsroom.errors import Refused
from newsroom.middleware.policies import NO_DOCUMENT

PROGRAMS = ("/api/v1/", "/_allauth/")


class PlainHttp(Refused):
    code = "https_required"
    status = 403


class HttpsMiddleware:
    """Runs before Django's SecurityMiddleware, which redirects all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or not request.path_info.startswith(PROGRAMS):
            return self.get_response(request)
        answer = problem_response(PlainHttp(_("This address answers by https alone.")))
        answer["Cache-Control"] = "no-store"
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = NO_DOCUMENT
        return answer
