"""Notifies followers in the background and in chunks: an article may have too many for one transaction."""

from __future__ import annotations

from itertools import batched

from django.db import transaction
from django.tasks import task

from accounts.events import notify
from accounts.notifications import subscriptions
from articles.models import Article, State, TickerItem

CHUNK = 100  # people a transaction


def announce_article(article: Article, kind: str, followed: str, target: int) -> None:
    """Notify the followers of `followed` ("article", "section"). The task commits or vanishes with the action."""
    announce.enqueue(kind, followed, str(target), article.pk)


def announce_item(item: TickerItem) -> None:
    announce.enqueue("item.published", "ticker", str(item.ticker_id), item.pk)


@task
def announce(kind: str, followed: str, target: str, pk: int) -> None:
    """Notify everybody who follows `target`; nobody if it is no longer public."""
    people = sorted(set(subscriptions.followers(followed, target)))
    for chunk in batched(people, CHUNK):
        with transaction.atomic():
            found = _news(kind, pk)
            if found is None:
                return
            notify(chunk, kind, *found)


def _news(kind: str, pk: int) -> tuple[str, str, str] | None:
    """(subject, title, url)"""
    if kind.startswith("article."):
        article = Article.objects.filter(pk=pk, state=State.PUBLISHED).first()
        return (f"article.{pk}", article.headline, article.get_absolute_url()) if article else None
    item = TickerItem.objects.filter(pk=pk, state=State.PUBLISHED).select_related("ticker").first()
    return (f"item.{pk}", item.headline, item.ticker.get_absolute_url()) if item else None
