"""The public JSON of articles, photos and ticker items: pure functions over loaded rows.

API answers, live events and pages have the same shape. Times are ISO 8601 in UTC with `Z`.
"""

from __future__ import annotations

from typing import Any

from articles.models import Article, Photo, Section, State, Ticker, TickerItem
from newsroom.api.renderers import iso
from newsroom.database.statements import shown


def photo_json(photo: Photo | None) -> dict[str, Any] | None:
    """`url` is a JPEG; `srcset` is WebP; `sources` are both modern formats, the smaller first."""
    if photo is None:
        return None
    return {
        "url": photo.url,
        "srcset": photo.srcset("webp"),
        "sources": [{"type": f"image/{kind}", "srcset": photo.srcset(kind)} for kind in ("avif", "webp")],
        "width": photo.width,
        "height": photo.height,
        "caption": photo.caption,
        "alt": photo.alt,
        "credit": photo.credit,
        "credit_url": photo.credit_url,
        "year": photo.year,
    }


def section_json(section: Section) -> dict[str, Any]:
    return {"slug": section.slug, "name": section.name}


def teaser_json(article: Article) -> dict[str, Any]:
    """An article in short; load it with `for_teaser()`."""
    return {
        "id": article.pk,
        "slug": article.slug,
        "url": article.get_absolute_url(),
        "section": article.section.slug,
        "section_name": article.section.name,
        "kicker": article.kicker,
        "headline": article.headline,
        "lead": article.lead,
        "author": article.author_line,
        "language": article.language,
        "state": article.state,
        "version": article.version,
        "published_at": iso(article.published_at),
        "updated_at": iso(article.updated_at),
        "photo": photo_json(article.photo),
    }


def article_json(article: Article) -> dict[str, Any]:
    """A whole article; load it with `for_page()` and `reads.complete`. A retracted one is without its text."""
    whole = listed_json(article) | {"html": article.html}
    return _taken_back(whole) if article.state == State.RETRACTED else whole


def listed_json(article: Article) -> dict[str, Any]:
    """A published article without its body; load it with `for_list()` and `reads.complete`."""
    ticker: Ticker | None = getattr(article, "ticker", None)
    return teaser_json(article) | {
        "correction": article.correction,
        "retraction": article.retraction,
        "related": [shown(teaser, teaser_json) for teaser in article.teasers],
        "discussion": article.discussion_id,
        "ticker": ticker.slug if ticker else None,
    }


_STAYS = frozenset(
    {"id", "slug", "url", "section", "section_name", "language", "number", "level", "key_event"}
    | {"state", "version", "published_at", "updated_at", "corrected_at", "retraction", "discussion"}
)
_EMPTY: dict[type, Any] = {str: "", list: [], bool: False}
_LINKS = frozenset({"article", "photo", "ticker"})  # null if there is none


def _taken_back(body: dict[str, Any], *also: str) -> dict[str, Any]:
    """The JSON of something retracted: every field is emptied except those in _STAYS and `also`."""
    stays = _STAYS.union(also)
    return {
        name: value if name in stays else None if name in _LINKS else _EMPTY.get(type(value))
        for name, value in body.items()
    }


def ticker_json(ticker: Ticker) -> dict[str, Any]:
    """A ticker; load it with its `article`."""
    return {
        "id": ticker.pk,
        "slug": ticker.slug,
        "url": ticker.get_absolute_url(),
        "title": ticker.title,
        "description": ticker.description,
        "article": ticker.article.slug if ticker.article else None,
        "language": ticker.article.language if ticker.article else None,
        "last_number": ticker.last_number,
        "state": ticker.coverage,
        "began_at": iso(ticker.began_at),
        "ended_at": iso(ticker.ended_at),
        "summary": ticker.summary,
        "summary_html": ticker.summary_html,
        "version": ticker.version,
        "stream": ticker.stream,
    }


def item_json(item: TickerItem) -> dict[str, Any]:
    """A ticker item; load it with `for_list()`. A retracted one has its number but no text."""
    article = item.article if item.article and item.article.state == State.PUBLISHED else None
    whole = {
        "id": item.pk,
        "ticker": item.ticker.slug,
        "number": item.number,
        "version": item.version,
        "headline": item.headline,
        "text": item.text,
        "html": item.html,
        "level": item.level,
        "state": item.state,
        "article": article.slug if article else None,
        "pinned": item.pinned,
        "key_event": item.key_event,
        "publish_at": iso(item.publish_at) if item.state == State.SCHEDULED else None,
        "published_at": iso(item.published_at),
        "corrected_at": iso(item.corrected_at),
        "correction": item.correction,
        "retraction": item.retraction,
    }
    return _taken_back(whole, "ticker") if item.state == State.RETRACTED else whole
