"""What mails about notifications say of articles and ticker items, as far as they are public now."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import User
from accounts.notifications.digest import Thing
from articles.models import Article, State, Ticker, TickerItem


def articles(reader: User, ids: Collection[int]) -> dict[int, Thing]:
    found = Article.objects.filter(pk__in=ids, state=State.PUBLISHED).defer("body", "html")
    return {
        each.pk: Thing(f"article.{each.pk}", each.headline, each.get_absolute_url(), text=each.lead) for each in found
    }


def items(reader: User, ids: Collection[int]) -> dict[int, Thing]:
    found = TickerItem.objects.filter(pk__in=ids, state=State.PUBLISHED, ticker__in=Ticker.objects.listed())
    return {each.pk: _item(each) for each in found.select_related("ticker")}


def _item(item: TickerItem) -> Thing:
    ticker = item.ticker
    return Thing(f"ticker.{ticker.pk}", ticker.title, f"/newsticker/{ticker.slug}/{item.number}/", text=item.headline)
