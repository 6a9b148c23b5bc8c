"""For programs that read along: Atom and JSON feeds, the sitemap with its news, and what robots may visit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from articles.models import Article, Section, Ticker, TickerItem
from newsroom.api.renderers import iso
from newsroom.api.views import Sources, made_from, tagged
from newsroom.live.outbox import heads

ENTRIES = 30
SITEMAP_ARTICLES = 1000
NEWS_FOR = timedelta(days=2)  # what search engines call news
QUIET = ["/accounts/", "/admin/", "/api/", "/comments/", "/language/", "/subscriptions/"]


# What XML 1.0 cannot hold, and what no encoding can: one such sign in a row would refuse the whole feed, for good.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    path: str
    name: str  # path that never changes
    html: str
    published: datetime | None
    updated: datetime | None
    author: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""  # path
    language: str = ""  # the site's, if empty


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    own: str  # paths: of the feed, and of the page that shows the same
    page: str
    entries: list[Entry]


@require_safe
def articles_feed(request: HttpRequest, kind: str, slug: str | None = None) -> HttpResponseBase:
    """The latest articles, of the whole site or of a section; `kind`: atom or json."""
    found = get_object_or_404(Section, slug=slug) if slug else None
    rows = Article.objects.listed().for_teaser().newest_first()
    rows = rows.filter(section=found) if found else rows
    feed = Feed(
        f"{found.name} – {settings.SITE_NAME}" if found else settings.SITE_NAME,
        request.path,
        found.get_absolute_url() if found else "/",
        [_of_article(each) for each in rows[:ENTRIES]],
    )
    return _answer(request, feed, kind, made_from("articles"))


@require_safe
def ticker_feed(request: HttpRequest, kind: str, slug: str) -> HttpResponseBase:
    """The latest items of a ticker; `kind`: atom or json."""
    ticker = Ticker.objects.listed().select_related("article").filter(slug=slug).first()
    if ticker is None:
        raise Http404
    here = heads([ticker.stream])[ticker.stream]
    page = ticker.get_absolute_url()
    items = TickerItem.objects.listed().filter(ticker=ticker).order_by("-number")[:ENTRIES]
    language = ticker.article.language if ticker.article else ""
    entries = [_of_item(each, page, language) for each in items]
    feed = Feed(f"{ticker.title} – {settings.SITE_NAME}", request.path, page, entries)
    stands = {"epoch": here.epoch, "offset": here.top}
    return _answer(request, feed, kind, made_from("articles", at={ticker.stream: stands}))


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """Sections, tickers and articles; those of the last two days with what Google News asks for."""
    response = HttpResponse(content_type="application/xml")
    xml = SimplerXMLGenerator(response, "utf-8")
    spaces = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    spaces["xmlns:news"] = "http://www.google.com/schemas/sitemap-news/0.9"
    xml.startDocument()
    xml.startElement("urlset", AttributesImpl(spaces))
    for place in ["/", "/chats/", *_places(Section.objects.all()), *_places(Ticker.objects.listed())]:
        _write_url(xml, place)
    articles = list(Article.objects.listed().for_teaser().newest_first()[:SITEMAP_ARTICLES])
    now = timezone.now()
    for article in articles:
        _write_article(xml, article, now)
    xml.endElement("urlset")
    ends = [article.published_at + NEWS_FOR for article in articles if article.published_at]
    return tagged(request, response, made_from("articles", until=[end for end in ends if end > now]))


@require_safe
def robots(request: HttpRequest) -> HttpResponseBase:
    lines = ["User-agent: *", *[f"Disallow: {path}" for path in QUIET], f"Sitemap: {settings.SITE_URL}/sitemap.xml", ""]
    return tagged(request, HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8"), made_from())


def _of_article(article: Article) -> Entry:
    return Entry(
        article.headline,
        article.get_absolute_url(),
        f"/articles/{article.pk}",
        escape(article.lead),
        article.published_at,
        article.updated_at or article.published_at,
        author=article.author_line,
        tags=(article.section.name,),
        image=article.photo.url if article.photo else "",
        language=article.language,
    )


def _of_item(item: TickerItem, page: str, language: str) -> Entry:
    updated = item.corrected_at or item.published_at
    name = f"/ticker-items/{item.pk}"
    where = f"{page}#item-{item.pk}"
    return Entry(item.headline, where, name, item.html, item.published_at, updated, language=language)


def _answer(request: HttpRequest, feed: Feed, kind: str, sources: Sources) -> HttpResponseBase:
    return tagged(request, _json(feed) if kind == "json" else _atom(feed), sources)


def _atom(feed: Feed) -> HttpResponse:
    made = _Atom(
        title=_writable(feed.title),
        link=settings.SITE_URL + feed.page,
        description=_("News from %s") % settings.SITE_NAME,
        language=settings.LANGUAGE_CODE,
        feed_url=settings.SITE_URL + feed.own,
    )
    for each in feed.entries:
        made.add_item(
            _writable(each.title),
            settings.SITE_URL + each.path,
            _writable(each.html),
            author_name=_writable(each.author) or settings.SITE_NAME,
            pubdate=each.published,
            updateddate=each.updated,
            unique_id=settings.SITE_URL + each.name,
            categories=[_writable(tag) for tag in each.tags],
            language=each.language,
        )
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    made.write(response, "utf-8")
    return response


class _Atom(Atom1Feed):
    def item_attributes(self, item: dict[str, Any]) -> dict[str, Any]:
        language = {"xml:lang": item["language"]} if item["language"] else {}
        return {**super().item_attributes(item), **language}


def _json(feed: Feed) -> HttpResponse:
    """JSON Feed 1.1, https://jsonfeed.org/version/1.1."""
    known = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": settings.SITE_URL + feed.page,
        "feed_url": settings.SITE_URL + feed.own,
        "language": settings.LANGUAGE_CODE,
        "items": [_json_item(each) for each in feed.entries],
    }
    return HttpResponse(
        _writable(json.dumps(known, ensure_ascii=False)), content_type="application/feed+json; charset=utf-8"
    )


