"""The history of an article or an item, from its versions."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.history import Change, Entry
from articles.actions.history import TIMES, snapshot
from articles.models import Article, Revision, TickerItem

KNOWN_BY_THEIR_DEED = {"publish_at", "published_at", "retraction"}


def history_of(row: Article | TickerItem) -> list[Entry]:
    """All that was done to it, the latest first."""
    kept = list(row.revisions.select_related("by").order_by("version"))
    states = [*(each.fields for each in kept), snapshot(row)]
    found = [
        Entry(each.at, _actor(each), str(each.get_deed_display()), each.note, _changes(row, *pair))
        for each, pair in zip(kept, pairwise(states), strict=True)
    ]
    author = row.created_by if isinstance(row, Article) else row.author
    return [Entry(row.created_at, str(author or "–"), _("written"), "", []), *found][::-1]


def _actor(revision: Revision) -> str:
    """The person's name. Nobody has published a scheduled thing; for other deeds, a missing person has left since."""
    if revision.by is None and revision.deed == Revision.Deed.PUBLISHED:
        return _("by its time")
    return str(revision.by or "–")


def _changes(row: Article | TickerItem, before: dict[str, Any], after: dict[str, Any]) -> list[Change]:
    return [
        Change(_label(row, name), _shown(row, name, before.get(name)), _shown(row, name, after[name]))
        for name in after
        if name not in KNOWN_BY_THEIR_DEED and before.get(name) != after[name]
    ]


def _label(row: Article | TickerItem, name: str) -> str:
    return capfirst(str(row._meta.get_field(name).verbose_name))  # type: ignore[union-attr]  # noqa: SLF001


def _shown(row: Article | TickerItem, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name in TIMES and value and name.endswith("_at"):
        return date_format(localtime(datetime.fromisoformat(value)), "SHORT_DATETIME_FORMAT")
    if name == "level" and value in TickerItem.Level.values:
        return str(TickerItem.Level(value).label)
    return str(value or "")
