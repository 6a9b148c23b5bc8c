"""Words as a search compares them, what an index keeps of a text, and where they stand in it: whatever the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from typing import NamedTuple

MOST_ASKED = 10  # words of a question; each of them costs a look into the index
MAX_QUERY = 200  # characters
MOST_INDEXED = 50_000  # characters of a text that are found: PostgreSQL keeps a megabyte of words for each, at most
LONGEST = 100  # characters of a word that are compared
MOST_PIECES = 10  # of a run without spaces
PIECE = 3  # signs
SEEN_LENGTH = 20_000  # characters of a text in which an excerpt is looked for
EXCERPT_LENGTH = 200
_BEFORE = 60  # characters of an excerpt before the first word that was found
# Writing without spaces between words, or with endings that stick to them (Korean): a run of signs, no word.
SPACELESS = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0f40-\u0fbc\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd"
)
_MARKS = "".join(chr(code) for code in range(0x300, 0x3000) if unicodedata.category(chr(code))[0] == "M")
_MARK = re.compile(f"[{_MARKS}]")
_RUN = rf"[{SPACELESS}]+"
_WORD = re.compile(rf"{_RUN}|(?:(?![{SPACELESS}])[^\W_]|[{_MARKS}])+")
_IS_RUN = re.compile(_RUN)
_STRIPPED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")  # letters that are found without their marks, too
_SHORT_I = ("и", "\u0306")  # together a letter of its own
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def words_of(text: str) -> list[str]:
    """Each word once, in small letters, in the order of the text; runs of writing without spaces count as words."""
    return list(dict.fromkeys(exact(found[0]) for found in _WORD.finditer(text)))


def asked(query: str) -> list[str]:
    """The words of a question: each once, no more than `MOST_ASKED`."""
    return words_of(query[:MAX_QUERY])[:MOST_ASKED]


class Sought(NamedTuple):
    """What an index is asked for a word: `exactly`, all of which say that it stands there as it was asked for;
    `loosely`, one of which is enough. `is_start`: what begins so is meant, too.
    """

    word: str
    exactly: list[str]
    loosely: list[str]
    is_start: bool


def indexed(text: str) -> list[str]:
    """What an index keeps of a text: "=" and each word, "~" and each other spelling of it; of runs without spaces what
    follows each sign, so that what begins with two of them is found wherever it stands.
    """
    kept: dict[str, None] = {}
    for word in words_of(text[:MOST_INDEXED]):
        if is_run(word):
            kept |= dict.fromkeys(f"={word[at : at + PIECE]}" for at in range(len(word)))
        else:
            itself, *others = forms(word)
            kept |= dict.fromkeys([f"={itself}", *(f"~{other}" for other in others)])
    return list(kept)


def sought(query: str) -> list[Sought]:
    """All of which a text must have to be found."""
    return [_sought(word) for word in asked(query)]


def _sought(word: str) -> Sought:
    if is_run(word):
        pieces = [f"={word[at : at + PIECE]}" for at in range(max(1, len(word) - PIECE + 1))]
        return Sought(word, list(dict.fromkeys(pieces))[:MOST_PIECES], [], len(word) < PIECE)
    spelt = forms(word)
    return Sought(spelt[0], [f"={spelt[0]}"], [f"{mark}{each}" for each in spelt for mark in "=~"], is_start=False)


def is_run(word: str) -> bool:
    return _IS_RUN.match(word) is not None


def exact(word: str) -> str:
    return unicodedata.normalize("NFC", word.lower())


def forms(word: str) -> list[str]:
    """Spellings under which a word is found, of which one is enough: straße, strasse; öpnv, opnv, oepnv; ёлка, елка."""
    return _forms(exact(word)[:LONGEST])


@lru_cache(10_000)
def _forms(word: str) -> list[str]:
    if word.isascii():
        return [word]
    return list(dict.fromkeys([word, _plain(word), _plain(word.translate(_SPELT_OUT))]))


def _plain(word: str) -> str:
    """Sign by sign, from what is known of each, unless marks stand by themselves."""
    return _stripped(word) if _MARK.search(word) else word.translate(_STRIPPED_SIGNS)


def _stripped(word: str) -> str:
    kept: list[str] = []
    base = ""
    for sign in unicodedata.normalize("NFD", word.replace("ß", "ss").translate(_PLAIN)):
        if unicodedata.category(sign) != "Mn":
            base = sign
        elif unicodedata.name(base or " ", "").startswith(_STRIPPED) and (base, sign) != _SHORT_I:
            continue
        kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


class _StrippedSigns(dict[int, str]):
    def __missing__(self, code: int) -> str:
        return self.setdefault(code, _stripped(chr(code)))


_STRIPPED_SIGNS = _StrippedSigns()


def excerpt(text: str, query: str) -> str:
    """A piece of a text as HTML: everything escaped, and what was asked for in <mark>; from its start where none is."""
    text = text[:SEEN_LENGTH]
    places = list(_places(text, asked(query)))
    start = _start(text, places[0][0] if places else 0)
    end = _end(text, start)
    parts = ["…" if start else ""]
    at = start
    for first, last in places:
        if at <= first and last <= end:
            parts += [escape(text[at:first]), "<mark>", escape(text[first:last]), "</mark>"]
            at = last
    return "".join([*parts, escape(text[at:end]), "…" if end < len(text) else ""])


def _places(text: str, words: list[str]) -> Iterator[tuple[int, int]]:
    runs = [word for word in words if is_run(word)]
    asked_for = [set(forms(word)) for word in words if not is_run(word)]
    for found in _WORD.finditer(text):
        word = exact(found[0])
        if is_run(word):
            yield from _inside(word, found.start(), runs)
        elif any(theirs.intersection(forms(word)) or _is_bent(theirs, word) for theirs in asked_for):
            yield found.span()


def _inside(run: str, offset: int, asked_for: list[str]) -> Iterator[tuple[int, int]]:
    if asked_for:
        either = "|".join(sorted(map(re.escape, asked_for), key=len, reverse=True))
        for found in re.finditer(either, run):
            yield offset + found.start(), offset + found.end()


def _is_bent(asked_for: set[str], word: str) -> bool:
    """Whether a word looks like another form of one that was asked for: which it is, PostgreSQL's grammar knows."""
    return any(_is_akin(one, other) for one in asked_for for other in forms(word))


def _is_akin(one: str, other: str) -> bool:
    alike = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return alike >= max(3, len(one) - 2, len(other) - 4)


def _start(text: str, first: int) -> int:
    """Where an excerpt begins that shows the place `first`: with a word."""
    if first <= _BEFORE:
        return 0
    return min(max(text.find(" ", first - _BEFORE, first) + 1, first - _BEFORE), first)


def _end(text: str, start: int) -> int:
    end = start + EXCERPT_LENGTH
    return max(text.rfind(" ", start, end), end - _BEFORE) if end < len(text) else len(text)
