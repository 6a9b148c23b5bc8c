"""Somebody becomes a reader."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import events
from accounts.models import Consent, LegalPage, User
from newsroom.errors import Conflict


class TakenMeanwhile(Conflict):
    """Another person took the name or the address between the check of a form and its saving."""


def join(user: User) -> User:
    """Save a new person, filled from a checked form. Raises TakenMeanwhile."""
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise TakenMeanwhile(_("Somebody was faster by a moment. Please try again.")) from error
    return user


@transaction.atomic
def confirm(user_id: int) -> None:
    """Record that the person has proved their e-mail address."""
    if User.objects.filter(pk=user_id, is_confirmed=False).update(is_confirmed=True):
        events.standing_changed(user_id)


def accept_terms(user: User) -> Consent:
    """Record that a person has agreed to the present terms."""
    version = LegalPage.objects.current(LegalPage.Slug.TERMS).version
    return Consent.objects.get_or_create(user=user, page=LegalPage.Slug.TERMS, version=version)[0]
