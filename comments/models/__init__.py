"""Discussions and comments. `comments.actions` writes the rows; only `comments.folds` writes tallies."""

from __future__ import annotations

from comments.models.aliases import Alias
from comments.models.bulk import BULK_UNDO_WINDOW, BulkItem, BulkJob
from comments.models.cases import MAX_REPORT, Case, QueueTally, Report, ReporterTally
from comments.models.comments import MAX_NORM, MAX_NOTE, MAX_WORDS, UNDO_WINDOW, Comment, CommentRevision, Decision
from comments.models.discussions import (
    AT_WORK,
    MAX_LINE,
    MAX_REASON,
    MAX_TEXT,
    Discussion,
    OpeningHours,
    page_of,
    public,
)
from comments.models.drafts import Draft
from comments.models.figures import DayTally
from comments.models.filters import MAX_FILTER_NAME, MAX_QUERY, SavedFilter
from comments.models.ignored import MOST_IGNORED, Ignored
from comments.models.imports import CommentImport, ImportPart
from comments.models.learning import LearnedModel
from comments.models.looks import SecondLook
from comments.models.merges import Merge
from comments.models.people import MAX_PERSON_NOTE, FormalWarning, PersonNote
from comments.models.reactions import ImportedVotes, Reaction
from comments.models.read import ReadMark
from comments.models.refused import KEPT, RefusedText
from comments.models.rules import MAX_DETAIL, MAX_RULE_NAME, AuthorTally, Rule, RuleBook, RuleHit, RuleRun
from comments.models.sealed import SealedAddress
from comments.models.tallies import CommentTally, DiscussionTally, IdempotencyKey
from comments.models.texts import CannedText

__all__ = [
    "AT_WORK",
    "BULK_UNDO_WINDOW",
    "KEPT",
    "MAX_DETAIL",
    "MAX_FILTER_NAME",
    "MAX_LINE",
    "MAX_NORM",
    "MAX_NOTE",
    "MAX_PERSON_NOTE",
    "MAX_QUERY",
    "MAX_REASON",
    "MAX_REPORT",
    "MAX_RULE_NAME",
    "MAX_TEXT",
    "MAX_WORDS",
    "MOST_IGNORED",
    "UNDO_WINDOW",
    "Alias",
    "AuthorTally",
    "BulkItem",
    "BulkJob",
    "CannedText",
    "Case",
    "Comment",
    "CommentImport",
    "CommentRevision",
    "CommentTally",
    "DayTally",
    "Decision",
    "Discussion",
    "DiscussionTally",
    "Draft",
    "FormalWarning",
    "IdempotencyKey",
    "Ignored",
    "ImportPart",
    "ImportedVotes",
    "LearnedModel",
    "Merge",
    "OpeningHours",
    "PersonNote",
    "QueueTally",
    "Reaction",
    "ReadMark",
    "RefusedText",
    "Report",
    "ReporterTally",
    "Rule",
    "RuleBook",
    "RuleHit",
    "RuleRun",
    "SavedFilter",
    "SealedAddress",
    "SecondLook",
    "page_of",
    "public",
]
