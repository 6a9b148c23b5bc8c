"""One decision about many comments, each on its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.access import acting
from accounts.models import User
from comments import events
from comments.actions.deciding import checked, decide, must_moderate
from newsroom.errors import Refused

type Seen = tuple[int, int]  # a comment's id, and the version that it was chosen in


def decide_many(chosen: Iterable[Seen], action: str, *, actor: User, reason: str = "", note: str = "") -> int:
    """Decide each of them as it was chosen; the moderator is told how many were, and how many were refused.

    Each commits on its own, so that others write in between. How many. Raises Forbidden, Invalid.
    """
    must_moderate(acting(actor))
    checked(actor, action, reason, note)
    done = refused = 0
    for comment_id, version in chosen:
        try:
            decide(comment_id, action, actor=actor, reason=reason, seen={version}, note=note)
            done += 1
        except Refused:
            refused += 1
    with transaction.atomic():
        events.many_decided(actor, done, refused)
    return done
