from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from comments.moderation.rules import ALWAYS, DEFAULTS
from comments.moderation.settings import Check
from comments.moderation.verdict import Draft, Judgement, Outcome, Verdict

COVER = "•"  # replaces a sign of a censored word


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that moderators have made, in force now."""

    id: int | None
    name: str
    kind: str
    check: Check
    action: Outcome
    version: int = 1
    section: int | None = None  # None: everywhere
    is_shadow: bool = False

    def is_for(self, draft: Draft) -> bool:
        return self.section is None or self.section == draft.section

    def judge(self, draft: Draft) -> Verdict | None:
        if not self.is_for(draft):
            return None
        found = self.check(draft)
        if found is None:
            return None
        return Verdict(
            outcome=self.action if found.outcome is None else found.outcome,
            rule=self.name,
            kind=self.kind,
            detail=found.detail,
            spans=found.spans,
            score=found.score,
            rule_id=self.id,
            version=self.version,
            is_shadow=self.is_shadow,
        )


def judge(draft: Draft, rules: Iterable[Rule] = ()) -> Judgement:
    """All verdicts. The harshest decides, among equals the first by name; PUBLISH without any.

    A trusted author's text is never held, and only the conditions of every text apply to it. What is no text at all is
    shown to no other rule.
    """
    found = [verdict for check in ALWAYS if (verdict := check(draft)) is not None]
    if not draft.trusted and all(verdict.outcome is not Outcome.REFUSE for verdict in found):
        found += _further(draft, list(rules))
    if draft.trusted:
        found = [verdict for verdict in found if verdict.outcome is not Outcome.HOLD]
    found.sort(key=lambda verdict: (verdict.rule, verdict.rule_id or 0))
    live = [verdict for verdict in found if not verdict.is_shadow]
    return Judgement(tuple(found), max(live, key=lambda verdict: verdict.outcome, default=Verdict(Outcome.PUBLISH)))


def _further(draft: Draft, rules: list[Rule]) -> Iterator[Verdict]:
    """Of the moderators' rules, and of the defaults that none of these replaces."""
    replaced = {rule.kind for rule in rules if not rule.is_shadow and rule.section in {None, draft.section}}
    defaults = (check(draft) for kind, check in DEFAULTS.items() if kind not in replaced)
    judged = (rule.judge(draft) for rule in rules)
    yield from (verdict for verdict in (*defaults, *judged) if verdict is not None)


def censored(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with these places covered, sign by sign, so that all other places keep their numbers."""
    signs = list(text)
    for start, end in spans:
        signs[start:end] = [sign if sign.isspace() else COVER for sign in signs[start:end]]
    return "".join(signs)
