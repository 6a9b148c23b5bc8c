"""The public JSON of articles, photos and ticker items: pure functions over loaded rows.

API answers, live events and pages show the same shape. Times are ISO 8601 in UTC with `Z`.
"""

from __future__ import annotations

from typing import Any

from articles.models import Article, Photo, Section, State, Ticker, TickerItem
from newsroom.api.renderers import iso


def photo_json(photo: Photo | None) -> dict[str, Any] | None:
    """`url` is a JPEG; `srcset` is WebP; `sources` names both modern formats, the smaller first."""
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
    """An article in short; wants `for_teaser()`."""
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
    """An article in full; wants `for_page()` and `reads.complete`. A retracted one keeps its place, not its words."""
    if article.state == State.RETRACTED:
        known = {"ticker": None, "discussion": article.discussion_id, "retraction": article.retraction}
        return teaser_json(article) | _SILENT | known
    ticker: Ticker | None = getattr(article, "ticker", None)
    return teaser_json(article) | {
        "html": article.html,
        "correction": article.correction,
        "retraction": "",
        "related": [teaser_json(teaser) for teaser in article.teasers],
        "discussion": article.discussion_id,
        "ticker": ticker.slug if ticker else None,
    }


_SILENT: dict[str, Any] = {"kicker": "", "headline": "", "lead": "", "author": "", "photo": None} | {
    "html": "",
    "correction": "",
    "related": [],
}


def ticker_json(ticker: Ticker) -> dict[str, Any]:
    """A ticker; wants its `article` loaded."""
    return {
        "id": ticker.pk,
        "slug": ticker.slug,
        "url": ticker.get_absolute_url(),
        "title": ticker.title,
        "description": ticker.description,
        "article": ticker.article.slug if ticker.article else None,
        "language": ticker.article.language if ticker.article else None,
        "last_number": ticker.last_number,
        "stream": ticker.stream,
    }


def item_json(item: TickerItem) -> dict[str, Any]:
    """A ticker item; wants `for_list()`. A retracted one keeps its number, not its words."""
    is_silent = item.state == State.RETRACTED
    article = item.article if item.article and item.article.state == State.PUBLISHED and not is_silent else None
    return {
        "id": item.pk,
        "ticker": item.ticker.slug,
        "number": item.number,
        "version": item.version,
        "headline": "" if is_silent else item.headline,
        "text": "" if is_silent else item.text,
        "html": "" if is_silent else item.html,
        "level": item.level,
        "state": item.state,
        "article": article.slug if article else None,
        "pinned": item.pinned,
        "key_event": item.key_event,
        "publish_at": iso(item.publish_at) if item.state == State.SCHEDULED else None,
        "published_at": iso(item.published_at),
        "corrected_at": iso(item.corrected_at),
        "correction": "" if is_silent else item.correction,
        "retraction": item.retraction if is_silent else "",
    }
