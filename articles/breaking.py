"""The item of the site's newsticker whose bar is on top of every page, and who has closed it.

It is the newest breaking item, for six hours. What changes it rings the stream `site`, so a serving process keeps it,
and every kept page is drawn anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from articles.models import SITE_TICKER, Ticker, TickerItem, item_address
from newsroom.live.kept import Kept
from newsroom.live.outbox import site_changed

FRESH = timedelta(hours=6)
LONGEST = 12  # digits of a number
BREAKING = TickerItem.Level.BREAKING
COOKIE = "breaking"  # the number of the last item whose bar was closed on this device


@dataclass(frozen=True, slots=True)
class Breaking:
    number: int
    version: int
    headline: str
    until: datetime

    @property
    def url(self) -> str:
        return item_address(SITE_TICKER, self.number)

    def is_closed_by(self, cookie: str) -> bool:
        """Whether it was closed, or a later one, by a reader with this cookie."""
        return is_number(cookie) and int(cookie) >= self.number


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST


def present() -> Breaking | None:
    return _fresh(keeper.value())


def closed(cookie: str) -> str | None:
    """What a page depends on of this cookie: "" if it has no bar to close, or an open one. None if that is not known
    without the database.
    """
    kept = keeper.known()
    if kept is None:
        return None
    item = _fresh(kept[0])
    return str(item.number) if item and item.is_closed_by(cookie) else ""


def changed(item: TickerItem, *, level_before: str = "") -> None:
    """Have every page drawn anew if this item may change the bar. It was published, changed or retracted."""
    if item.ticker.slug == SITE_TICKER and BREAKING in {item.level, level_before}:
        site_changed()
        transaction.on_commit(keeper.forget)


def _fresh(item: Breaking | None) -> Breaking | None:
    return item if item and item.until > timezone.now() else None


def _read() -> Breaking | None:
    here, since = Ticker.objects.listed().filter(slug=SITE_TICKER), timezone.now() - FRESH
    fresh = TickerItem.objects.listed().filter(ticker__in=here, level=BREAKING, published_at__gt=since)
    item = fresh.order_by("-number").first()
    if item is None or item.number is None or item.published_at is None:
        return None
    return Breaking(item.number, item.version, item.headline, item.published_at + FRESH)


keeper = Kept(_read)
