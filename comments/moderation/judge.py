from __future__ import annotations

from collections.abc import Sequence

from comments.moderation.rules import RULES, Rule
from comments.moderation.verdict import Draft, Outcome, Verdict


def judge(draft: Draft, given: Sequence[Rule] = RULES) -> Verdict:
    """The harshest verdict; among equals the first; PUBLISH without any. A trusted author's text is never held."""
    verdicts = [verdict for rule in given if (verdict := rule(draft)) is not None]
    if draft.trusted:
        verdicts = [verdict for verdict in verdicts if verdict.outcome is not Outcome.HOLD]
    return max(verdicts, key=lambda verdict: verdict.outcome, default=Verdict(Outcome.PUBLISH))
