"""What an article's JSON and page need beyond its own row, loaded for many articles at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects
from django.db.models.query import Prefetch

from accounts.models import User
from articles import registry
from articles.models import Article, SeenMark, Ticker, TickerItem

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
