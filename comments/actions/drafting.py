"""Drafts on the server, so that a person may go on writing on another device."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting
from accounts.models import User
from comments.actions.guards import RAW_FACTOR, Said, invalid_text
from comments.models import MAX_TEXT, Comment, Discussion, Draft
from newsroom.errors import Invalid
from newsroom.text import clean


@transaction.atomic
def keep_draft(discussion: Discussion, *, person: User, text: str, parent_id: int | None = None) -> Draft | None:
    """Store `text` as this person's only draft here; None if the text is empty. Raises Invalid."""
    person = acting(person)
    text = clean(text) if len(text) <= RAW_FACTOR * MAX_TEXT else text
    _must_fit(text)
    if parent_id is not None and not Comment.objects.filter(pk=parent_id, discussion=discussion).exists():
        sentence = _("This comment cannot be answered.")
        raise Invalid(sentence, errors={"parent": [sentence]})
    if not text:
        drop_draft(discussion, person=person)
        return None
    fields = {"text": text, "parent_id": parent_id, "updated_at": timezone.now()}
    draft, _is_new = Draft.objects.update_or_create(discussion=discussion, person=person, defaults=fields)
    return draft


def previewed(text: str) -> str:
    """The HTML that a comment of this text will have; nothing is stored. Raises Invalid for a text that is too long."""
    said = Said.of(text)
    _must_fit(said.text)
    return said.html


@transaction.atomic
def drop_draft(discussion: Discussion, *, person: User) -> None:
    """Delete the draft; idempotent."""
    person = acting(person)
    Draft.objects.filter(discussion=discussion, person=person).delete()


def _must_fit(text: str) -> None:
    if len(text) > MAX_TEXT:
        raise invalid_text(_("At most %d characters fit in here.") % MAX_TEXT)
