"""Words as a search compares them, and where they stand in a text: the same whatever the database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html import escape

MOST_ASKED = 10  # words of a question; each of them costs a look into the index
MAX_QUERY = 200  # characters
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


def is_run(word: str) -> bool:
    return _IS_RUN.match(word) is not None


def exact(word: str) -> str:
    return unicodedata.normalize("NFC", word.lower())


def forms(word: str) -> list[str]:
    """Spellings under which a word is found, of which one is enough: straße, strasse; öpnv, opnv, oepnv; ёлка, елка."""
    word = exact(word)
    if word.isascii():
        return [word]
    return list(dict.fromkeys([word, _plain(word), _plain(word.translate(_SPELT_OUT))]))


def _plain(word: str) -> str:
    kept: list[str] = []
    base = ""
    for sign in unicodedata.normalize("NFD", word.replace("ß", "ss").translate(_PLAIN)):
        if unicodedata.category(sign) != "Mn":
            base = sign
        elif unicodedata.name(base or " ", "").startswith(_STRIPPED) and (base, sign) != _SHORT_I:
            continue
        kept.append(sign)
    return unicodedata.normalize("NFC", "".join(kept))


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
