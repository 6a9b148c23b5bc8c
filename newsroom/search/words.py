"""Words in the form in which a search compares them, an index keeps them, and an excerpt marks them; on any
database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from html import escape
from itertools import chain
from typing import NamedTuple

MOST_ASKED = 10  # words of a query; each costs a search in the index
MAX_QUERY = 200  # characters
MOST_INDEXED = 50_000  # characters of a text that are indexed: PostgreSQL's limit is 1 MB of words for each text
LONGEST = 100  # characters of a word that are compared
MOST_PIECES = 10  # of a run without spaces
PIECE = 3  # signs
SEEN_LENGTH = 20_000  # characters of a text that are searched for an excerpt
EXCERPT_LENGTH = 200
_BEFORE = 60  # characters of an excerpt before the first match
# Writing without spaces between words, or with endings attached to them (Korean): a run of signs, no word.
SPACELESS = (
    "\u0e01-\u0e4e\u0e81-\u0ece\u0f40-\u0fbc\u1000-\u103f\u1050-\u109f\u1100-\u11ff\u1780-\u17d3\u3005-\u3007"
    "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003fffd"
)
_MARKS = "".join(chr(code) for code in range(0x300, 0x3000) if unicodedata.category(chr(code))[0] == "M")
_MARK = re.compile(f"[{_MARKS}]")
_RUN = rf"[{SPACELESS}]+"
_COMMON = "[0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0400-\u0481\u048a-\u052f]++"  # quickly recognised letters
_SIGNS = rf"(?:{_COMMON}|(?![{SPACELESS}])[^\W_]|[{_MARKS}])"
_WORD = re.compile(rf"{_COMMON}{_SIGNS}*|{_RUN}|{_SIGNS}+")
_IS_RUN = re.compile(_RUN)
_STRIPPED = ("LATIN", "GREEK", "CYRILLIC", "ARABIC", "HEBREW")  # letters that are also found without their marks
_SHORT_I = ("и", "\u0306")  # together a letter of its own
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def words_of(text: str) -> list[str]:
    """Each word once, in lower case, in the order of the text. A run of writing without spaces counts as one word."""
    return list(dict.fromkeys(map(exact, dict.fromkeys(_WORD.findall(text)))))


def asked(query: str) -> list[str]:
    """The words of a query, each once, at most MOST_ASKED. The last one may be cut off."""
    return words_of(query[:MAX_QUERY])[:MOST_ASKED]


def is_cut(query: str) -> bool:
    """Whether `asked` leaves out a part of the query."""
    return len(words_of(query[: 2 * MAX_QUERY])) > MOST_ASKED or len(query) > MAX_QUERY


class Sought(NamedTuple):
    """The index terms for a word. All of `exactly` are present if the text has the word as asked for; one of `loosely`
    is enough for any of its forms. `is_start`: words that begin with the word match, too.
    """

    word: str
    exactly: list[str]
    loosely: list[str]
    is_start: bool


def written(text: str) -> list[str]:
    """Each word of a text that is indexed, once for each way in which it is written there."""
    return list(dict.fromkeys(_WORD.findall(text[:MOST_INDEXED])))


def indexed(text: str) -> list[str]:
    """The index terms of a text: see `terms`."""
    return list(dict.fromkeys(chain.from_iterable(map(terms, written(text)))))


def terms(word: str) -> tuple[str, ...]:
    """The index terms of a word: "=" and the word, "~" and each of its other spellings. For a run without spaces, PIECE
    signs from each place on, so that any part of it is found.
    """
    return _kept_terms(word) if len(word) <= LONGEST else _made_terms(word)


def _made_terms(word: str) -> tuple[str, ...]:
    low = exact(word)
    if is_run(low):
        return tuple(f"={low[at : at + PIECE]}" for at in range(len(low)))
    itself, *others = forms(low)
    return (f"={itself}", *(f"~{other}" for other in others))


_kept_terms = lru_cache(10_000)(_made_terms)


def sought(query: str) -> list[Sought]:
    """The terms for each word of a query. A text must match all of them."""
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
    low = word.lower()
    return low if low.isascii() else unicodedata.normalize("NFC", low)


def forms(word: str) -> list[str]:
    """The spellings of a word, one of which must match: straße, strasse; öpnv, opnv, oepnv; ёлка, елка."""
    return _forms(exact(word)[:LONGEST])


@lru_cache(10_000)
def _forms(word: str) -> list[str]:
    if word.isascii():
        return [word]
    return list(dict.fromkeys([word, _plain(word), _plain(word.translate(_SPELT_OUT))]))


def _plain(word: str) -> str:
    """The word without marks. A table for single signs is faster, but cannot handle combining marks."""
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
    """A piece of a text as escaped HTML with the matches in <mark>. Starts at the text's beginning if nothing
    matches.
    """
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
            continue
        own = forms(word)
        if any(not theirs.isdisjoint(own) or _is_bent(theirs, own) for theirs in asked_for):
            yield found.span()


def _inside(run: str, offset: int, asked_for: list[str]) -> Iterator[tuple[int, int]]:
    if asked_for:
        either = "|".join(sorted(map(re.escape, asked_for), key=len, reverse=True))
        for found in re.finditer(either, run):
            yield offset + found.start(), offset + found.end()


def _is_bent(asked_for: set[str], spelt: list[str]) -> bool:
    """Whether a word with these spellings looks like another form of one that was asked for. Only a guess: PostgreSQL's
    stems are not used here.
    """
    return any(_is_akin(one, other) for one in asked_for for other in spelt)


def _is_akin(one: str, other: str) -> bool:
    if one[:3] != other[:3]:  # three is the least that counts; nearly all pairs of words end here
        return False
    alike = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return alike >= max(3, len(one) - 2, len(other) - 4)


def _start(text: str, first: int) -> int:
    """The start of an excerpt that shows the place `first`, at the beginning of a word."""
    if first <= _BEFORE:
        return 0
    return min(max(text.find(" ", first - _BEFORE, first) + 1, first - _BEFORE), first)


def _end(text: str, start: int) -> int:
    end = start + EXCERPT_LENGTH
    return max(text.rfind(" ", start, end), end - _BEFORE) if end < len(text) else len(text)
