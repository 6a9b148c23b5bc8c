"""The sheet by which a moderator restricts a person: its fields, the ladder's proposals, and what the person reads."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from accounts import actions
from accounts.access import sentence_of
from accounts.models import Sanction, User
from accounts.reasons import Reason
from accounts.sections import by_slug
from comments.ladder import WINDOW, Proposal
from newsroom.errors import Invalid
from newsroom.text import clean

FIELDS = ("scope", "section", "length", "date", "reason", "text", "note")
DATE, FOR_GOOD = "date", "good"
LENGTHS = {
    "1": gettext_lazy("1 day"),
    "3": gettext_lazy("3 days"),
    "7": gettext_lazy("7 days"),
    "30": gettext_lazy("30 days"),
    DATE: gettext_lazy("until a date"),
    FOR_GOOD: gettext_lazy("for good"),
}


def restrict(request: HttpRequest, actor: User, person: User) -> None:
    """Impose what the form says. Raises Invalid, and what `impose_sanction` raises."""
    actions.impose_sanction(person.pk, actor=actor, **_read(request))


def preview(request: HttpRequest, person: User) -> str:
    """What the person reads, in their language. Nothing is stored. Raises Invalid."""
    known = _read(request)
    del known["note"]
    with override(person.language or settings.LANGUAGE_CODE):
        sentence = sentence_of(Sanction(user=person, **known))
    return " ".join(part for part in (sentence, clean(known["text"])) if part)


def proposed(proposals: Iterable[Proposal]) -> list[str]:
    """Sentences such as “7 days – 3rd offence (insult) in 90 days, nothing overturned”."""
    return [_sentence(each) for each in proposals]


def section_of(slug: str) -> int | None:
    """The id of the section; None, which is everywhere, for none. Raises Invalid."""
    found = by_slug(slug) if slug else None
    if slug and found is None:
        sentence = _("There is no such section.")
        raise Invalid(sentence, {"section": [sentence]})
    return found


def _sentence(proposal: Proposal) -> str:
    if proposal.is_warning:
        measure = _("a warning")
    elif proposal.is_for_good:
        measure = str(LENGTHS[FOR_GOOD])
    else:
        measure = str(LENGTHS[str(proposal.days)])
    overturned = (
        ngettext("{n} overturned", "{n} overturned ones", proposal.overturned).format(n=proposal.overturned)
        if proposal.overturned
        else _("nothing overturned")
    )
    sentence = ngettext(
        "{measure} – {reason}: {n} offence in {days} days, {overturned}",
        "{measure} – {reason}: {n} offences in {days} days, {overturned}",
        proposal.count,
    )
    reason = Reason(proposal.reason).label
    return sentence.format(measure=measure, reason=reason, n=proposal.count, days=WINDOW.days, overturned=overturned)


def _read(request: HttpRequest) -> dict[str, Any]:
    """The fields as `impose_sanction` takes them. Raises Invalid, with all that is missing."""
    said = {name: request.POST.get(name, "") for name in FIELDS}
    errors: dict[str, list[str]] = {}
    if said["scope"] not in Sanction.Scope.values:
        errors["scope"] = [_("Choose from what.")]
    if said["reason"] not in Reason.values:
        errors["reason"] = [_("Choose a reason: the person is told.")]
    if said["length"] not in LENGTHS:
        errors["length"] = [_("Choose for how long.")]
    until = None
    if said["length"] == DATE or said["date"]:
        until = _end_of(said["date"])
        if until is None or until <= timezone.now():
            errors["date"] = [_("Choose a day that is still to come.")]
    section = None
    try:
        section = section_of(said["section"])
    except Invalid as refused:
        errors |= refused.extra["errors"]
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
    if said["length"] == FOR_GOOD:
        until = None
    elif said["length"] != DATE:
        until = timezone.now() + timedelta(days=int(said["length"]))
    return {
        "scope": said["scope"],
        "section": section,
        "until": until,
        "reason": said["reason"],
        "text": said["text"],
        "note": said["note"],
    }


def _end_of(written: str) -> datetime | None:
    """The end of that day, in the site's time zone; None if it is no day."""
    try:
        day = parse_date(written)
    except ValueError:
        return None
    if day is None or day >= date.max:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
