"""The pages of editors' content: front page, sections, articles, tickers. Equal for all readers who are not logged
in.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles import old_addresses, ticker_reads
from articles import reads as article_reads
from articles.access import find_numbered_item, missing
from articles.models import SITE_TICKER, Article, Section
from articles.representations import article_json, item_json, ticker_json
from comments import reads as comment_reads
from comments.models import Discussion, DiscussionTally, page_of
from newsroom.api.paging import Page, Source, keyset, sort_of
from newsroom.edge.sources import Sources, counted_from, made_from
from newsroom.live.outbox import position
from newsroom.pages.rendering import page_links, show
from newsroom.pages.thread import discussion_context, follows

TEASERS_A_PAGE = 12
ITEMS_A_PAGE = 20
CHATS_A_PANEL = 5


@require_safe
def front(request: HttpRequest) -> HttpResponseBase:
    """The latest articles. The first page also has a lead story, the ticker and current discussions.

    `?p=17` is an article's address on the former site.
    """
    number = request.GET.get(old_addresses.NUMBER, "")
    if number and (there := old_addresses.leads_to(request.user, request.path, number)):
        return HttpResponsePermanentRedirect(there)
    here = position("articles")
    is_first = not request.GET.get("cursor")
    page = _articles(request, _listed_anywhere(), "front", TEASERS_A_PAGE + is_first)
    teasers = _teasers(page)
    lead = teasers.pop(0) if is_first and teasers else None
    panel = ticker_reads.panel_of(SITE_TICKER, request.user)
    talk = comment_reads.discussion_page(sort="active", limit=CHATS_A_PANEL)
    context = {
        "place": "front",
        "is_first": is_first,
        "lead": lead,
        "teasers": teasers,
        "page": page_links(request, page),
        "articles_position": here,
        "chats_position": talk.position,
        "discussions": chat_rows(talk.rows),
        "chats_most": CHATS_A_PANEL,
        **(_panel(panel) if panel else {}),
    }
    sources = _sources_of(SITE_TICKER, panel) | talk.sources | COUNTS
    return show(request, "pages/front.html", context, sources)


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponseBase:
    found = article_reads.section_of(slug)
    if found is None:
        raise Http404
    page = _articles(request, _listed_in(found), f"section.{slug}", TEASERS_A_PAGE)
    context = {
        "section": found,
        "teasers": _teasers(page),
        "page": page_links(request, page),
        "is_following": follows(request.user, "section", found.pk),
    }
    return show(request, "pages/section.html", context, COUNTS)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An article with its live blog and its discussion; a preview for people who may see it before publication."""
    found = article_reads.article_of(slug, request.user)
    if found is None:
        raise missing(_("There is no such article."), slug=slug)
    is_preview = found.state != Article.State.PUBLISHED
    shown = article_json(found)
    context = {"section": found.section, "article": shown, "is_preview": is_preview, "items": None, "ticker": None}
    context |= {"sections": article_reads.sections_with(found)}
    sources, follow = Sources(), ("article", found.pk)
    if shown["ticker"]:
        panel = ticker_reads.panel_of(shown["ticker"], request.user, is_blog=True)
        context |= _panel(panel) if panel else {}
        sources |= _sources_of(shown["ticker"], panel)
    if found.discussion_id and not is_preview:
        head = comment_reads.head_of(found.discussion_id, request.user)
        sources |= comment_reads.sources_of(head)
        context |= discussion_context(request, head, follow=follow)
    else:
        context["is_following"] = follows(request.user, *follow)
    return show(request, "pages/article.html", context, sources)


