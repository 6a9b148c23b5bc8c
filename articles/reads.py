"""What an article's JSON and page need beyond its own row, loaded for many articles at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import prefetch_related_objects
from django.db.models.query import Prefetch

from accounts.models import User
from articles import registry, search
from articles.models import Article, SeenMark, Ticker, TickerItem
from articles.serializers import teaser_json
from newsroom.api.paging import Page, keyset
from newsroom.index import patience
from newsroom.text import visible
from newsroom.words import excerpt

RELATED = 4  # teasers under an article
MOST_NUMBERS = 1000  # beyond so many items nobody counts what was taken back


def complete(articles: Sequence[Article]) -> Sequence[Article]:
    """Give each article its `teasers` (chosen by editors, else the newest of its section) and its `discussion_id`.

    One query for the chosen, one for each section that must stand in, one for the discussions.
    """
    chosen = Prefetch("related", Article.objects.listed().for_teaser().newest_first(), to_attr="teasers")
    prefetch_related_objects(articles, chosen)
    newest: dict[int, list[Article]] = {}
    discussions = registry.discussions_of([article.pk for article in articles])
    for article in articles:
        article.discussion_id = discussions.get(article.pk)
        if not article.teasers:
            if article.section_id not in newest:
                newest[article.section_id] = _newest_of(article.section_id)
            article.teasers = _without(article, newest[article.section_id])
        article.teasers = article.teasers[:RELATED]
    return articles


def search_page(query: str, *, cursor: str = "", limit: int) -> Page[Article]:
    """Published articles with all words of `query`: first those that have them as they were asked for, then those with
    other spellings, each the newest first.
    """
    rows = search.found(query).select_related("section", "photo").defer("body")
    with patience():
        return keyset(
            rows, scope=f"articles.search:{query}", keys=["exact", "published_at", "id"], limit=limit, cursor=cursor
        )


def found_json(article: Article, query: str) -> dict[str, Any]:
    """A teaser with `found`: safe HTML of lead or body with the words in <mark>."""
    return {**teaser_json(article), "found": excerpt(f"{article.lead}\n{visible(article.html)}", query)}


def seen_by(reader: User, ticker: Ticker) -> int:
    """How far `reader` has read `ticker`; 0 at first."""
    return SeenMark.objects.filter(user=reader, ticker=ticker).values_list("number", flat=True).first() or 0


def numbers_of(ticker: Ticker) -> str:
    """The numbers of its published items, from which a page counts the unseen: "1-4 6-9".

    Below the newest thousand every number is taken for a published item.
    """
    listed = TickerItem.objects.listed().filter(ticker=ticker).order_by("-number")
    numbers = [number or 0 for number in listed.values_list("number", flat=True)[:MOST_NUMBERS]]
    ranges: list[list[int]] = []
    for number in reversed(numbers):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    if len(numbers) == MOST_NUMBERS:
        ranges[0][0] = 1
    return " ".join(f"{first}-{last}" for first, last in ranges)


def _newest_of(section_id: int) -> list[Article]:
    rows = Article.objects.listed().for_teaser().newest_first().filter(section=section_id)
    return list(rows[: RELATED + 1])  # one more: the article itself is left out


def _without(article: Article, others: Iterable[Article]) -> list[Article]:
    return [other for other in others if other.pk != article.pk]
