"""For programs that read along: Atom feeds, the sitemap with its news, and what robots may visit."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
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


@require_safe
def articles_feed(request: HttpRequest, slug: str | None = None) -> HttpResponseBase:
    """The latest articles, of the whole site or of a section."""
    found = get_object_or_404(Section, slug=slug) if slug else None
    rows = Article.objects.listed().for_teaser().newest_first()
    rows = rows.filter(section=found) if found else rows
    feed = _feed(f"{found.name} – {settings.SITE_NAME}" if found else settings.SITE_NAME, request.path, "/")
    for each in rows[:ENTRIES]:
        feed.add_item(
            each.headline,
            settings.SITE_URL + each.get_absolute_url(),
            each.lead,
            author_name=each.author_line or settings.SITE_NAME,
            pubdate=each.published_at,
            updateddate=each.updated_at or each.published_at,
            unique_id=f"{settings.SITE_URL}/articles/{each.pk}",
            categories=[each.section.name],
        )
    return _answer(request, feed, made_from("articles"))


@require_safe
def ticker_feed(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The latest items of a ticker."""
    ticker = Ticker.objects.listed().filter(slug=slug).first()
    if ticker is None:
        raise Http404
    here = heads([ticker.stream])[ticker.stream]
    feed = _feed(f"{ticker.title} – {settings.SITE_NAME}", request.path, ticker.get_absolute_url())
    for item in TickerItem.objects.listed().filter(ticker=ticker).order_by("-number")[:ENTRIES]:
        feed.add_item(
            item.headline,
            f"{settings.SITE_URL}{ticker.get_absolute_url()}#item-{item.pk}",
            item.html,
            author_name=settings.SITE_NAME,
            pubdate=item.published_at,
            updateddate=item.corrected_at or item.published_at,
            unique_id=f"{settings.SITE_URL}/ticker-items/{item.pk}",
        )
    stands = {"epoch": here.epoch, "offset": here.top}
    return _answer(request, feed, made_from("articles", at={ticker.stream: stands}))


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


def _feed(title: str, own: str, page: str) -> Atom1Feed:
    return Atom1Feed(
        title=title,
        link=settings.SITE_URL + page,
        description=_("News from %s") % settings.SITE_NAME,
        language=settings.LANGUAGE_CODE,
        feed_url=settings.SITE_URL + own,
    )


def _answer(request: HttpRequest, feed: Atom1Feed, sources: Sources) -> HttpResponseBase:
    response = HttpResponse(content_type="application/atom+xml; charset=utf-8")
    feed.write(response, "utf-8")
    return tagged(request, response, sources)


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
        xml.addQuickElement(name, text)


_NONE: AttributesImpl[str] = AttributesImpl({})
