"""Filters of the queue that a moderator keeps under a name, for nobody else."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import acting, hold, must_moderate_somewhere
from accounts.models import User
from comments.models import MAX_FILTER_NAME, MAX_QUERY, SavedFilter
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, Invalid, NotFound
from newsroom.text import clean_line

MOST_FILTERS = 30  # of one person


@transaction.atomic
def save_filter(*, actor: User, name: str, query: str) -> SavedFilter:
    """Keep a choice of cases under a name. `query`: as `reads.cases.Choice.query` writes it.

    Raises Forbidden, Invalid, Conflict (too many).
    """
    hold(actor.pk)  # so that two requests at once do not go beyond the limit
    actor, name = must_moderate_somewhere(acting(actor)), clean_line(name)
    own = SavedFilter.objects.filter(person=actor)
    if own.count() >= MOST_FILTERS:
        raise Conflict(_("At most %d filters are kept. Delete one of them first.") % MOST_FILTERS)
    sentence = ""
    if not name:
        sentence = _("It needs a name.")
    elif len(name) > MAX_FILTER_NAME:
        sentence = _("At most %d characters fit in here.") % MAX_FILTER_NAME
    elif own.filter(name=name).exists():
        sentence = _("You have a filter of this name already.")
    if sentence:
        raise Invalid(_("Some fields need another look."), errors={"name": [sentence]})
    if len(query) > MAX_QUERY:
        raise Invalid(_("This choice is too long to be kept."))
    return SavedFilter.objects.create(person=actor, name=name, query=query)


@transaction.atomic
def drop_filter(filter_id: int, *, actor: User) -> None:
    """Delete one of one's own. Raises Forbidden, NotFound."""
    actor = must_moderate_somewhere(acting(actor))
    number, _rows = SavedFilter.objects.filter(pk=min(filter_id, LARGEST_ID), person=actor).delete()
    if not number:
        raise NotFound(_("There is no such filter."))
