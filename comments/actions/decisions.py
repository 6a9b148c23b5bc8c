"""Each decision by its own name; `decide` does them all."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from comments.actions.deciding import decide
from comments.models import Comment, Decision

_Action = Decision.Action


def approve(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Publish a held comment; it gets its place now. Raises what `decide` raises."""
    return decide(comment_id, _Action.APPROVE, actor=actor, seen=seen, note=note)


def reject(
    comment_id: int, *, actor: User, reason: str, seen: Collection[int] | None = None, note: str = ""
) -> Comment:
    """Never publish a held comment. Raises what `decide` raises."""
    return decide(comment_id, _Action.REJECT, actor=actor, reason=reason, seen=seen, note=note)


def remove(
    comment_id: int, *, actor: User, reason: str, seen: Collection[int] | None = None, note: str = ""
) -> Comment:
    """Take a published comment down: its place stays, its text leaves pages and log. Raises what `decide` raises."""
    return decide(comment_id, _Action.REMOVE, actor=actor, reason=reason, seen=seen, note=note)


def restore(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Return a removed comment to its place, or publish a rejected one. Raises what `decide` raises."""
    return decide(comment_id, _Action.RESTORE, actor=actor, seen=seen, note=note)


def keep(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Let a reported comment stand; its reporters are told. Raises what `decide` raises."""
    return decide(comment_id, _Action.KEEP, actor=actor, seen=seen, note=note)


def reopen(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Let a rejected comment wait for a decision again. Raises what `decide` raises."""
    return decide(comment_id, _Action.REOPEN, actor=actor, seen=seen, note=note)


def rewrite(
    comment_id: int, *, actor: User, body: str, reason: str, seen: Collection[int] | None = None, note: str = ""
) -> Comment:
    """Replace the text of somebody else's comment; its history keeps the former one. Raises what `decide` raises."""
    return decide(comment_id, _Action.EDIT, actor=actor, body=body, reason=reason, seen=seen, note=note)


def pin(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Have a published comment stand on top of its discussion, too. Raises what `decide` raises, and TooManyPinned."""
    return decide(comment_id, _Action.PIN, actor=actor, seen=seen, note=note)


def unpin(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Take a comment from the top of its discussion. Raises what `decide` raises."""
    return decide(comment_id, _Action.UNPIN, actor=actor, seen=seen, note=note)


def feature(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Mark a published comment as recommended; its author is told. Raises what `decide` raises."""
    return decide(comment_id, _Action.FEATURE, actor=actor, seen=seen, note=note)


def unfeature(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Recommend a comment no longer. Raises what `decide` raises."""
    return decide(comment_id, _Action.UNFEATURE, actor=actor, seen=seen, note=note)


def lock(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Let nobody answer a comment, or anything below it, any more. Raises what `decide` raises."""
    return decide(comment_id, _Action.LOCK, actor=actor, seen=seen, note=note)


def unlock(comment_id: int, *, actor: User, seen: Collection[int] | None = None, note: str = "") -> Comment:
    """Let everybody answer there again. Raises what `decide` raises."""
    return decide(comment_id, _Action.UNLOCK, actor=actor, seen=seen, note=note)
