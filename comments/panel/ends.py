"""How long a switch by hand holds, as forms of the panel ask for it: so many hours, or for good; nothing is chosen."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from newsroom.database.keys import key_number
from newsroom.errors import Invalid

GOOD = "good"
ENDS = (
    ("1", gettext_lazy("one hour")),
    ("3", gettext_lazy("three hours")),
    ("12", gettext_lazy("twelve hours")),
    ("24", gettext_lazy("one day")),
    ("168", gettext_lazy("one week")),
    (GOOD, gettext_lazy("without an end")),
)


def end_of(chosen: str) -> datetime | None:
    """The time in so many hours; None: it has no end. Raises Invalid unless one of ENDS was chosen."""
    if chosen not in dict(ENDS):
        sentence = _("Choose for how long.")
        raise Invalid(_("Some fields need another look."), errors={"until": [sentence]})
    hours = key_number(chosen)
    return timezone.now() + timedelta(hours=hours) if hours else None
