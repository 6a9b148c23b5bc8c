from __future__ import annotations

from collections.abc import Callable, Sequence

from comments.moderation import rules
from comments.moderation.verdict import Draft, Outcome, Verdict

type Rule = Callable[[Draft], Verdict | None]

RULES: Sequence[Rule] = (rules.empty, rules.too_long, rules.repeated, rules.premoderated, rules.too_many_links)


def judge(draft: Draft, given: Sequence[Rule] = RULES) -> Verdict:
    """The harshest verdict; of equals the first. Nobody objects: PUBLISH. A trusted author is never held."""
    verdicts = [verdict for rule in given if (verdict := rule(draft)) is not None]
    if draft.trusted:
        verdicts = [verdict for verdict in verdicts if verdict.outcome is not Outcome.HOLD]
    return max(verdicts, key=lambda verdict: verdict.outcome, default=Verdict(Outcome.PUBLISH))
