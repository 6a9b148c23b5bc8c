"""Reactions: add and remove them. A person has at most one of each kind on a comment.

A like and a dislike exclude each other: each replaces the other.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Sanction, User
from comments import events
from comments.access import find_comment, must_be_open
from comments.actions.guards import lock_both
from comments.models import Comment, Discussion, Reaction
from newsroom import limits
from newsroom.errors import Conflict, NotFound

OPPOSITE = {"like": "dislike", "dislike": "like"}


@transaction.atomic
def react(comment_id: int, name: str, *, actor: User, network: str | None = None) -> bool:
    """Add a reaction to a published comment and remove its opposite. False if it was there already.

    Only a change counts towards the limit. `network`: as in `post`. Raises NotFound, Conflict, DiscussionClosed,
    NotLoggedIn, Unconfirmed, Barred, TooManyRequests.
    """
    comment, discussion, author = _find(comment_id, name, actor)
    mine = Reaction.objects.filter(comment=comment, person=author)
    if mine.filter(name=name).exists():
        return False
    must_be_open(discussion, timezone.now())
    if comment.state != Comment.State.PUBLISHED:
        raise Conflict(_("Nobody can react to this comment."), state=comment.state)
    _count(author, network)
    if name in OPPOSITE:
        mine.filter(name=OPPOSITE[name]).delete()
    Reaction.objects.create(comment=comment, person=author, name=name)
    events.comment_reacted(comment)
    return True


@transaction.atomic
def take_back(comment_id: int, name: str, *, actor: User, network: str | None = None) -> bool:
    """Remove one's own reaction; False if there was none. `network`: as in `post`.

    Raises NotFound, NotLoggedIn, Unconfirmed, Barred, TooManyRequests.
    """
    comment, _discussion, author = _find(comment_id, name, actor)
    mine = Reaction.objects.filter(comment=comment, person=author, name=name)
    if not mine.exists():
        return False
    _count(author, network)
    mine.delete()
    events.comment_reacted(comment)
    return True


def _count(author: User, network: str | None) -> None:
    """Raises TooManyRequests."""
    limits.hit("reactions", author.pk)
    if network:
        limits.hit("reactions_address", network)


def _find(comment_id: int, name: str, actor: User) -> tuple[Comment, Discussion, User]:
    """The comment, its locked discussion, and the locked actor. Without the lock a merge could move the comment, and
    the actor's own changes could interleave.
    """
    if name not in settings.REACTIONS:
        raise NotFound(_("There is no such reaction."))
    peek = Comment.objects.only("discussion_id").filter(pk=comment_id).first()
    if peek is None:
        raise NotFound(_("There is no such comment."))
    discussion, author = lock_both(peek.discussion_id, actor, Sanction.Scope.REACT)
    comment = find_comment(author, comment_id)
    if comment.discussion_id != discussion.pk:
        raise Conflict(_("The comment has changed meanwhile."))
    return comment, discussion, author
