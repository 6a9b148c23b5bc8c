"""Discussions and what is said in them. Rows are written by `comments.actions`, tallies by `comments.folds` alone."""

from __future__ import annotations

from comments.models.aliases import Alias
from comments.models.comments import MAX_NOTE, Comment, CommentRevision, Decision
from comments.models.discussions import MAX_LINE, MAX_REASON, MAX_TEXT, Discussion, OpeningHours
from comments.models.drafts import Draft
from comments.models.merges import Merge
from comments.models.reactions import Reaction
from comments.models.tallies import CommentTally, DiscussionTally, IdempotencyKey

__all__ = [
    "MAX_LINE",
    "MAX_NOTE",
    "MAX_REASON",
    "MAX_TEXT",
    "Alias",
    "Comment",
    "CommentRevision",
    "CommentTally",
    "Decision",
    "Discussion",
    "DiscussionTally",
    "Draft",
    "IdempotencyKey",
    "Merge",
    "OpeningHours",
    "Reaction",
]