@require_safe
def ticker(request: HttpRequest, slug: str = SITE_TICKER) -> HttpResponseBase:
    """A ticker, newest or oldest first. Pinned items are on top of the first page."""
    found = ticker_reads.ticker_of(slug, request.user)
    if found is None:
        raise missing(_("There is no such ticker."), ticker__slug=slug)
    sort = sort_of(request.GET, ("newest", "oldest"))
    page = keyset(
        ticker_reads.items_of(found.ticker),
        scope=f"{found.ticker.stream}:{sort}",
        keys=["number"],
        limit=ITEMS_A_PAGE,
        cursor=request.GET.get("cursor", ""),
        descending=sort == "newest",
    )
    pinned = ticker_reads.pinned_of(found.ticker)
    above = {item["id"] for item in pinned}
    items = (ticker_reads.shown_item(item) for item in page.rows)
    context = {
        "place": "ticker",
        "ticker": ticker_json(found.ticker),
        "sort": sort,
        "items": [item | {"is_above": True} if item["id"] in above else item for item in items],
        "pinned": pinned,
        "page": page_links(request, page),
        "position": found.position,
        "is_following": follows(request.user, "ticker", found.ticker.pk),
        "others": ticker_reads.others_than(found.ticker.pk),
        "numbers": found.numbers,
        "seen": found.seen,
    }
    return show(request, "pages/ticker.html", context, made_from(at={found.ticker.stream: found.position}))


@require_safe
def item(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """One item of a ticker, opened."""
    reading = ticker_reads.ticker_of(slug, request.user)  # with the position, so before the item
    shown = item_json(find_numbered_item(request.user, slug, number))
    if reading is None:
        raise missing(_("There is no such ticker."), ticker__slug=slug)
    context = {
        "place": "ticker",
        "ticker": ticker_json(reading.ticker),
        "item": shown,
        "items": [shown],
        "numbers": reading.numbers,
        "seen": reading.seen,
        "position": reading.position,
    }
    return show(request, "pages/item.html", context, made_from(at={reading.ticker.stream: reading.position}))


def chat_rows(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Discussions as JSON with their pages' addresses, and their places in the list as milliseconds."""
    return [row | _placed(row) for row in rows]


def _placed(row: dict[str, Any]) -> dict[str, Any]:
    return {"page": page_of(row["mode"], row["article"], row["id"]), "order": _milliseconds(row["last_activity"])}


def _milliseconds(moment: str | None) -> int:
    return int(datetime.fromisoformat(moment).timestamp() * 1000) if moment else 0


def _listed_anywhere() -> Source[Article]:
    return Source(Article, _teased, (), (False,), is_kept=True)


def _listed_in(section: Section) -> Source[Article]:
    return Source(Article, _teased, (section.pk,), (True,), is_kept=True)


def _teased(is_of_section: bool, *section: int) -> QuerySet[Article]:
    """Published articles as teasers, with their numbers of comments."""
    tallies = DiscussionTally.objects.filter(discussion__mode=Discussion.Mode.THREAD)
    counts = tallies.filter(discussion__article=OuterRef("pk")).values("comment_count")[:1]
    rows = Article.objects.listed().for_teaser().annotate(comment_count=Subquery(counts))
    return rows.filter(section=section[0]) if is_of_section else rows


def _articles(request: HttpRequest, rows: Source[Article], scope: str, limit: int) -> Page[Article]:
    return keyset(
        rows,
        scope=scope,
        keys=["published_at", "id"],
        limit=limit,
        cursor=request.GET.get("cursor", ""),
    )


COUNTS = counted_from("discussion.*")  # of teasers


def _teasers(page: Page[Article]) -> list[dict[str, Any]]:
    return [article_reads.shown_teaser(each) | {"comment_count": _count_of(each)} for each in page.rows]


def _count_of(article: Any) -> int:
    return article.comment_count or 0


def _panel(panel: ticker_reads.Reading) -> dict[str, Any]:
    return {
        "ticker": ticker_json(panel.ticker),
        "ticker_most": ticker_reads.PANEL_ITEMS,
        "ticker_position": panel.position,
        "items": panel.items,
        "key_events": panel.key_events,
        "key_events_most": ticker_reads.MOST_KEY_EVENTS,
        "numbers": panel.numbers,
        "seen": panel.seen,
    }


def _sources_of(slug: str, panel: ticker_reads.Reading | None) -> Sources:
    """Those of a page with this panel, or with a place for it."""
    return made_from(at={f"ticker.{slug}": panel.position if panel else position(f"ticker.{slug}")})
