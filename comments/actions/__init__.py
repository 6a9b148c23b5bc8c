"""Every action on discussions and comments. No other code writes them."""

from __future__ import annotations

from comments.actions.both import decide_and_restrict, decide_and_warn
from comments.actions.bulk import cancel_bulk, start_bulk, undo_bulk
from comments.actions.cases import claim, release
from comments.actions.deciding import REASONED, decide, take_down
from comments.actions.decisions import (
    approve,
    feature,
    keep,
    lock,
    pin,
    reject,
    remove,
    reopen,
    restore,
    rewrite,
    unfeature,
    unlock,
    unpin,
)
from comments.actions.discussions import (
    change_discussion,
    close_discussion,
    discussion_of,
    open_discussion,
    start_chat,
    start_discussion,
)
from comments.actions.drafting import drop_draft, keep_draft
from comments.actions.editing import edit, undo, withdraw
from comments.actions.filters import drop_filter, save_filter
from comments.actions.foreign import discuss_page
from comments.actions.handing import hand_over
from comments.actions.ignoring import ignore, stop_ignoring
from comments.actions.imports import add_import, begin_import, drop_import
from comments.actions.looks import judge_again
from comments.actions.merging import merge, undo_merge
from comments.actions.people import note_person
from comments.actions.posting import Posted, post
from comments.actions.reacting import react, take_back
from comments.actions.reading import mark_read
from comments.actions.reporting import report
from comments.actions.returning import take_over
from comments.actions.rules import change_rule, drop_rule, make_rule
from comments.actions.running import cancel_run, start_run
from comments.actions.texts import add_text, change_text, drop_text
from comments.actions.times import drop_hours, set_hours
from comments.actions.undoing import undo_decision
from comments.actions.warnings import acknowledge_warning, warn_person, withdraw_warning

__all__ = [
    "REASONED",
    "Posted",
    "acknowledge_warning",
    "add_import",
    "add_text",
    "approve",
    "begin_import",
    "cancel_bulk",
    "cancel_run",
    "change_discussion",
    "change_rule",
    "change_text",
    "claim",
    "close_discussion",
    "decide",
    "decide_and_restrict",
    "decide_and_warn",
    "discuss_page",
    "discussion_of",
    "drop_draft",
    "drop_filter",
    "drop_hours",
    "drop_import",
    "drop_rule",
    "drop_text",
    "edit",
    "feature",
    "hand_over",
    "ignore",
    "judge_again",
    "keep",
    "keep_draft",
    "lock",
    "make_rule",
    "mark_read",
    "merge",
    "note_person",
    "open_discussion",
    "pin",
    "post",
    "react",
    "reject",
    "release",
    "remove",
    "reopen",
    "report",
    "restore",
    "rewrite",
    "save_filter",
    "set_hours",
    "start_bulk",
    "start_chat",
    "start_discussion",
    "start_run",
    "stop_ignoring",
    "take_back",
    "take_down",
    "take_over",
    "undo",
    "undo_bulk",
    "undo_decision",
    "undo_merge",
    "unfeature",
    "unlock",
    "unpin",
    "warn_person",
    "withdraw",
    "withdraw_warning",
]
