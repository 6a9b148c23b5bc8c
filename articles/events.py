"""What the public hears of articles and tickers: the one module here that publishes."""

from __future__ import annotations

from collections.abc import Iterable

from articles import reads
from articles.models import Article, TickerItem
from articles.serializers import article_json, item_json
from newsroom.live.outbox import Fact, publish, stream_closed


def subject_of_article(article_id: int) -> str:
    return f"article.{article_id}"


def subject_of_item(item_id: int) -> str:
    return f"item.{item_id}"


def stream_of_item(item_id: int) -> str | None:
    """The stream of its ticker, None if there is no such item."""
    slug = TickerItem.objects.filter(pk=item_id).values_list("ticker__slug", flat=True).first()
    return None if slug is None else f"ticker.{slug}"


def article_published(article: Article) -> None:
    _tell_article("article.published", article)


def article_corrected(article: Article) -> None:
    _tell_article("article.corrected", article)


def article_retracted(article: Article) -> None:
    """Its live blog is no longer public either."""
    ticker = getattr(article, "ticker", None)
    if ticker is not None:
        stream_closed(ticker.stream)
    _tell_article("article.retracted", article)


def item_published(item: TickerItem) -> None:
    _tell_item("item.published", item)


def item_corrected(item: TickerItem) -> None:
    _tell_item("item.corrected", item)


def item_pinned(item: TickerItem) -> None:
    _tell_item("item.pinned", item)


def item_unpinned(item: TickerItem) -> None:
    _tell_item("item.unpinned", item)


def item_retracted(item: TickerItem) -> None:
    _tell_item("item.retracted", item)


def items_relinked(items: Iterable[TickerItem]) -> None:
    """The article that they link to has come or gone."""
    for item in items:
        _tell_item("item.corrected", item)


def _tell_article(kind: str, article: Article) -> None:
    """All but `related`: words of other articles, which would stay in this one's event when those are taken back."""
    (loaded,) = reads.complete([Article.objects.for_page().get(pk=article.pk)])
    data = article_json(loaded)
    del data["related"]
    publish(Fact("articles", kind, subject_of_article(article.pk), data))


def _tell_item(kind: str, item: TickerItem) -> None:
    publish(Fact(item.ticker.stream, kind, subject_of_item(item.pk), item_json(item)))
