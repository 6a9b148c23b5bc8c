"""When mails about notifications are due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from accounts.notifications.telling_by_mail import WAIT

DIGESTS = ("hourly", "daily", "weekly")
MORNING = time(7)  # in the person's zone


def due_after(moment: datetime, series: str, zone: str) -> datetime:
    """When the mail about something that happens at `moment` is due. `zone`: the person's, "" stands for the site's.

    Never before decisions about it can no longer be undone. The hour of a day is that of the wall clock, also on days
    on which it is set back or forward.
    """
    ripe = moment + WAIT
    if series not in DIGESTS:
        return ripe
    if series == "hourly":
        return ripe.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    there = ZoneInfo(zone or settings.TIME_ZONE)
    today = ripe.astimezone(there).date()
    days = [today + timedelta(days=number) for number in range(9)]
    mornings = [datetime.combine(day, MORNING, there) for day in days if series == "daily" or day.weekday() == 0]
    return next(morning.astimezone(UTC) for morning in mornings if morning > ripe)
