"""Moderation rules, applied to a text before it is published. Pure: no query, no clock, nothing of the site's settings.

`judge` gives a Draft to the rules that are built in and to those that moderators have made, and keeps every verdict.
"""

from __future__ import annotations

from comments.moderation.hook import Hook
from comments.moderation.judge import Rule, censored, judge
from comments.moderation.kinds import KINDS, check_of, kept_check, why_it_waits, why_refused
from comments.moderation.pace import MOST_COUNTED, fingerprint
from comments.moderation.settings import BadSettings, Check, forms_of, settings_of
from comments.moderation.verdict import Answer, Author, Draft, Finding, Judgement, Outcome, Scorer, Verdict

__all__ = [
    "KINDS",
    "MOST_COUNTED",
    "Answer",
    "Author",
    "BadSettings",
    "Check",
    "Draft",
    "Finding",
    "Hook",
    "Judgement",
    "Outcome",
    "Rule",
    "Scorer",
    "Verdict",
    "censored",
    "check_of",
    "fingerprint",
    "forms_of",
    "judge",
    "kept_check",
    "settings_of",
    "why_it_waits",
    "why_refused",
]
