"""Moderators hand cases over to each other."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import must
from accounts.audit import record
from accounts.duties import Duty
from accounts.models import User
from accounts.names import name_key
from comments import events
from comments.access import may_decide_about
from comments.actions.cases import claimable
from comments.actions.deciding import already_decided
from comments.models import MAX_NOTE, Case
from newsroom.errors import Invalid
from newsroom.text import clean, clean_line


@transaction.atomic
def hand_over(case_id: int, *, actor: User, to: str, note: str = "") -> Case:
    """Have another moderator decide about an open case, with a note for the moderators. `to`: the whole name. They are
    told, and the actor's own claim ends.

    It keeps nobody from deciding. Raises Forbidden, NotFound, Invalid, AlreadyDecided.
    """
    case, moderator = claimable(case_id, actor)
    must("comments.hand_over", moderator, case.section_id)
    note, errors = clean(note), {}
    person, sentence = _taker(clean_line(to), case, moderator)
    if sentence:
        errors["to"] = [sentence]
    if len(note) > MAX_NOTE:
        errors["note"] = [_("At most %d characters fit in here.") % MAX_NOTE]
    if errors or person is None:
        raise Invalid(_("Some fields need another look."), errors=errors)
    if not case.is_open:
        raise already_decided(case.comment)
    before = case.handed_to_id
    case.handed_by, case.handed_to, case.handed_note, case.handed_at = moderator, person, note, timezone.now()
    if case.claimed_by == moderator:
        case.claimed_by = case.claimed_until = None
    case.save(update_fields=["handed_by", "handed_to", "handed_note", "handed_at", "claimed_by", "claimed_until"])
    now = {"handed_to": person.pk, "handed_at": case.handed_at}
    record(moderator, "case.handed_over", case.subject, {"handed_to": before} if before else {}, now)
    events.case_handed_over(case, person)
    return case


def _taker(name: str, case: Case, giver: User) -> tuple[User | None, str]:
    """Whoever has this name, and what keeps them from taking the case, or ""."""
    person = User.objects.filter(name_key=name_key(name), is_active=True).first() if name else None
    if not name:
        return None, _("To whom?")
    if person is None:
        return None, _("There is no such person.")
    if person == giver:
        return person, _("That is you.")
    if not person.may(Duty.MODERATE, case.section_id):
        return person, _("This person does not moderate here.")
    if not may_decide_about(person, case.comment):
        return person, _("This person may not decide about this comment either.")
    return person, ""
