"""Gives people the comments that they wrote elsewhere, by the address that they have confirmed here."""

from __future__ import annotations

from itertools import batched

from django.db import transaction
from django.db.models import F

from accounts.access import acting
from accounts.audit import record
from accounts.models import User
from comments import events
from comments.folds import authors
from comments.importers.sealing import seals_of, written_by
from comments.models import Comment, Discussion
from newsroom.database.statements import among
from newsroom.live.outbox import hold

AT_ONCE = 200  # comments in a transaction


def take_over(*, actor: User) -> int:
    """Make all imported comments theirs that were written with the address that they have confirmed here. Returns how
    many. Raises NotLoggedIn.
    """
    actor = acting(actor)
    if number := written_by(seals_of(actor)).count():
        record(actor, "comments.taken_over", f"user.{actor.pk}", {}, {"comments": number})
    return return_comments(actor)


def return_comments(person: User) -> int:
    """The same for somebody else, by the operator's command; 0 for an address that is not confirmed. It can be repeated
    after an interruption.
    """
    number = 0
    for seal in seals_of(person):
        found = written_by([seal]).order_by("discussion", "pk").values_list("pk", flat=True)
        for some in batched(list(found), AT_ONCE):
            number += _give(person, some)
        seal.delete()
    return number


@transaction.atomic
def _give(person: User, ids: tuple[int, ...]) -> int:
    places = Discussion.objects.filter(comments__in=among(ids)).distinct().order_by("pk")
    hold(*(each.stream for each in places))
    rows = list(Comment.objects.select_for_update(no_key=True).filter(pk__in=among(ids), author=None))
    if not rows:
        return 0
    number = Comment.objects.filter(pk__in=among([row.pk for row in rows])).update(
        author=person, author_name="", author_key="", version=F("version") + 1
    )
    authors.count_published(
        Comment(author_id=person.pk, text=row.text) for row in rows if row.state == Comment.State.PUBLISHED
    )
    for each in places:
        events.discussion_rebuilt(each)
    return number
