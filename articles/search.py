"""The search in published articles: kicker, headline, lead and body; and the desk's in ticker items and photos."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from articles.models import Article, State
from newsroom.search import pages
from newsroom.search.index import Index
from newsroom.search.words import asked
from newsroom.text import visible

GLANCE = 100  # articles; a word that half of them have fills a page


def text_of(*columns: str) -> str:
    """The searchable text of an article; the last column is its HTML."""
    *lines, html = columns
    return "\n".join([*lines, visible(html)])


INDEX = Index(
    name="articles_words",
    table="articles_article",
    columns=("kicker", "headline", "lead", "html"),
    shown="{0}state = 'published'",
    text=text_of,
)


def lines(*columns: str) -> str:
    return "\n".join(columns)


ITEMS = Index(
    name="items_words", table="articles_tickeritem", columns=("headline", "text"), shown="{0}headline <> ''", text=lines
)
PHOTOS = Index(
    name="photos_words",
    table="articles_photo",
    columns=("caption", "alt", "credit"),
    shown="{0}id IS NOT NULL",  # all
    text=lines,
)


def install(**_about: Any) -> None:
    """Repair the indexes after each migration: a rebuilt table on SQLite has lost its triggers."""
    for index in (INDEX, ITEMS, PHOTOS):
        index.mend()


def learn(instance: Article, **_about: Any) -> None:
    """Index an article whenever it is saved; a trigger has removed its old entry."""
    if instance.state == State.PUBLISHED:
        INDEX.learn([(instance.pk, text_of(*[getattr(instance, name) for name in INDEX.columns]))])


def found_page(query: str, *, sort: str, cursor: str = "", limit: int) -> pages.Found[int]:
    """A page of the published articles with all words of `query`. Raises UnknownCursor."""
    scope = f"articles.search:{' '.join(asked(query))}"
    line = _line(Article.objects.listed())
    return pages.found_page(line, INDEX.ask(query), scope=scope, sort=sort, limit=limit, cursor=cursor)


def begun_page(
    articles: QuerySet[Article], query: str, *, descending: bool, cursor: str = "", limit: int
) -> pages.Found[int]:
    """A page of those of the listed `articles` that have words beginning with each word of `query`, by the time of
    their publication. It may hold fewer than `limit` although there is a next one. Raises UnknownCursor.
    """
    return pages.found_page(
        _line(articles),
        INDEX.ask(query, beginnings=True),
        scope=f"articles.begun:{' '.join(asked(query))}",
        sort="newest",
        limit=limit,
        cursor=cursor,
        is_reversed=not descending,
    )


def _line(articles: QuerySet[Article]) -> pages.Line[Article]:
    return pages.Line(rows=articles, seen=articles, keys=("published_at", "id"), moment="published_at", glance=GLANCE)