def _json_item(entry: Entry) -> dict[str, Any]:
    return {
        "id": settings.SITE_URL + entry.name,
        "url": settings.SITE_URL + entry.path,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": iso(entry.published),
        "date_modified": iso(entry.updated),
        "authors": [{"name": entry.author or settings.SITE_NAME}],
        "tags": list(entry.tags),
        **({"language": entry.language} if entry.language else {}),
        **({"image": settings.SITE_URL + entry.image} if entry.image else {}),
    }


def _places(rows: Iterable[Section | Ticker]) -> list[str]:
    return [row.get_absolute_url() for row in rows]


def _write_article(xml: SimplerXMLGenerator, article: Article, now: datetime) -> None:
    parts = {"lastmod": iso(article.updated_at or article.published_at) or ""}
    news: dict[str, str] = {}
    if article.published_at and article.published_at > now - NEWS_FOR:
        news = {"news:publication_date": iso(article.published_at) or "", "news:title": article.headline}
    _write_url(xml, article.get_absolute_url(), parts, news, article.language)


def _write_url(
    xml: SimplerXMLGenerator,
    path: str,
    parts: dict[str, str] | None = None,
    news: dict[str, str] | None = None,
    language: str = "",
) -> None:
    xml.startElement("url", _NONE)
    _write_all(xml, {"loc": settings.SITE_URL + path, **(parts or {})})
    if news:
        xml.startElement("news:news", _NONE)
        xml.startElement("news:publication", _NONE)
        _write_all(xml, {"news:name": settings.SITE_NAME, "news:language": language})
        xml.endElement("news:publication")
        _write_all(xml, news)
        xml.endElement("news:news")
    xml.endElement("url")


def _write_all(xml: SimplerXMLGenerator, parts: dict[str, str]) -> None:
    for name, text in parts.items():
        xml.addQuickElement(name, _writable(text))


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("", text)


_NONE: AttributesImpl[str] = AttributesImpl({})
