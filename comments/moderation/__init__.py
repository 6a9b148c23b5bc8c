"""Moderation rules, applied to a text before it is published. Pure: no query, no clock, nothing of the site's settings.

`judge` gives a Draft to the rules that are built in and to those that moderators have made, and keeps every verdict.
"""

from __future__ import annotations

from comments.moderation.judge import Rule, censored, judge
from comments.moderation.kinds import KINDS, check_of, why_it_waits, why_refused
from comments.moderation.pace import MOST_COUNTED, fingerprint
from comments.moderation.settings import BadSettings, settings_of
from comments.moderation.verdict import Author, Draft, Judgement, Outcome, Verdict

__all__ = [
    "KINDS",
    "MOST_COUNTED",
    "Author",
    "BadSettings",
    "Draft",
    "Judgement",
    "Outcome",
    "Rule",
    "Verdict",
    "censored",
    "check_of",
    "fingerprint",
    "judge",
    "settings_of",
    "why_it_waits",
    "why_refused",
]
