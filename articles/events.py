"""Events about articles and tickers. The only module of this app that publishes."""

from __future__ import annotations

from collections.abc import Iterable

from articles import reads
from articles.models import Article, Ticker, TickerItem
from articles.representations import article_json, item_json, ticker_json
from newsroom.live.outbox import Fact, hold, publish, stream_closed

ARTICLES = "articles"  # the stream of all of them


def subject_of_article(article_id: int) -> str:
    return f"article.{article_id}"


def subject_of_item(item_id: int) -> str:
    return f"item.{item_id}"


def subject_of_ticker(ticker_id: int) -> str:
    return f"ticker.{ticker_id}"


def hold_streams_of_article(article_id: int) -> None:
    """Lock every stream that contains the article's text or will: the first step of an action that redacts."""
    hold(ARTICLES, about=[subject_of_article(article_id)])


def hold_stream_of_item(item_id: int) -> None:
    """Lock its ticker's stream; call it first in an action that may redact the item."""
    ticker = Ticker.objects.filter(items=item_id).only("slug").first()
    if ticker is not None:
        hold(ticker.stream)


def article_published(article: Article) -> None:
    _tell_article("article.published", article)


def article_corrected(article: Article) -> None:
    _tell_article("article.corrected", article)


def article_retracted(article: Article) -> None:
    """Also closes its live blog's stream."""
    ticker = getattr(article, "ticker", None)
    if ticker is not None:
        stream_closed(ticker.stream)
    _tell_article("article.retracted", article)


def ticker_changed(ticker: Ticker) -> None:
    publish(Fact(ticker.stream, "ticker.changed", subject_of_ticker(ticker.pk), ticker_json(ticker)))


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
    """The article that they link to has been published or retracted."""
    for item in items:
        _tell_item("item.corrected", item)


def ticker_seen(ticker: Ticker, *, reader: int, number: int) -> None:
    """To the reader alone: how far they have read it, on whichever device."""
    data = {"ticker": ticker.slug, "number": number}
    publish(Fact(f"user.{reader}", "ticker.seen", f"seen.{reader}.{ticker.pk}", data))


def _tell_article(kind: str, article: Article) -> None:
    """Publishes the article without `related`: titles of other articles would remain in its event after their
    retraction.
    """
    (loaded,) = reads.complete([reads.completable(Article.objects.for_page()).get(pk=article.pk)])
    data = article_json(loaded)
    del data["related"]
    publish(Fact(ARTICLES, kind, subject_of_article(article.pk), data))


def _tell_item(kind: str, item: TickerItem) -> None:
    publish(Fact(item.ticker.stream, kind, subject_of_item(item.pk), item_json(item)))
