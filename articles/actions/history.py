"""The history of an article or an item: its values before each change. Only the newsroom sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.audit import record
from accounts.models import User
from articles.models import Article, Revision, TickerItem
from newsroom.api.renderers import iso

OF_ARTICLE = (*Article.WORDS, "writer", "language", "slug", "section", "photo")
OF_ITEM = (*TickerItem.WORDS, "level", "article", "key_event", "pinned")
TIMES = ("publish_at", "published_at", "correction", "retraction")
type Snapshot = dict[str, Any]


def snapshot(row: Article | TickerItem) -> Snapshot:
    """All its values as text, so that a section that is renamed later does not change the history."""
    names = OF_ARTICLE if isinstance(row, Article) else OF_ITEM
    taken = {name: _text(getattr(row, name)) for name in (*names, *TIMES)}
    if isinstance(row, Article):
        taken["related"] = ", ".join(row.related.order_by("headline").values_list("headline", flat=True))
    return taken


def keep(row: Article | TickerItem, before: Snapshot, deed: Revision.Deed, actor: User | None, note: str = "") -> None:
    """Store `before`, the values of the former version. `row` has its new version. Without actor it was published by
    time.
    """
    place = {"article": row} if isinstance(row, Article) else {"item": row}
    Revision.objects.create(version=row.version - 1, fields=before, deed=deed, by=actor, note=note, **place)
    if actor is not None:
        note_deed(row, deed, actor, before | {"version": row.version - 1})


def note_deed(row: Article | TickerItem, deed: str, actor: User, before: Snapshot | None = None) -> None:
    """Add an entry to the record of deeds; `before` is empty for a new row."""
    kind = "article" if isinstance(row, Article) else "item"
    after = snapshot(row) | {"version": row.version, "state": row.state}
    record(actor, f"{kind}.{deed}", f"{kind}.{row.pk}", before, after, has_versions=True)


def _text(value: Any) -> str | bool:
    if isinstance(value, bool):
        return value
    return "" if value is None else str(iso(value) if isinstance(value, datetime) else value)
