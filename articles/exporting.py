"""Writes all sections and articles as lines of JSON, from which `import_articles newsroom` makes the same ones.

docs/moving.md describes the lines, docs/export-articles.schema.json binds them. The first line says what follows; then
come sections and articles, each in the order of their numbers. Equal content gives equal bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch, QuerySet

from articles.models import Article, OldAddress, Section
from newsroom.backup.lines import each, line, values
from newsroom.database.snapshot import one_moment

VERSION = 1
HEAD = {"kind": "newsroom-articles", "version": VERSION}
SECTION = ("name", "slug", "position")
ARTICLE = (
    *("slug", "kicker", "headline", "lead", "body", "body_format", "author_line", "language", "state", "version"),
    *("created_at", "publish_at", "published_at", "updated_at", "correction", "retraction", "source", "source_id"),
)
PHOTO = ("file", "width", "height", "widths", "caption", "alt", "credit", "credit_url", "year", "created_at")


def write(put: Callable[[bytes], object], say: Callable[[str], None]) -> Counter[str]:
    """Give `put` the lines, all of one moment. Returns how many sections and articles they tell."""
    counts: Counter[str] = Counter(sections=0, articles=0)
    with one_moment():
        put(line(HEAD))
        for section in each(Section.objects.all()):
            put(line(values(section, SECTION) | {"kind": "section"}))
            counts["sections"] += 1
        for article in each(_articles()):
            put(line(_article(article)))
            counts["articles"] += 1
            say(f"{counts['articles']:,} articles")
    return counts


def _articles() -> QuerySet[Article]:
    related = Article.objects.only("id", "slug").order_by("slug")
    old = OldAddress.objects.order_by("path")
    rows = Article.objects.select_related("section", "photo")
    return rows.prefetch_related(Prefetch("related", related), Prefetch("old_addresses", old))


def _article(row: Article) -> dict[str, Any]:
    return values(row, ARTICLE) | {
        "kind": "article",
        "section": row.section.slug,
        "photo": values(row.photo, PHOTO) if row.photo else None,
        "related": [other.slug for other in row.related.all()],
        "addresses": [old.path for old in row.old_addresses.all()],
    }
