"""Rules about how a text is written: shouting, and the language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from comments.moderation.settings import Check, Number, Texts, setting
from comments.moderation.verdict import Draft, Finding

_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Caps(Check):
    """Texts of which at least `share` percent of the letters are capitals, if they have at least `least` letters."""

    share: int = setting(Number(30, 100), 70)
    least: int = setting(Number(5, 1000), 20)

    def __call__(self, draft: Draft) -> Finding | None:
        letters = [sign for sign in draft.text if sign.lower() != sign.upper()]
        capitals = sum(sign != sign.lower() for sign in letters)
        if len(letters) < self.least or capitals * 100 < self.share * len(letters):
            return None
        spans = tuple(word.span() for word in _WORD.finditer(draft.text) if word[0] == word[0].upper())
        return Finding(spans, score=capitals / len(letters), detail=f"{capitals * 100 // len(letters)} %")


SURE = 0.8  # the least probability of a language that is not wanted
UNLIKELY = 0.05  # the most probability of all those that are


@dataclass(frozen=True)
class Language(Check):
    """Texts of at least `least` letters that are surely in none of these `languages` (codes of two letters)."""

    languages: tuple[str, ...] = setting(Texts(20, 3))
    least: int = setting(Number(20, 1000), 40)

    def errors(self) -> dict[str, str]:
        if self.languages and not set(self.languages) - known_languages():
            return {}
        return {"languages": _("Give codes of languages, such as de, en, ru.")}

    def __call__(self, draft: Draft) -> Finding | None:
        letters = " ".join(_WORD.findall(re.sub(r"\S*(?:://|www\.|@)\S*", " ", draft.visible)))
        if len(letters.replace(" ", "")) < self.least:
            return None
        ranked = languages_of(letters)
        language, probability = ranked[0]
        wanted = sum(share for each, share in ranked if each in self.languages)
        if language in self.languages or probability < SURE or wanted > UNLIKELY:
            return None
        return Finding(score=round(probability, 3), detail=language)


def known_languages() -> frozenset[str]:
    return frozenset(_identifier().labels)


def languages_of(text: str) -> list[tuple[str, float]]:
    """(code, probability), the most likely one first."""
    return [(str(code), float(share)) for code, share in _identifier().rank(text.lower())]


@cache
def _identifier() -> Any:
    """The model that comes with the library. Loading it takes a second, so only who has such a rule does it."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
