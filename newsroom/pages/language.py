"""Choosing the language of the interface."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts.actions import change_profile
from accounts.models import User
from newsroom.middleware.language import LANGUAGES, remember_language


@csrf_exempt  # a token would differ between readers on every page; foreign sites' posts come without the session cookie
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Stores `language` in a cookie and the profile. Redirects to `next`, a path of this site."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    code = request.POST.get("language", "")
    if code in LANGUAGES:
        remember_language(response, code)
        if isinstance(request.user, User):
            change_profile(request.user.pk, language=code)
    return response
