"""Twenty ways to write a word so that a simple list misses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

WORDS = {
    "de": ("Arschloch", "Hurensohn", "Wichser", "Missgeburt"),
    "en": ("asshole", "moron", "cunt"),
    "ru": ("мудак", "сволочь", "сука"),
}
_LEET = str.maketrans({"o": "0", "i": "1", "e": "3", "a": "4", "s": "5", "t": "7", "о": "0", "а": "@", "ч": "4"})
_ONE = str.maketrans({"o": "0", "e": "€", "a": "@", "s": "$", "i": "!", "о": "0", "а": "@", "е": "3"})
_LATIN_TO_CYRILLIC = str.maketrans("aceopxyAOC", "асеорхуАОС")
_CYRILLIC_TO_LATIN = str.maketrans("асеорхукмАОСМК", "aceopxykmAOCMK")


def spellings(word: str) -> Iterator[str]:
    """Twenty, each once."""
    ways: list[Callable[[str], str]] = [
        str.upper,
        str.swapcase,
        lambda text: "".join(sign.upper() if at % 2 else sign.lower() for at, sign in enumerate(text)),
        _wide,
        "\u200b".join,
        "\u200d".join,
        lambda text: text[:2] + "\u2060\u00ad" + text[2:],
        _alike,
        lambda text: _alike(text.upper()),
        lambda text: text.lower().translate(_LEET),
        lambda text: text.lower().translate(_ONE),
        " ".join,
        lambda text: ".".join(text.upper()),
        "-".join,
        "  ".join,
        " * ".join,
        lambda text: "".join(sign * 4 if sign.lower() in "aeiouауоие" else sign for sign in text),
        lambda text: text[0] * 3 + text[1:] + text[-1] * 5,
        lambda text: "".join(f"{sign}\u0301" for sign in text),
        lambda text: " ".join(_alike(text).lower().translate(_ONE)),
    ]
    yield from (way(word) for way in ways)


def _wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isascii() else f"{sign}\u0308" for sign in text)


def _alike(text: str) -> str:
    return text.translate(_LATIN_TO_CYRILLIC if text.isascii() else _CYRILLIC_TO_LATIN)
