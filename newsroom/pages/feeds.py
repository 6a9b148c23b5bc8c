"""Pages for programs: Atom and JSON feeds, and robots.txt."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from accounts.access import owner_of_feed
from articles.access import missing
from articles.models import Article, Section, Ticker, TickerItem, item_address
from comments import reads
from comments.models import Comment
from newsroom.api.renderers import iso
from newsroom.api.responses import tagged
from newsroom.edge.sources import Sources, made_from
from newsroom.face.present import site_name
from newsroom.live.outbox import position

ENTRIES = 30
QUIET = ["/accounts/", "/admin/", "/api/", "/comments/", "/feeds/replies/", "/language/", "/subscriptions/"]


# Invalid in XML 1.0 or in any encoding. One such character in a row would make the whole feed invalid for good.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    path: str
    name: str  # a path that never changes
    html: str
    published: datetime | None
    updated: datetime | None
    author: str = ""
    tags: tuple[str, ...] = ()
    image: str = ""  # path
    language: str = ""  # the site's language if empty


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    own: str  # paths of the feed and of the page with the same content
    page: str
    entries: list[Entry]


@require_safe
def articles_feed(request: HttpRequest, kind: str, slug: str | None = None) -> HttpResponseBase:
    """The latest articles of the whole site or of a section; `kind`: atom or json."""
    found = get_object_or_404(Section, slug=slug) if slug else None
    rows = Article.objects.listed().for_teaser().newest_first()
    rows = rows.filter(section=found) if found else rows
    feed = Feed(
        f"{found.name} – {site_name()}" if found else site_name(),
        request.path,
        found.get_absolute_url() if found else "/",
        [_of_article(each) for each in rows[:ENTRIES]],
    )
    return _answer(request, feed, kind, made_from())


@require_safe
def ticker_feed(request: HttpRequest, kind: str, slug: str) -> HttpResponseBase:
    """The latest items of a ticker; `kind`: atom or json."""
    ticker = Ticker.objects.listed().select_related("article").filter(slug=slug).first()
    if ticker is None:
        raise missing(_("There is no such ticker."), ticker__slug=slug)
    here = position(ticker.stream)
    page = ticker.get_absolute_url()
    items = TickerItem.objects.listed().filter(ticker=ticker).order_by("-number")[:ENTRIES]
    language = ticker.article.language if ticker.article else ""
    entries = [_of_item(each, slug, language) for each in items]
    feed = Feed(f"{ticker.title} – {site_name()}", request.path, page, entries)
    return _answer(request, feed, kind, made_from(at={ticker.stream: here}))


@require_safe
def discussion_feed(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """The newest comments of a public discussion, replies among them; `kind`: atom or json."""
    head = reads.head_of(pk, AnonymousUser())
    if head.pk != pk:  # merged into another
        return redirect(f"discussion-{'json-feed' if kind == 'json' else 'feed'}", head.pk)
    sources = reads.sources_of(head)
    language = head.article.language if head.article else ""
    entries = [_of_comment(each, head.title, language) for each in reads.newest_comments(head, ENTRIES)]
    feed = Feed(f"{head.title} – {site_name()}", request.path, head.page, entries)
    return _answer(request, feed, kind, sources)


@require_safe
def replies_feed(request: HttpRequest, kind: str, key: str) -> HttpResponseBase:
    """What answers or mentions the person whose feed has this key; `kind`: atom or json."""
    person = owner_of_feed(key)
    with override(person.language):
        entries = [_of_answer(each) for each in reads.told_of_answers(person, ENTRIES)]
        title = _("Replies to %(name)s – %(site)s") % {"name": person.name, "site": site_name()}
        answer = _answer(request, Feed(title, request.path, "/accounts/profile/", entries), kind, None)
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer


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


def _of_item(item: TickerItem, ticker: str, language: str) -> Entry:
    updated = item.corrected_at or item.published_at
    name = f"/ticker-items/{item.pk}"
    return Entry(
        item.headline, item_address(ticker, item.number), name, item.html, item.published_at, updated, language=language
    )


def _of_answer(comment: Comment) -> Entry:
    article = comment.discussion.article
    name = comment.author.name if comment.author else comment.author_name
    return _entry(comment, name, comment.discussion.title, article.language if article else "")


def _of_comment(line: Any, title: str, language: str) -> Entry:
    return _entry(line, reads.name_of(line), title, language)


def _entry(line: Any, name: str, title: str, language: str) -> Entry:
    path = f"/comments/{line.id}/"
    said = _("%(name)s on “%(title)s”") if name else _("On “%(title)s”")
    heading, author = said % {"name": name, "title": title}, name or _("Without a name")
    updated = line.edited_at or line.created_at
    return Entry(heading, path, path, line.html, line.created_at, updated, author=author, language=language)


def _answer(request: HttpRequest, feed: Feed, kind: str, sources: Sources | None) -> HttpResponseBase:
    return tagged(request, _json(feed) if kind == "json" else _atom(feed), sources)


def _atom(feed: Feed) -> HttpResponse:
    made = _Atom(
        title=writable(feed.title),
        link=settings.SITE_URL + feed.page,
        description=_("News from %s") % site_name(),
        language=settings.LANGUAGE_CODE,
        feed_url=settings.SITE_URL + feed.own,
    )
    for each in feed.entries:
        made.add_item(
            writable(each.title),
            settings.SITE_URL + each.path,
            writable(each.html),
            author_name=writable(each.author) or site_name(),
            pubdate=each.published,
            updateddate=each.updated,
            unique_id=settings.SITE_URL + each.name,
            categories=[writable(tag) for tag in each.tags],
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
        writable(json.dumps(known, ensure_ascii=False)), content_type="application/feed+json; charset=utf-8"
    )


def _json_item(entry: Entry) -> dict[str, Any]:
    return {
        "id": settings.SITE_URL + entry.name,
        "url": settings.SITE_URL + entry.path,
        "title": entry.title,
        "content_html": entry.html,
        "date_published": iso(entry.published),
        "date_modified": iso(entry.updated),
        "authors": [{"name": entry.author or site_name()}],
        "tags": list(entry.tags),
        **({"language": entry.language} if entry.language else {}),
        **({"image": settings.SITE_URL + entry.image} if entry.image else {}),
    }


def writable(text: str) -> str:
    """The text without what no XML document may hold."""
    return _UNWRITABLE.sub("", text)
