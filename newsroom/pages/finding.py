"""The search in articles and in what readers said."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles import reads as articles
from comments import reads as comments
from newsroom import limits
from newsroom.api.paging import Malformed
from newsroom.client import client_ip, network_of
from newsroom.words import MAX_QUERY

FOUND_A_PAGE = 20
ARTICLES_AHEAD = 5  # above the first comments


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What was found for `?q=`, in articles first; in one of both alone with `&in=`, in one discussion alone with
    `&discussion=`. Without `?q=` the question alone.
    """
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    where = request.GET.get("in", "")
    scope = _scope(request.GET.get("discussion", ""))
    if where not in {"", "articles"}:
        raise Malformed(_("in is articles, or nothing."))
    context: dict[str, Any] = {"query": query, "scope": scope, "where": where, "place": "search"}
    if query:
        limits.hit("searches", network_of(client_ip(request)))
        cursor = request.GET.get("cursor", "")
        context |= _articles(query, cursor) if where else _all(request, query, scope, cursor)
    response = render(request, "pages/search.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _scope(discussion: str) -> int | None:
    number = int(discussion) if discussion.isascii() and discussion.isdigit() and len(discussion) < 19 else None
    if discussion and number is None:
        raise Malformed(_("An id is a whole number."))
    return number


def _all(request: HttpRequest, query: str, scope: int | None, cursor: str) -> dict[str, Any]:
    """Comments, and above the first of them the first articles."""
    found = comments.search_page(request.user, query, discussion=scope, cursor=cursor, limit=FOUND_A_PAGE)
    known = {"q": query} | ({"discussion": str(scope)} if scope else {})
    context = {"rows": found.rows, "page": _links(known, found.next, found.previous)}
    if cursor or scope:
        return context
    ahead = articles.search_page(query, limit=ARTICLES_AHEAD)
    more = f"/search/?{urlencode({'q': query, 'in': 'articles'})}" if ahead.next else ""
    return context | {"articles": [articles.found_json(row, query) for row in ahead.rows], "more": more}


def _articles(query: str, cursor: str) -> dict[str, Any]:
    found = articles.search_page(query, cursor=cursor, limit=FOUND_A_PAGE)
    rows = [articles.found_json(row, query) for row in found.rows]
    return {"articles": rows, "page": _links({"q": query, "in": "articles"}, found.next, found.previous)}


def _links(known: dict[str, str], ahead: str | None, behind: str | None) -> dict[str, str]:
    cursors = {"next": ahead, "previous": behind}
    return {name: f"/search/?{urlencode({**known, 'cursor': cursor})}" for name, cursor in cursors.items() if cursor}
