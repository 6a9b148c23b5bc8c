"""German until a reader chooses another language, by the cookie `language` or the profile. `Accept-Language` is
ignored. Times are told in the zone that a person has chosen, else in the site's.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation

from newsroom.formats.moments import zone_named

LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)
ONE_YEAR = 365 * 24 * 3600  # seconds


class LanguageMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(language_of(request)), timezone.override(zone_of(request)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
            return response


def language_of(request: HttpRequest) -> str:
    """The code of the interface language. The cookie takes precedence over the profile."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    if chosen not in LANGUAGES and settings.SESSION_COOKIE_NAME in request.COOKIES:
        chosen = getattr(request.user, "language", "")
    return chosen if chosen in LANGUAGES else settings.LANGUAGE_CODE


def zone_of(request: HttpRequest) -> ZoneInfo | None:
    """The time zone that the person has chosen; None: the site's. No person is looked up for pictures, which tell no
    time.
    """
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(settings.MEDIA_URL):
        return None
    return zone_named(getattr(request.user, "time_zone", ""))


def remember_language(response: HttpResponseBase, code: str) -> None:
    """Set the language cookie. A code that is not one of ours removes it."""
    if code not in LANGUAGES:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=ONE_YEAR,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
