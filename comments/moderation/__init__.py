"""Moderation rules, applied to a text before it is published. Pure: no query, no clock, no settings."""

from __future__ import annotations

from comments.moderation.judge import judge
from comments.moderation.rules import why_it_waits
from comments.moderation.verdict import Draft, Outcome, Verdict

__all__ = ["Draft", "Outcome", "Verdict", "judge", "why_it_waits"]
