"""Gives people the comments that they wrote elsewhere, by the address that they have confirmed here."""

from __future__ import annotations

from itertools import batched

from django.db import transaction
from django.db.models import F

from accounts.models import User
from comments import events
from comments.folds import authors
from comments.importers.sealing import digests_of
from comments.models import Comment, Discussion, SealedAddress
from newsroom.database.statements import among
from newsroom.live.outbox import hold

AT_ONCE = 200  # comments in a transaction


def return_comments(person: User) -> int:
    """Make all imported comments theirs whose sealed address is the one that this person has confirmed. Returns how
    many; 0 for an address that is not confirmed. Interrupted, it can be repeated.
    """
    if not person.is_confirmed:
        return 0
    sealed = list(SealedAddress.objects.filter(digest__in=digests_of(person.email)))
    number = 0
    for each in sealed:
        rows = Comment.objects.exclude(source="").filter(source=each.source, author_key=each.author_key, author=None)
        found = rows.order_by("discussion", "pk").values_list("pk", flat=True)
        for some in batched(list(found), AT_ONCE):
            number += _give(person, some)
        each.delete()
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
