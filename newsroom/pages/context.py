from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info

from articles.models import Section

LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _ in settings.LANGUAGES]


def site(request: HttpRequest) -> dict[str, Any]:
    """What every template knows: the site's name and address, and its sections once somebody asks."""
    return {**settings_context(), "sections": Section.objects.all}


def settings_context() -> dict[str, Any]:
    """The part that needs neither request nor database."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "TIME_ZONE": settings.TIME_ZONE,
        "LANGUAGES": LANGUAGES,
        "DEMO": settings.DEMO,
    }
