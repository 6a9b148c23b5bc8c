"""Discussions, comments, decisions and imports at the desk. Every change is an action."""

from comments.admin.comments import CommentAdmin
from comments.admin.decisions import DecisionAdmin
from comments.admin.discussions import DiscussionAdmin, OpeningHoursAdmin
from comments.admin.imports import ImportAdmin

__all__ = ["CommentAdmin", "DecisionAdmin", "DiscussionAdmin", "ImportAdmin", "OpeningHoursAdmin"]
