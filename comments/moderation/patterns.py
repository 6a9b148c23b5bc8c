"""Regular expressions that moderators write: checked when they are saved, and ended after a short time when they run.

The library `regex` stops a search by itself. `re` cannot be stopped.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import groupby

import regex
from django.utils.translation import gettext as _

from comments.moderation.folding import Folded, Kind, Sign, Span, fold

LONGEST = 200  # characters of a pattern
RUN_SECONDS = 0.05  # for all patterns of a rule in one text
CHECK_SECONDS = 0.1  # for one probe
_PROBE = 5000  # signs: the longest comment
_CYRILLIC = dict(zip("abcehkmoptxyunwr", "авсенкмортхуипшя", strict=True))
_RUN = 3  # equal letters that are one


class Pattern:
    def __init__(self, source: str, language: str = "") -> None:
        self.source, self.language = source, language

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        return regex.compile(self.source, regex.IGNORECASE | regex.VERSION0)


def wrong(source: str) -> str:
    """A sentence for a pattern that cannot be used; "" for a good one."""
    try:
        compiled = Pattern(source).compiled
        if compiled.search("", timeout=CHECK_SECONDS) or compiled.search("0 q .", timeout=CHECK_SECONDS):
            return _("The pattern “{text}” finds something in every text.").format(text=source[:40])
        for probe in _probes(source):
            compiled.search(probe, timeout=CHECK_SECONDS)
    except TimeoutError:
        return _("The pattern “{text}” takes too long with some texts.").format(text=source[:40])
    except (regex.error, ValueError, KeyError, IndexError, OverflowError, RecursionError):
        return _("“{text}” is no regular expression.").format(text=source[:40])
    return ""


def _probes(source: str) -> Iterator[str]:
    """Long texts that nearly match: runs of the pattern's own signs, and one that fits nothing at the end."""
    signs = list(dict.fromkeys(sign for sign in source.casefold() if sign.isalnum() or sign.isspace()))[:8]
    signs = list(dict.fromkeys([*signs, "a", "1", " ", "."]))
    for sign in signs:
        yield sign * _PROBE + "\ue000"
    yield "".join(signs) * (_PROBE // len(signs)) + "\ue000"
    literal = "".join(sign for sign in source.casefold() if sign.isalnum()) or "a"
    yield literal * (_PROBE // len(literal)) + "\ue000"


def found(patterns: Sequence[Pattern], text: str) -> Iterator[tuple[Span, str]]:
    """(place, pattern) in the text, from left to right: as it is written, and as it is read without disguises.

    Raises TimeoutError.
    """
    until = time.monotonic() + RUN_SECONDS
    seen: dict[Span, str] = {}
    for pattern in patterns:
        for read, places in dict.fromkeys((written(text), undisguised(text, pattern.language))):
            for match in pattern.compiled.finditer(read, timeout=max(until - time.monotonic(), 0.001)):
                if match.end() > match.start():
                    span = (places[match.start()][0], places[match.end() - 1][1])
                    seen.setdefault(span, pattern.source)
    yield from sorted(seen.items())


type Read = tuple[str, tuple[Span, ...]]  # a text, and where each of its signs stands in the stored one


@lru_cache(8)
def written(text: str) -> Read:
    """Case and compatibility forms folded, without invisible signs."""
    signs: list[str] = []
    places: list[Span] = []
    for place, char in enumerate(text):
        if unicodedata.category(char) == "Cf":
            continue
        folded = unicodedata.normalize("NFKC", char).casefold()
        signs.append(folded)
        places += [(place, place + 1)] * len(folded)
    return "".join(signs), tuple(places)


@lru_cache(8)
def undisguised(text: str, language: str) -> Read:
    """With letters for what stands for them, in the alphabet of the language, spaced letters joined and runs cut."""
    folded = fold(text)
    is_word = _in_words(folded.signs)
    signs: list[str] = []
    places: list[Span] = []
    run = 0
    for place, sign in enumerate(folded.signs):
        run = run + 1 if place and folded.signs[place - 1].base == sign.base else 1
        if (run >= _RUN and sign.kind is Kind.LETTER) or _only_parts(folded, place):
            continue
        letters = _letters(sign, language) if is_word[place] else sign.base
        signs.append(letters)
        places += [folded.span(place, place + 1)] * len(letters)
    return "".join(signs), tuple(places)


def _in_words(signs: Sequence[Sign]) -> list[bool]:
    """For each sign whether it is a letter, or stands with letters for one."""
    found: list[bool] = []
    for is_piece, piece in groupby(signs, lambda sign: sign.kind >= Kind.DIGIT or bool(sign.readings)):
        kinds = [sign.kind for sign in piece]
        found += [is_piece and Kind.LETTER in kinds] * len(kinds)
    return found


def _letters(sign: Sign, language: str) -> str:
    is_cyrillic = language == "ru"
    if sign.kind is Kind.LETTER and sign.alphabet == ("CYRILLIC" if is_cyrillic else "LATIN"):
        return sign.base
    if not is_cyrillic:
        return sign.readings[0]
    own = next((each for each in (*sign.readings, *sign.loose) if "а" <= each <= "я"), "")
    return own or _CYRILLIC.get(sign.readings[0], sign.base)


def _only_parts(folded: Folded, place: int) -> bool:
    """Whether the sign only parts two letters that stand alone."""
    signs, singles = folded.signs, folded.is_single
    if signs[place].kind >= Kind.DIGIT or not 0 < place < len(signs) - 1:
        return False
    return all(signs[each].kind is Kind.LETTER and singles[each] for each in (place - 1, place + 1))
