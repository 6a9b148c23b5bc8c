"""Addresses out of headlines, German and Russian ones too."""

from __future__ import annotations

from django.utils.text import slugify

from articles.models import Article

LENGTH = 80
_GERMAN = ("äöüß", "ae oe ue ss")
_RUSSIAN = (
    "абвгдеёжзийклмнопрстуфхцчшщыэюя",
    "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya",
)
_LETTERS = {"ъ": "", "ь": ""}
for _signs, _latin in (_GERMAN, _RUSSIAN):
    _LETTERS |= dict(zip(_signs, _latin.split(), strict=True))
_TABLE = str.maketrans(_LETTERS)


def slug_of(headline: str) -> str:
    """The headline in ASCII, cut at a word; "article" if nothing of it is left."""
    slug = slugify(headline.lower().translate(_TABLE))
    if len(slug) > LENGTH:
        slug = slug[: LENGTH + 1].rpartition("-")[0] or slug[:LENGTH]
    return slug or "article"


def free_slug(headline: str) -> str:
    """The same with a number behind it if it is taken."""
    slug = slug_of(headline)
    taken = set(Article.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    number = 1
    while (candidate := slug if number == 1 else f"{slug}-{number}") in taken:
        number += 1
    return candidate
