"""Texts as signs that may be read as letters, each with its place in the text.

A disguised word is read like the plain one: case, compatibility forms, accents, invisible signs and letters that look
alike do not count, and digits and symbols may stand for letters. What a sign may stand for is a set, since "1" is an
"i" in one word and an "l" in the next.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import groupby
from typing import NamedTuple

from newsroom.confusables import LATIN

type Span = tuple[int, int]  # half-open, in characters of the stored text


class Kind(IntEnum):
    SPACE = 0
    MARK = 1  # punctuation and symbols
    DIGIT = 2
    LETTER = 3


class Sign(NamedTuple):
    """`base` is the folded sign; two signs with the same one are repetitions. `readings` are folded letters that it may
    stand for, the most likely one first; the `loose` ones are likely in words of mixed alphabets only.
    """

    base: str
    kind: Kind
    alphabet: str  # "LATIN", "CYRILLIC" or ""
    readings: tuple[str, ...]
    loose: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folded:
    """The signs of a text, and where each begins and ends. An invisible sign belongs to none of them."""

    signs: list[Sign]
    starts: list[int]
    ends: list[int]

    def span(self, first: int, after: int) -> Span:
        """Where the signs `first` … `after - 1` stand in the text."""
        return self.starts[first], self.ends[after - 1]

    @cached_property
    def run_ends(self) -> list[int]:
        """For each sign the end of the run of equal ones in which it stands."""
        ends: list[int] = []
        for _base, run in groupby(sign.base for sign in self.signs):
            length = len(list(run))
            ends += [len(ends) + length] * length
        return ends

    @cached_property
    def is_single(self) -> list[bool]:
        """For each sign whether it stands alone between spaces or marks, or with repetitions of itself only."""
        found: list[bool] = []
        for is_word, piece in groupby(self.signs, lambda sign: sign.kind >= Kind.DIGIT):
            bases = [sign.base for sign in piece]
            found += [not is_word or len(set(bases)) == 1] * len(bases)
        return found


def _table(text: str) -> dict[str, str]:
    """{"1": "il"} of "1il"."""
    return {each[0]: each[1:] for each in text.split()}


# A sign, and the folded letters that people type it for.
STAND_INS = _table("0o 1il 2z 3eз 4aч 5s 6bgб 7t 8b 9g @a $s €e £l !il ¡i |il +t ¢c ¥y §s ©c ®r ×x")
_ALIKE = _table("li vu μu")  # within one alphabet
# Across alphabets, beside those that Unicode calls confusable.
_LOOSE = _table("uи nп wш rя dд bб иun пn шw яr дd бb зe эe уu цu")
_LETTER_WITH = re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH |LATIN LETTER SMALL CAPITAL ([A-Z])$")
MARKUP = frozenset("*_~`\\")  # between letters the page shows none of them
_BOXED = (0x1F150, 0x1F170, 0x1F1E6)  # A to Z in circles and squares, and as halves of flags: no compatibility forms


@lru_cache(16)
def fold(text: str, *, as_shown: bool = False) -> Folded:
    """The signs of a text. Spans refer to `text` as it is given, so give the stored one. `as_shown`: without the signs
    that Markdown takes away.
    """
    signs: list[Sign] = []
    starts: list[int] = []
    ends: list[int] = []
    for place, char in enumerate(text):
        if as_shown and char in MARKUP:
            continue
        # A capital i looks like a small l, but not among other capitals.
        found = _signs("i" if char == "I" and not _is_beside_small_letters(text, place) else char)
        if not found and ends and unicodedata.category(char)[0] == "M":
            ends[-1] = place + 1  # an accent belongs to its letter
        signs += found
        starts += [place] * len(found)
        ends += [place + 1] * len(found)
    return Folded(signs, starts, ends)


def spelled(word: str) -> str:
    """The folded letters of a word, each as the first reading of its sign; digits as they are, other signs left out."""
    return "".join(
        " " if sign.kind is Kind.SPACE else sign.base if sign.kind is Kind.DIGIT else sign.readings[0]
        for sign in fold(" ".join(word.split())).signs
        if sign.kind is not Kind.MARK
    )


@lru_cache(4096)
def _signs(char: str) -> list[Sign]:
    """No sign for an invisible one and an accent, one for most, several for a ligature."""
    if char == "I":
        return [Sign("i", Kind.LETTER, "LATIN", ("i", "l"))]
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    bare = "".join(each for each in unicodedata.normalize("NFKD", folded) if unicodedata.category(each)[0] != "M")
    return [sign for each in bare if (sign := _sign(each)) is not None]


def _is_beside_small_letters(text: str, place: int) -> bool:
    return text[max(place - 1, 0) : place].islower() or text[place + 1 : place + 2].islower()


def _sign(char: str) -> Sign | None:
    category = unicodedata.category(char)
    if category in {"Cf", "Cc", "Cs", "Co"} and not char.isspace():
        return None
    if category[0] == "Z" or char.isspace():
        return Sign(" ", Kind.SPACE, "", ())
    letter = _plain(char)
    if letter.isalpha():
        own = LATIN.get(letter, letter)
        readings = (own, *_ALIKE.get(letter, ""), *_ALIKE.get(own, ""))
        return Sign(letter, Kind.LETTER, alphabet_of(letter), readings, tuple(_LOOSE.get(letter, "")))
    readings = tuple(STAND_INS.get(char, ""))
    if char.isdigit():
        return Sign(char, Kind.DIGIT, "", (*readings, char))
    return Sign(char, Kind.MARK, "", readings)


def _plain(char: str) -> str:
    """The letter without stroke, hook or box."""
    for first in _BOXED:
        if first <= ord(char) < first + 26:
            return chr(ord("a") + ord(char) - first)
    found = _LETTER_WITH.match(unicodedata.name(char, ""))
    return (found[1] or found[2]).lower() if found else char


@lru_cache(4096)
def alphabet_of(letter: str) -> str:
    """LATIN, CYRILLIC, or "" for any other."""
    first = unicodedata.name(letter, "").partition(" ")[0]
    return first if first in {"LATIN", "CYRILLIC"} else ""
