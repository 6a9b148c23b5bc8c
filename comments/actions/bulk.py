"""One decision about many comments, each in a transaction of its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.access import acting, must_somewhere
from accounts.models import User
from comments import events
from comments.actions.deciding import checked, decide
from newsroom.errors import Refused

type Seen = tuple[int, int]  # a comment's id, and the version that the moderator saw


def decide_many(chosen: Iterable[Seen], action: str, *, actor: User, reason: str = "", note: str = "") -> int:
    """Decide on each comment in the version that was seen. Then notify the moderator of the numbers decided and
    refused.

    Each commits by itself, so that others can write in between. Returns the number of decided comments. Raises
    Forbidden, Invalid.
    """
    must_somewhere("comments.decide_many", acting(actor))
    checked(actor, action, reason, note)
    done = refused = 0
    for comment_id, version in chosen:
        try:
            decide(comment_id, action, actor=actor, reason=reason, seen={version}, note=note, is_bulk=True)
            done += 1
        except Refused:
            refused += 1
    with transaction.atomic():
        events.many_decided(actor, done, refused)
    return done
