"""What our rules think of a text before anybody has seen it. Pure: no query, no clock, no settings."""

from __future__ import annotations

from comments.moderation.judge import judge
from comments.moderation.verdict import Draft, Outcome, Verdict

__all__ = ["Draft", "Outcome", "Verdict", "judge"]
