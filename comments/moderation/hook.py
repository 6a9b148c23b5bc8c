"""The rule that asks a program elsewhere. The asking is done before, since it takes long; the rule reads the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from comments.moderation.settings import Check, Choice, Number, Wrong, setting
from comments.moderation.verdict import Answer, Draft, Finding, Outcome

PASS, HOLD = "pass", "hold"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the web, without a user and a fragment."""

    longest: int = 300

    def checked(self, value: Any) -> str:
        sentence = _("Give an address such as https://scorer.example/texts.")
        if not isinstance(value, str) or not 0 < len(value) <= self.longest or not value.isascii():
            raise Wrong(sentence)
        try:
            parts = urlsplit(value)
            is_known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError as error:
            raise Wrong(sentence) from error
        if not is_known or "@" in parts.netloc or "#" in value or any(not "!" <= sign <= "~" for sign in value):
            raise Wrong(sentence)
        return value


@dataclass(frozen=True)
class Hook(Check):
    """Texts to which the program at `url` gives at least `threshold` percent. If it does not answer within `seconds`,
    `on_failure` is what happens: they pass, or are held, whatever the rule's own action is.
    """

    url: str = setting(Address())
    threshold: int = setting(Number(1, 100), 50)
    seconds: int = setting(Number(1, 10), 2)
    on_failure: str = setting(Choice((PASS, HOLD)), PASS)

    def __call__(self, draft: Draft) -> Finding | None:
        answer: Answer | None = draft.answers.get(self)
        if answer is None:
            return None
        if answer.failure:
            held = Finding(score=0.0, detail=answer.failure, outcome=Outcome.HOLD)
            return held if self.on_failure == HOLD else None
        return Finding(answer.spans, answer.score, answer.detail) if answer.score * 100 >= self.threshold else None
