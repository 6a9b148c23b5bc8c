"""Writes imported articles with their own states and times, and notifies no followers.

An article that was imported once is never changed again: an editor may have corrected it since.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, OldAddress, Section, State
from articles.slugs import free_slug, slug_of
from newsroom.text import clean_line

LAST = 100  # position of imported sections: after the site's own
UNTITLED = 60  # characters of the text that replace a missing headline


@dataclass(frozen=True, slots=True)
class Import:
    """An article from another system; `html` is sanitised, `text` is its plain text."""

    source: str
    source_id: str
    state: State  # draft, scheduled or published
    headline: str
    slug: str
    lead: str
    html: str
    text: str
    author_line: str
    language: str
    at: datetime | None
    section: tuple[str, str]  # slug and name


def known(source: str, source_ids: Iterable[str]) -> dict[str, int]:
    """Source id → primary key, for those that have been imported before."""
    rows = Article.objects.exclude(source="")  # the condition of the index, which SQLite does not use without it
    rows = rows.filter(source=source, source_id__in=list(source_ids))
    return dict(rows.values_list("source_id", "pk"))


def store(found: Import) -> Article:
    """Write one new article, inside the caller's transaction. A scheduled one has a time."""
    state, at, now = found.state, found.at, timezone.now()
    headline = headline_of(found)
    return Article.objects.create(
        source=found.source,
        source_id=found.source_id,
        slug=free_slug(found.slug or headline),
        section=section(*found.section),
        headline=headline,
        lead=found.lead[:2_000],
        body=found.html,
        body_format=Article.Format.HTML,
        html=found.html,
        author_line=clean_line(found.author_line)[:200],
        language=found.language or "de",
        state=state,
        created_at=at or now,
        published_at=(at or now) if state == State.PUBLISHED else None,
        publish_at=at if state == State.SCHEDULED else None,
    )


def led_by(keys: Iterable[str]) -> dict[str, int]:
    """Old address → primary key of the article to which it leads already."""
    return dict(OldAddress.objects.filter(path__in=list(keys)).values_list("path", "article"))


def remember(article: Article, keys: Iterable[str]) -> None:
    """Make old addresses lead to the article. None of them leads to an article yet."""
    OldAddress.objects.bulk_create([OldAddress(path=key, article=article) for key in keys], ignore_conflicts=True)


def headline_of(found: Import) -> str:
    """The title; without one the first words of the text, or else a default."""
    if found.headline:
        return found.headline[:300]
    words = found.text[: UNTITLED + 1]
    if len(words) > UNTITLED:
        words = f"{words[:UNTITLED].rpartition(' ')[0] or words[:UNTITLED]} …"
    return words or _("Untitled")


def section(slug: str, name: str) -> Section:
    """The section with this slug or name; created if missing."""
    slug, name = section_key(slug, name), clean_line(name)[:60]
    found = Section.objects.filter(Q(slug=slug) | Q(name__iexact=name)).order_by("pk").first()
    return found or Section.objects.create(slug=slug, name=name, position=LAST)


def section_key(slug: str, name: str) -> str:
    """The slug of a section."""
    return slug_of(slug or name)[:60].strip("-")
