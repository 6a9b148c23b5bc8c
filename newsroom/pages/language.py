"""Choosing the language of the interface."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from newsroom.language import LANGUAGES

ONE_YEAR = 365 * 24 * 3600  # seconds


@csrf_exempt  # a token would be a per-reader byte on every page, and a foreign site gains nothing here
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remembers `language` in a cookie and goes back to `next`, a path of this site."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    code = request.POST.get("language", "")
    if code in LANGUAGES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=ONE_YEAR,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )
    return response
