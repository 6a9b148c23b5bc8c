"""The sitemap for search engines, https://www.sitemaps.org/protocol.html, with the fields of Google News.

A small site has one file. Beyond PART articles it is an index of parts, so that no answer grows with the site.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles import reads
from articles.models import Article, Section, Ticker
from newsroom.api.renderers import iso
from newsroom.api.responses import tagged
from newsroom.edge.sources import Sources, made_from
from newsroom.face.present import site_name
from newsroom.pages.feeds import writable

PART = 1000  # a part has the articles of so many numbers (`id`)
NEWS_FOR = timedelta(days=2)  # what search engines consider news
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


@require_safe
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """Sections, tickers and articles, or the addresses of the parts that name them."""
    parts = reads.parts(PART)
    if len(parts) <= 1:
        articles, sources = _articles(parts[0]) if parts else ([], made_from())
        return _answer(request, "urlset", [*_places(), *articles], sources)
    there = [reverse("sitemap-places"), *(reverse("sitemap-articles", args=[number]) for number in parts)]
    return _answer(request, "sitemapindex", [f"<sitemap>{_place(path)}</sitemap>" for path in there], made_from())


@require_safe
def places(request: HttpRequest) -> HttpResponseBase:
    """The part that names front page, chats, sections and the site's tickers."""
    return _answer(request, "urlset", _places(), made_from())


@require_safe
def articles(request: HttpRequest, number: int) -> HttpResponseBase:
    """The part that names the articles from `number` * PART on, and their live blogs."""
    found, sources = _articles(number)
    if not found:
        raise Http404
    return _answer(request, "urlset", found, sources)


def _places() -> Iterator[str]:
    tickers = Ticker.objects.filter(article=None)
    rows = [*Section.objects.all(), *tickers.order_by("pk")]
    for path in ("/", "/chats/", *(row.get_absolute_url() for row in rows)):
        yield f"<url>{_place(path)}</url>"


def _articles(number: int) -> tuple[list[str], Sources]:
    """The entries of a part, newest first, and what they were made from: after NEWS_FOR an article is no news."""
    rows = Article.objects.listed().filter(pk__gte=number * PART, pk__lt=(number + 1) * PART).newest_first()
    since = timezone.now() - NEWS_FOR
    here = _place(Article(slug="{}").get_absolute_url()).format  # slugs need no escaping
    entries, ends = [], []
    for slug, language, headline, published, updated, ticker in rows.values_list(
        "slug", "language", "headline", "published_at", "updated_at", "ticker__slug"
    ):
        changed = f"<lastmod>{iso(updated or published)}</lastmod>" if updated or published else ""
        news = ""
        if published and published > since:
            ends.append(published + NEWS_FOR)
            news = _news(language, iso(published), headline)
        entries.append(f"<url>{here(slug)}{changed}{news}</url>")
        if ticker:
            entries.append(f"<url>{_place(Ticker(slug=ticker).get_absolute_url())}</url>")
    return entries, made_from(until=ends)


def _news(language: str, published: str | None, headline: str) -> str:
    return (
        f"<news:news><news:publication><news:name>{_text(site_name())}</news:name>"
        f"<news:language>{_text(language)}</news:language></news:publication>"
        f"<news:publication_date>{published}</news:publication_date>"
        f"<news:title>{_text(headline)}</news:title></news:news>"
    )


def _place(path: str) -> str:
    return f"<loc>{_text(settings.SITE_URL + path)}</loc>"


def _text(text: str) -> str:
    return escape(writable(text))


def _answer(request: HttpRequest, root: str, entries: Iterable[str], sources: Sources) -> HttpResponseBase:
    spaces = f'xmlns="{_SCHEMA}"' + (f' xmlns:news="{_NEWS}"' if root == "urlset" else "")
    body = f"{_HEAD}<{root} {spaces}>\n" + "\n".join(entries) + f"\n</{root}>\n"
    return tagged(request, HttpResponse(body, content_type="application/xml; charset=utf-8"), sources)
