"""Who has reacted to a comment, for readers with an account."""

from __future__ import annotations

from django.conf import settings

from accounts.models import User
from comments.access import moderates_in
from comments.models import Comment, Ignored, Reaction
from newsroom.api.paging import DEFAULT_LIMIT, Page, keyset


def reactions_page(comment: Comment, reader: User, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[Reaction]:
    """The reactions to a published comment with their people, the newest first; none to another one.

    Whom `reader` ignores is left out, unless they moderate here. One statement. Raises UnknownCursor.
    """
    is_shown = comment.state == Comment.State.PUBLISHED
    rows = Reaction.objects.filter(comment=comment, name__in=list(settings.REACTIONS) if is_shown else [])
    if not moderates_in(reader, comment.discussion):
        rows = rows.exclude(person__in=Ignored.objects.filter(reader=reader).values("person"))
    shown = ("person__name", "person__role", "person__avatar", "person__is_hidden")
    rows = rows.select_related("person").only("comment", "name", *shown)
    return keyset(rows, scope=f"reactions.{comment.pk}", keys=["id"], limit=limit, cursor=cursor)
