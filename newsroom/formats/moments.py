"""Formats a time in the present zone, the reader's own or the site's, alike on pages, in sentences and (by
static/newsroom/time.js) live.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


def in_words(moment: datetime) -> str:
    """For example "28. November 2026, 19:05 Uhr"."""
    local = timezone.localtime(moment)
    day, hour = date_format(local, "DATE_FORMAT"), date_format(local, "TIME_FORMAT")
    return _("%(day)s, %(hour)s") % {"day": day, "hour": hour}


def zone_named(name: str) -> ZoneInfo | None:
    """The zone of that name. None for "", and for one that this machine does not know any more."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: it names a folder of zones, such as "Europe"
        return None


@cache
def time_zones() -> tuple[str, ...]:
    """The zones that a person may choose, such as Europe/Berlin, sorted."""
    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(_NOT_PLACES)))
