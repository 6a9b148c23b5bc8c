"""Exceptions that name why a comment cannot be posted or changed."""

from __future__ import annotations

from datetime import datetime

from comments.moderation import Judgement
from newsroom.api.renderers import iso
from newsroom.errors import Conflict, Forbidden, Refused, TooManyRequests


class DiscussionClosed(Refused):
    """Nobody can post here; `opens_at` or `closes_at` says when that changes or changed (ISO 8601, null: by hand).

    `retry_after`, in seconds, is given if it will open by itself.
    """

    code = "discussion_closed"
    status = 403

    def __init__(
        self,
        detail: str,
        *,
        opens_at: datetime | None = None,
        closes_at: datetime | None = None,
        retry_after: int | None = None,
    ) -> None:
        wait = {} if retry_after is None else {"retry_after": retry_after}
        super().__init__(detail, opens_at=iso(opens_at), closes_at=iso(closes_at), **wait)


class Unacknowledged(Forbidden):
    """The person must acknowledge a warning before they write; `warning` is {id, reason, text, created_at, url}."""

    code = "unacknowledged_warning"


class BranchLocked(Refused):
    """A moderator has closed the replies to the comment, or to one above it; `locked` is that one's id."""

    code = "branch_locked"
    status = 403


class SlowMode(TooManyRequests):
    """The discussion asks for a pause between two comments of one person; `retry_after` in seconds."""

    code = "slow_mode"


class Duplicate(Refused):
    """The same text as this person's last comment here."""

    code = "duplicate"
    status = 422


class RefusedByRule(Refused):
    """A moderators' rule does not let this text in. What stands beside `rule`, its kind, is for moderators alone."""

    def __init__(self, detail: str, *, judgement: Judgement, text: str, discussion: int) -> None:
        super().__init__(detail, rule=judgement.decisive.kind)
        self.judgement, self.text, self.discussion = judgement, text, discussion


class IdempotencyMismatch(Conflict):
    """The key was used for another text."""

    code = "idempotency_mismatch"


class AlreadyDecided(Conflict):
    """Another person decided first; `state` is the comment's present state."""

    code = "already_decided"


class TooLate(Conflict):
    """A decision can be undone for a minute only."""

    code = "too_late"


class TooManyPinned(Conflict):
    """So many comments are pinned in the discussion that no other one fits; `most` is their number."""

    code = "too_many_pinned"


class CountDiffers(Conflict):
    """Another number of comments was chosen than the one that was typed in; `count` is the exact one."""

    code = "count_differs"


class Busy(Conflict):
    """Too many are writing in the discussion just now; nothing is wrong with what was asked for."""


class AlreadyUndone(Conflict):
    """The decision has been undone before."""

    code = "already_undone"


class NotYourDecision(Forbidden):
    """Only the person who decided may undo it."""


class NotYourComment(Forbidden):
    """Only its author may do this."""


class OwnComment(Forbidden):
    """Nobody reports a comment of their own, or decides about it."""


class HigherRank(Forbidden):
    """Its author has a higher rank than the person who would decide."""


class EditWindowOver(Forbidden):
    """A comment can be edited for a few minutes only."""


class UndoWindowOver(Forbidden):
    """A withdrawal can be undone for a minute only."""
