"""What editors publish: front page, sections, articles, tickers. Everybody gets the same bytes unless logged in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import User
from articles import old_addresses
from articles import reads as article_reads
from articles.access import must_not_be_taken_back
from articles.models import Article, Section, Ticker, TickerItem
from articles.serializers import article_json, item_json, teaser_json, ticker_json
from comments import reads as comment_reads
from comments.models import Discussion, DiscussionTally
from newsroom.api.paging import Page, keyset, sort_of
from newsroom.api.views import made_from
from newsroom.live.outbox import Head, heads
from newsroom.pages.answers import show
from newsroom.pages.links import discussion_address, page_links
from newsroom.pages.talk import discussion_context, follows

TEASERS_A_PAGE = 12
ITEMS_A_PAGE = 20
ITEMS_A_PANEL = 7
CHATS_A_PANEL = 5
SITE_TICKER = "newsticker"
TICKER_STREAM = f"ticker.{SITE_TICKER}"


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The latest articles; on the first page a lead story, the ticker and what is being discussed.

    `?p=17` was the article of that number where it moved in from.
    """
    number = request.GET.get(old_addresses.NUMBER, "")
    if number and (there := old_addresses.leads_to(request.user, request.path, number)):
        return HttpResponsePermanentRedirect(there)
    here = heads(["articles", TICKER_STREAM])
    is_first = not request.GET.get("cursor")
    page = _articles(request, Article.objects.listed(), "front", TEASERS_A_PAGE + is_first)
    teasers = _teasers(page)
    lead = teasers.pop(0) if is_first and teasers else None
    ticker = Ticker.objects.select_related("article").filter(slug=SITE_TICKER).first()
    talk = comment_reads.discussion_page(sort="active", limit=CHATS_A_PANEL)
    context = {
        "place": "front",
        "is_first": is_first,
        "lead": lead,
        "teasers": teasers,
        "page": page_links(request, page),
        "articles_position": _position(here["articles"]),
        "chats_position": talk.position,
        "discussions": chat_rows(talk.rows),
        "chats_most": CHATS_A_PANEL,
        **(_panel(request, ticker, here[TICKER_STREAM]) if ticker else {}),
    }
    sources = made_from("articles", "chats", "discussion.*", at={TICKER_STREAM: _position(here[TICKER_STREAM])})
    return show(request, "pages/front.html", context, sources)


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponseBase:
    found = get_object_or_404(Section, slug=slug)
    page = _articles(request, Article.objects.listed().filter(section=found), f"section.{slug}", TEASERS_A_PAGE)
    context = {
        "section": found,
        "teasers": _teasers(page),
        "page": page_links(request, page),
        "is_following": follows(request.user, "section", found.pk),
    }
    return show(request, "pages/section.html", context, made_from("articles", "discussion.*"))


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An article with its live blog and its discussion; a preview for those who may see it before everybody."""
    found = Article.objects.visible_to(request.user).for_page().filter(slug=slug).first()
    if found is None:
        must_not_be_taken_back(slug)
        raise Http404
    article_reads.complete([found])
    is_preview = found.state != Article.State.PUBLISHED
    shown = article_json(found)
    context = {
        "section": found.section,
        "article": shown,
        "is_preview": is_preview,
        "is_following": follows(request.user, "article", found.pk),
    }
    at: dict[str, Any] = {}
    until = []
    if shown["ticker"]:
        stream = f"ticker.{shown['ticker']}"
        context |= _panel(request, found.ticker, heads([stream])[stream])
        at[stream] = context["ticker_position"] = context.pop("position")
    if found.discussion_id and not is_preview:
        head = comment_reads.head_of(found.discussion_id, request.user)
        context |= discussion_context(request, head)
        at[head.stream], until = context["position"], [head.next_change(timezone.now())]
    return show(request, "pages/article.html", context, made_from("articles", at=at, until=until))


@require_safe
def ticker(request: HttpRequest, slug: str = SITE_TICKER) -> HttpResponseBase:
    """A ticker, newest or oldest first, the pinned items on top of the first page."""
    here = heads([f"ticker.{slug}"])[f"ticker.{slug}"]
    found = Ticker.objects.visible_to(request.user).select_related("article").filter(slug=slug).first()
    if found is None:
        raise Http404
    sort = sort_of(request.GET, ("newest", "oldest"))
    items = TickerItem.objects.placed().for_list().filter(ticker=found)
    cursor = request.GET.get("cursor", "")
    scope = f"{found.stream}:{sort}"
    page = keyset(items, scope=scope, keys=["number"], limit=ITEMS_A_PAGE, cursor=cursor, descending=sort == "newest")
    context = {
        "place": "ticker",
        "ticker": ticker_json(found),
        "sort": sort,
        "items": [item_json(item) for item in page.rows],
        "pinned": [item_json(item) for item in items.filter(pinned=True).order_by("-number")[:5]],
        "page": page_links(request, page),
        "position": _position(here),
        "is_following": follows(request.user, "ticker", found.pk),
        "others": Ticker.objects.listed().exclude(pk=found.pk).order_by("-pk")[:5],
        **_unseen(request, found),
    }
    return show(request, "pages/ticker.html", context, made_from("articles", at={found.stream: _position(here)}))


def chat_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Discussions as JSON, each with its page's address and its place in the list, in milliseconds."""
    return [row | {"page": discussion_address(row), "order": _milliseconds(row["last_activity"])} for row in rows]


def _milliseconds(moment: str | None) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else 0


def _articles(request: HttpRequest, rows: Any, scope: str, limit: int) -> Page[Article]:
    return keyset(
        rows.for_teaser(),
        scope=scope,
        keys=["published_at", "id"],
        limit=limit,
        cursor=request.GET.get("cursor", ""),
    )


def _teasers(page: Page[Article]) -> list[dict[str, Any]]:
    """Teasers with the number of comments under each, one query for all."""
    ids = [each.pk for each in page.rows]
    threads = DiscussionTally.objects.filter(discussion__article__in=ids, discussion__mode=Discussion.Mode.THREAD)
    counts = dict(threads.values_list("discussion__article_id", "comment_count"))
    return [teaser_json(each) | {"comment_count": counts.get(each.pk, 0)} for each in page.rows]


def _unseen(request: HttpRequest, found: Ticker) -> dict[str, Any]:
    """What the count of the unseen is made from: the numbers there are, and how far this person has read."""
    seen = article_reads.seen_by(request.user, found) if isinstance(request.user, User) else 0
    return {"numbers": article_reads.numbers_of(found), "seen": seen}


def _panel(request: HttpRequest, found: Ticker, here: Head) -> dict[str, Any]:
    """The newest items of a ticker for a panel; `here` was read before them."""
    items = TickerItem.objects.placed().for_list().filter(ticker=found).order_by("-number")[:ITEMS_A_PANEL]
    return {
        "ticker": ticker_json(found),
        "ticker_most": ITEMS_A_PANEL,
        "items": [item_json(item) for item in items],
        "position": _position(here),
        **_unseen(request, found),
    }


def _position(head: Head) -> dict[str, Any]:
    return {"epoch": head.epoch, "offset": head.top}
