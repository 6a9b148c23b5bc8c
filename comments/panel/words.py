"""What the script of the queue says: to moderators in their language, and what authors will read in theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from accounts.models import User
from accounts.reasons import Reason

SAMPLES = {"one": 1, "few": 2, "many": 5, "other": 5}  # a number for each plural category, as in all words of scripts


def words() -> dict[str, Any]:
    """{name: sentence}, or {name: {category: sentence}} if `{n}` decides."""
    return {
        "queue_approve": _("Approved by {name}"),
        "queue_reject": _("Rejected by {name}"),
        "queue_remove": _("Removed by {name}"),
        "queue_keep": _("Kept by {name}"),
        "queue_restore": _("Restored by {name}"),
        "queue_reopen": _("Opened again by {name}"),
        "queue_edit": _("Changed by {name}"),
        "queue_you": _("you"),
        "queue_rule": _("a rule"),
        "queue_gone": _("Withdrawn by its author"),
        "queue_closed": _("No longer open"),
        "queue_done_approve": _("Approved"),
        "queue_done_reject": _("Rejected"),
        "queue_done_remove": _("Removed"),
        "queue_done_keep": _("Stays"),
        "queue_done_edit": _("Changed"),
        "queue_done_hand": _("Handed over to {to}"),
        "queue_handed": _("{by} hands this over to {to}"),
        "queue_texts": _("A text that is kept ready"),
        "queue_no_texts": _("No text is kept ready in the author’s language."),
        "queue_undone": _("The decision is undone."),
        "queue_not_decided": _("Not decided:"),
        "queue_look": _("Look"),
        "queue_reopen_it": _("Reopen"),
        "queue_reopened": _("The comment waits again."),
        "queue_claim": _("{name} reads this"),
        "queue_changed": _("The text has changed."),
        "queue_reported": _("It was reported again."),
        "queue_reason": _("Reason"),
        "queue_author_reads": _("The author reads:"),
        "queue_end": _("There is nothing more to decide here."),
        "queue_none_new": _("Nothing new has come."),
        "queue_key_taken": _("This key has another use already."),
        "queue_key_press": _("Press a key …"),
        "queue_key_change": _("Change"),
        "removed_done": _("The comment has been removed."),
        "restored_done": _("The comment is back."),
        "edited_done": _("The text is changed."),
        "barred_done": _("The restriction is in force."),
        "muted_done": _("Muted for ten minutes."),
        "deed_mute": _("Mute {name} for ten minutes"),
        "queue_undo_left": _forms(lambda n: ngettext("Undo, {n} second left", "Undo, {n} seconds left", n)),
        "new_cases": _forms(lambda n: ngettext("{n} new case", "{n} new cases", n)),
        **{f"reason_{code}": str(label) for code, label in Reason.choices},
    }


def _forms(form: Callable[[int], str]) -> dict[str, str]:
    return {category: form(number) for category, number in SAMPLES.items()}


def told_to_authors() -> dict[str, Any]:
    """Language → {reject, remove: a sentence with {reason}; reasons: by code}: what an author reads of a decision."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = {
                "reject": _("Your comment was not published. Reason: {reason}"),
                "remove": _("Your comment was removed. Reason: {reason}"),
                "reasons": {code: str(label) for code, label in Reason.choices},
            }
    return found


def language_of(author: User | None) -> str:
    return (author.language if author else "") or settings.LANGUAGE_CODE
