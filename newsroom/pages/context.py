from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language_info

from articles import reads
from newsroom.face.present import Face, present

LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _ in settings.LANGUAGES]


def site(request: HttpRequest) -> dict[str, Any]:
    """Variables of every template: the publisher's face, the address, and the sections (a query only if used)."""
    return {**settings_context(present()), "sections": reads.sections}


def settings_context(face: Face) -> dict[str, Any]:
    """The part that needs neither request nor database."""
    return {
        "face": face,
        "SITE_NAME": face.name,
        "SITE_URL": settings.SITE_URL,
        "TIME_ZONE": timezone.get_current_timezone_name(),
        "LANGUAGES": LANGUAGES,
        "DEMO": settings.DEMO,
    }
