"""Closing the bar of a breaking item."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from articles import breaking


@csrf_exempt  # a token would differ between readers on every page; all that a foreign site could do is hide the bar
@require_POST
def close_bar(request: HttpRequest) -> HttpResponse:
    """Stores the item's `number` in a cookie of this device. Redirects to `next`, a path of this site."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = HttpResponseRedirect(back)
    if breaking.is_number(number := request.POST.get("number", "")):
        secure, age = settings.SESSION_COOKIE_SECURE, int(breaking.FRESH.total_seconds())
        response.set_cookie(breaking.COOKIE, number, max_age=age, secure=secure, httponly=True, samesite="Lax")
    return response
