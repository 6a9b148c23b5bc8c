"""What an article or an item was before each deed. The newsroom reads it; readers never do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.audit import record
from accounts.models import User
from articles.models import Article, Revision, TickerItem
from newsroom.api.renderers import iso

OF_ARTICLE = ("kicker", "headline", "lead", "body", "author_line", "language", "slug", "section", "photo")
OF_ITEM = ("headline", "text", "level", "article", "key_event", "pinned")
TIMES = ("publish_at", "published_at", "correction", "retraction")
type Snapshot = dict[str, Any]


def snapshot(row: Article | TickerItem) -> Snapshot:
    """All of it as it stands now, as text: a section that is renamed later does not change what was."""
    names = OF_ARTICLE if isinstance(row, Article) else OF_ITEM
    taken = {name: _text(getattr(row, name)) for name in (*names, *TIMES)}
    if isinstance(row, Article):
        taken["related"] = ", ".join(row.related.order_by("headline").values_list("headline", flat=True))
    return taken


def keep(row: Article | TickerItem, before: Snapshot, deed: Revision.Deed, actor: User | None, note: str = "") -> None:
    """`row` is in its new version; `before` is what the version before it said. No actor: it came by its time."""
    place = {"article": row} if isinstance(row, Article) else {"item": row}
    Revision.objects.create(version=row.version - 1, fields=before, deed=deed, by=actor, note=note, **place)
    if actor is not None:
        note_deed(row, deed, actor, before | {"version": row.version - 1})


def note_deed(row: Article | TickerItem, deed: str, actor: User, before: Snapshot | None = None) -> None:
    """In the record of deeds; `before` is empty for one that is new."""
    kind = "article" if isinstance(row, Article) else "item"
    after = snapshot(row) | {"version": row.version, "state": row.state}
    record(actor, f"{kind}.{deed}", f"{kind}.{row.pk}", before, after)


def _text(value: Any) -> str | bool:
    if isinstance(value, bool):
        return value
    return "" if value is None else str(iso(value) if isinstance(value, datetime) else value)
