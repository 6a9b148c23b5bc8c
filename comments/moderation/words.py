"""Lists of words, and of patterns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from comments.moderation import patterns
from comments.moderation.folding import MARKUP, Span, fold, spelled
from comments.moderation.settings import Check, Choice, Texts, setting
from comments.moderation.trie import Trie
from comments.moderation.verdict import Draft, Finding, Outcome

MOST_WORDS, LONGEST_WORD = 5000, 60
MOST_PATTERNS = 50
LANGUAGES = ("", "de", "en", "ru")
DISGUISED = 0.9  # the score of a word that was not written as the list has it


@dataclass(frozen=True)
class Words(Check):
    """Texts with one of these words.

    `match`: "exact" finds whole words, "stem" words that begin so, "regex" patterns. `language` is that of the list: it
    says into which letters the patterns' texts are read. `exceptions` are whole words that are harmless.
    """

    words: tuple[str, ...] = setting(Texts(MOST_WORDS, patterns.LONGEST))
    match: str = setting(Choice(("exact", "stem", "regex")), "exact")
    language: str = setting(Choice(LANGUAGES), "")
    exceptions: tuple[str, ...] = setting(Texts(MOST_WORDS, LONGEST_WORD), ())

    def errors(self) -> dict[str, str]:
        wrong = self._wrong()
        return {"words": wrong} if wrong else {}

    def __call__(self, draft: Draft) -> Finding | None:
        try:
            found = list(self._found(draft.text))
        except TimeoutError:
            return Finding(detail="timeout", score=0.0, outcome=Outcome.FLAG)
        if not found:
            return None
        plain = {draft.text[start:end].casefold() for (start, end), _word in found}
        is_plain = any(word.casefold() in plain for _span, word in found) or self.match == "regex"
        words = ", ".join(dict.fromkeys(draft.text[start:end] for (start, end), _word in found))
        return Finding(tuple(span for span, _word in found), 1.0 if is_plain else DISGUISED, words[:200])

    def _found(self, text: str) -> Iterator[tuple[Span, str]]:
        """(place, word of the list), from left to right."""
        harmless = [match.span for match in self._harmless.matches(fold(text))] if self.exceptions else []
        matches = patterns.found(self._patterns, text) if self._patterns else self._listed(text)
        for span, word in matches:
            if not any(start <= span[0] < end for start, end in harmless):
                yield span, word

    def _listed(self, text: str) -> Iterator[tuple[Span, str]]:
        """As it is written, where a sign may mask a letter, and as the page shows it: "Id**io**t" is one word there."""
        found = [(match.span, match.word) for match in self._trie.matches(fold(text))]
        if not MARKUP.isdisjoint(text):
            known = {span for span, _word in found}
            shown = self._trie.matches(fold(text, as_shown=True))
            found += [(match.span, match.word) for match in shown if match.span not in known]
        return iter(sorted(found))

    @cached_property
    def _trie(self) -> Trie:
        return Trie.of(self.words, is_stem=self.match == "stem")

    @cached_property
    def _harmless(self) -> Trie:
        return Trie.of(self.exceptions)

    @cached_property
    def _patterns(self) -> list[patterns.Pattern]:
        return [patterns.Pattern(word, self.language) for word in self.words] if self.match == "regex" else []

    def _wrong(self) -> str:
        if not self.words:
            return _("Give at least one word.")
        if self.match == "regex":
            if len(self.words) > MOST_PATTERNS:
                return _("At most %d fit in here.") % MOST_PATTERNS
            return next((said for each in self.words if (said := patterns.wrong(each))), "")
        least = 3 if self.match == "stem" else 2
        for word in self.words:
            if len(word) > LONGEST_WORD or len(spelled(word).replace(" ", "")) < least:
                return _("“{text}” is too short or too long.").format(text=word[:40])
        return ""
