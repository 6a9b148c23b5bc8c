"""The search in what is published: kicker, headline, lead and body of articles."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Value

from articles.models import Article, State
from newsroom.index import Index
from newsroom.text import visible


def text_of(kicker: str, headline: str, lead: str, html: str) -> str:
    """All that a reader can find of an article."""
    return "\n".join([kicker, headline, lead, visible(html)])


INDEX = Index(
    name="articles_words",
    table="articles_article",
    columns=("kicker", "headline", "lead", "html"),
    shown="{0}state = 'published'",
    text=text_of,
)


def install(**_about: Any) -> None:
    """After each migration."""
    INDEX.mend()


def learn(instance: Article, **_about: Any) -> None:
    """Whenever an article is saved: what has changed was forgotten with that."""
    if instance.state == State.PUBLISHED:
        INDEX.learn([(instance.pk, text_of(instance.kicker, instance.headline, instance.lead, instance.html))])


def found(query: str) -> QuerySet[Article]:
    """Published articles with all words of `query`, and whether they have all as they were asked for: `exact`, 1 or 0.

    Nothing for a query without a word.
    """
    matches = INDEX.matches(query)
    if matches is None:
        return Article.objects.annotate(exact=Value(0)).none()
    return Article.objects.listed().filter(pk__in=matches).annotate(exact=INDEX.is_exact(query))


def begun(articles: QuerySet[Article], query: str) -> QuerySet[Article]:
    """Those of `articles` in which words begin with all words of `query`."""
    matches = INDEX.matches(query, beginnings=True)
    return articles.none() if matches is None else articles.filter(pk__in=matches)
