from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_info

from articles import reads

LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _ in settings.LANGUAGES]


def site(request: HttpRequest) -> dict[str, Any]:
    """Variables of every template: the site's name and address, and its sections (a query only if used)."""
    return {**settings_context(), "sections": reads.sections}


def settings_context() -> dict[str, Any]:
    """The part that needs neither request nor database."""
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "TIME_ZONE": settings.TIME_ZONE,
        "LANGUAGES": LANGUAGES,
        "DEMO": settings.DEMO,
    }
