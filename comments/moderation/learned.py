"""The rule that has learned from moderators, and in which language a text is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comments.moderation.settings import Check, Number, setting
from comments.moderation.verdict import Draft, Finding, Scorer

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_MOST = 2000  # characters that tell the language
_COMMON_WORDS = {
    "de": (
        "der die das den dem des ein eine einen einem einer und oder aber nicht kein keine ist sind war wird werden ich"
        " du er sie es wir ihr mich dir uns mit von zu zum zur im auf für auch noch nur schon wenn dass wie was wer so"
        " bei nach aus über hat haben habe bist mein dein sich man mal doch"
    ),
    "en": (
        "the a an and or but not no is are was were will be been i you he she it we they my your his their me him them"
        " with of to in on at for also only if that this these those how what who so by from about has have had do does"
        " did would can there"
    ),
}
_COMMON = {language: frozenset(words.split()) for language, words in _COMMON_WORDS.items()}


@dataclass(frozen=True)
class Learned(Check):
    """Texts like those that moderators did not publish, by the model of the text's language.

    The model proposes from which score on `precision` percent of what it finds would not be published either, as it
    was measured on decisions that it had not seen. `threshold`, in percent, takes the place of that.
    """

    precision: int = setting(Number(50, 99), 90)
    threshold: int | None = setting(Number(1, 99, is_optional=True), None)

    def __call__(self, draft: Draft) -> Finding | None:
        found = None
        for language in languages_of(draft.text):
            scorer = draft.scorers.get(language)
            score = scorer.score(draft.text) if scorer else 0.0
            if scorer and score >= self._least(scorer) and (found is None or score > found.score):
                spans = scorer.explain(draft.text)
                words = ", ".join(draft.text[start:end] for start, end in spans)
                found = Finding(spans, round(score, 3), f"{language} {scorer.version}: {words}")
        return found

    def _least(self, scorer: Scorer) -> float:
        """From which score on; more than any if the model does not reach the precision."""
        return self.threshold / 100 if self.threshold else scorer.thresholds.get(self.precision, 2.0)


def languages_of(text: str) -> tuple[str, ...]:
    """Of German, English and Russian the one that a text is in; both of the first two where nothing tells them apart.

    A library that knows a hundred languages takes more memory than everything else here, and guesses wrong in short
    texts.
    """
    words = _WORD.findall(text[:_MOST].casefold())
    letters = "".join(words)
    if 2 * len(_CYRILLIC.findall(letters)) > len(letters):
        return ("ru",)
    german = sum(word in _COMMON["de"] for word in words) + sum(letters.count(letter) for letter in "äöüß")
    english = sum(word in _COMMON["en"] for word in words)
    return ("de", "en") if german == english else ("de",) if german > english else ("en",)
