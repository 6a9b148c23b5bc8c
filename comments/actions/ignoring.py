"""Readers who do not want to see somebody's comments."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import acting
from accounts.models import User
from comments import events
from comments.models import MOST_IGNORED, Comment, Ignored
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Forbidden, NotFound


@transaction.atomic
def ignore(person_id: int, *, reader: User) -> User:
    """Fold this person's comments for `reader`; idempotent. Returns the person.

    Whoever has never published a comment is not found: the answer must not tell who has an account. Raises NotFound,
    NotLoggedIn, Forbidden for oneself and for one too many.
    """
    reader = acting(reader)
    spoke = Comment.objects.filter(author=person_id, published_at__isnull=False)
    person = User.objects.filter(pk=person_id).first() if person_id <= LARGEST_ID and spoke.exists() else None
    if person is None:
        raise NotFound(_("There is no such person."))
    if person == reader:
        raise Forbidden(_("You cannot ignore yourself."))
    mine = Ignored.objects.filter(reader=reader)
    if mine.filter(person=person).exists():
        return person
    if mine.count() >= MOST_IGNORED:
        raise Forbidden(_("You ignore too many people already."))
    Ignored.objects.bulk_create([Ignored(reader=reader, person=person)], ignore_conflicts=True)
    events.person_ignored(reader, person)
    return person


@transaction.atomic
def stop_ignoring(person_id: int, *, reader: User) -> None:
    """Show this person's comments again; idempotent. Raises NotLoggedIn."""
    reader = acting(reader)
    if person_id <= LARGEST_ID and Ignored.objects.filter(reader=reader, person=person_id).delete()[0]:
        events.person_heeded(reader, person_id)
