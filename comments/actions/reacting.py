"""Reactions: one of each kind a person and comment, put and taken back as often as they like."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Sanction, User
from comments import events
from comments.access import find_comment, must_be_open
from comments.actions.speaking import lock_both
from comments.models import Comment, Discussion, Reaction
from newsroom import limits
from newsroom.errors import Conflict, NotFound
from newsroom.transactions import short


@short
def react(comment_id: int, name: str, *, actor: User, network: str | None = None) -> bool:
    """Put a reaction to a published comment; False if it was there already, which costs nothing.

    `network`: as in `post`.

    Raises NotFound, Conflict, DiscussionClosed, NotLoggedIn, Unconfirmed, Barred, TooManyRequests.
    """
    comment, discussion, author = _find(comment_id, name, actor)
    if Reaction.objects.filter(comment=comment, person=author, name=name).exists():
        return False
    must_be_open(discussion, timezone.now())
    if comment.state != Comment.State.PUBLISHED:
        raise Conflict(_("Nobody can react to this comment."), state=comment.state)
    _count(author, network)
    Reaction.objects.create(comment=comment, person=author, name=name)
    events.comment_reacted(comment)
    return True


@short
def take_back(comment_id: int, name: str, *, actor: User, network: str | None = None) -> bool:
    """Take one's reaction back, wherever it is; False if there was none. `network`: as in `post`.

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
    """The comment, its discussion, which is locked, since until then a merge may move the comment, and the actor,
    whose own changes come one by one.
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
