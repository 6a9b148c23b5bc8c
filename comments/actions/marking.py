"""The marks that moderators give to comments: pinned ones stand on top of their discussion, featured ones are
recommended, and below locked ones nobody answers any more.

The caller holds the discussion's stream, so no other comment there is pinned meanwhile.
"""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from comments.errors import TooManyPinned
from comments.models import Comment, Decision

MOST_PINNED = 3  # in one discussion
_Action = Decision.Action
_FIELD = {
    **dict.fromkeys([_Action.PIN, _Action.UNPIN], "pinned_at"),
    **dict.fromkeys([_Action.FEATURE, _Action.UNFEATURE], "featured_at"),
    **dict.fromkeys([_Action.LOCK, _Action.UNLOCK], "locked_at"),
}
_GIVING = {_Action.PIN, _Action.FEATURE, _Action.LOCK}
OPPOSITE = {
    _Action.PIN: _Action.UNPIN,
    _Action.UNPIN: _Action.PIN,
    _Action.FEATURE: _Action.UNFEATURE,
    _Action.UNFEATURE: _Action.FEATURE,
    _Action.LOCK: _Action.UNLOCK,
    _Action.UNLOCK: _Action.LOCK,
}


def is_done(comment: Comment, action: Decision.Action) -> bool:
    """Whether the comment has, or lacks, the mark already."""
    return (getattr(comment, _FIELD[action]) is not None) is (action in _GIVING)


def mark(comment: Comment, action: Decision.Action) -> None:
    """Give or take the mark, and store it. Text and state stay, so `settled` does. Raises TooManyPinned."""
    if action == _Action.PIN and not _is_room_beside(comment):
        sentence = _("At most %d comments can be pinned in a discussion: unpin another one first.") % MOST_PINNED
        raise TooManyPinned(sentence, most=MOST_PINNED)
    setattr(comment, _FIELD[action], timezone.now() if action in _GIVING else None)
    comment.version += 1
    comment.save(update_fields=[_FIELD[action], "version"])


def lose_marks(comment: Comment) -> None:
    """For a comment that is not the one any more that a moderator has marked. The caller stores it."""
    comment.pinned_at = comment.featured_at = None


def keep_marks(comment: Comment) -> None:
    """For one that comes back as it was: it is pinned again, unless others have taken its place meanwhile. The caller
    stores it.
    """
    if comment.pinned_at is not None and not _is_room_beside(comment):
        comment.pinned_at = None


def _is_room_beside(comment: Comment) -> bool:
    others = Comment.objects.pinned().filter(discussion=comment.discussion_id).exclude(pk=comment.pk)
    return others.count() < MOST_PINNED
