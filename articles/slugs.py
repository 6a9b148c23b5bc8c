"""Makes addresses from headlines in any script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from unicodedata import category, normalize

from anyascii import anyascii
from django.utils.text import slugify

from articles.models import Article

LENGTH = 80
LONGEST = 190  # of an imported address: a number still fits behind it
_SAFE = re.compile(r"[a-z0-9_]+(?:-+[a-z0-9_]+)*")


def _table(signs: str, latin: str) -> dict[int, str]:
    return str.maketrans(dict(zip(signs, latin.split(), strict=True)))


# The usual transliterations of these languages. AnyAscii does the rest, since it knows all scripts.
_GERMAN = _table("äöüß", "ae oe ue ss")
_RUSSIAN = _table(
    "абвгдеёжзийклмнопрстуфхцчшщыэюя", "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya"
)
_UKRAINIAN = _table("гґєиіїйюя", "h g ie y i i i iu ia")  # cabinet resolution 55 of 2010
_UKRAINIAN_AT_THE_START = _table("єїйюя", "ye yi y yu ya")
_UNHEARD = {ord(sign): "" for sign in "ъь’ʼ"}
_VOWELS = _table("اއཨອ", "a a a o")  # which AnyAscii leaves out


def slug_of(headline: str) -> str:
    """The headline in ASCII, cut at a word; "article" if nothing of it can be transliterated."""
    slug = slugify(_latin(headline))
    if len(slug) > LENGTH:
        slug = slug[: LENGTH + 1].rpartition("-")[0] or slug[:LENGTH]
    return slug.strip("-_") or "article"


def free_slug(wanted: str) -> str:
    """`wanted` as a slug, with a number behind it if it is taken. A valid slug stays as it is."""
    slug = wanted if _SAFE.fullmatch(wanted) and len(wanted) <= LONGEST else slug_of(wanted)
    return next(_untaken(slug))


def _untaken(slug: str) -> Iterator[str]:
    """The free ones among `slug`, `slug`-2, `slug`-3 …, asked for by the index, more at a time the more are taken."""
    first, count = 1, 4
    while True:
        wanted = [slug if number == 1 else f"{slug}-{number}" for number in range(first, first + count)]
        taken = set(Article.objects.filter(slug__in=wanted).values_list("slug", flat=True))
        yield from (each for each in wanted if each not in taken)
        first, count = first + count, min(4 * count, 1000)


def _latin(text: str) -> str:
    text = normalize("NFC", text).lower()
    if text.isascii():
        return text
    if set(text) & set("іїєґ") and not set(text) & set("ыэъё"):
        text = re.sub(r"\b[єїйюя]", lambda start: start[0].translate(_UKRAINIAN_AT_THE_START), text)
        text = text.translate(_UKRAINIAN)
    text = text.translate(_GERMAN | _RUSSIAN | _UNHEARD | _VOWELS)
    return "".join(sign if sign.isascii() else _written(sign) for sign in text)


def _written(sign: str) -> str:
    """A sign in ASCII. Every letter or digit gives something: a mere carrier of a vowel, such as alef or ayn, becomes
    "a", and one that AnyAscii does not know becomes its code.
    """
    kind, known = category(sign), anyascii(sign)
    parts = re.findall("[A-Za-z0-9]+", known)
    if kind[0] == "S" or kind in {"Nl", "No"}:  # stands for a word
        return f" {' '.join(parts)} "
    if parts or kind == "Lm" or kind[0] not in "LN":
        return "".join(parts) or known
    return "a" if known else f"{ord(sign):x}"
