"""What moderators write about people."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import acting, must_somewhere
from accounts.audit import record
from accounts.models import User
from comments.access import find_person
from comments.models import MAX_PERSON_NOTE, PersonNote
from newsroom.errors import Forbidden, Invalid
from newsroom.text import clean


@transaction.atomic
def note_person(person_id: int, *, actor: User, text: str) -> PersonNote:
    """Keep a note about a person, for moderators. Raises NotFound, Invalid, Forbidden (also about oneself)."""
    must_somewhere("comments.note_person", actor)
    actor = must_somewhere("comments.note_person", acting(actor))
    person = find_person(actor, person_id)
    if person.pk == actor.pk:
        raise Forbidden(_("Nobody keeps notes about themselves."))
    text = clean(text)
    sentence = ""
    if not text:
        sentence = _("The note needs a text.")
    elif len(text) > MAX_PERSON_NOTE:
        sentence = _("At most %d characters fit in here.") % MAX_PERSON_NOTE
    if sentence:
        raise Invalid(_("Some fields need another look."), errors={"text": [sentence]})
    note = PersonNote.objects.create(person=person, written_by=actor, text=text)
    record(actor, "person.noted", f"user.{person.pk}", {}, {"note": note.pk})  # the text stays where it is
    return note
