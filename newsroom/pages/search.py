"""The search in articles and comments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles import reads as articles
from comments import reads as comments
from newsroom.api.paging import Malformed, sort_of
from newsroom.client import network_from
from newsroom.search.allowance import allowance
from newsroom.search.pages import Found
from newsroom.search.words import MAX_QUERY, asked, is_cut

FOUND_A_PAGE = 20
ARTICLES_AHEAD = 5  # number of articles above the first comments


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """The results for `?q=`, articles first. `&in=` limits them to articles or comments, `&discussion=` to one
    discussion; `&sort=` as in the API. Without `?q=` only the form.
    """
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    where = request.GET.get("in", "")
    scope = _scope(request.GET.get("discussion", ""))
    sort = sort_of(request.GET, comments.SEARCH_SORTS)
    if where not in {"", "articles"}:
        raise Malformed(_("in is articles, or nothing."))
    context: dict[str, Any] = {"query": query, "scope": scope, "where": where, "sort": sort, "place": "search"}
    if query:
        context |= {"words": asked(query), "is_cut": is_cut(request.GET["q"].strip())}
        with allowance(network_from(request), request.user.pk) as spend:
            search = _Search(request, query, sort, spend)
            context |= search.articles() if where else search.everything(scope)
    response = render(request, "pages/search.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def _scope(discussion: str) -> int | None:
    number = int(discussion) if discussion.isascii() and discussion.isdigit() and len(discussion) < 19 else None
    if discussion and number is None:
        raise Malformed(_("An id is a whole number."))
    return number


class _Search:
    def __init__(self, request: HttpRequest, query: str, sort: str, spend: Callable[[int], None]) -> None:
        self._viewer, self._query, self._sort, self._spend = request.user, query, sort, spend
        self._cursor = request.GET.get("cursor", "")
        self._known = {"q": query} | ({"sort": sort} if sort != comments.SEARCH_SORTS[0] else {})

    def everything(self, scope: int | None) -> dict[str, Any]:
        """Comments; on the first page with the best articles above them."""
        found = comments.search_page(
            self._viewer, self._query, sort=self._sort, discussion=scope, cursor=self._cursor, limit=FOUND_A_PAGE
        )
        self._spend(found.cost)
        context = {"rows": found.rows, **self._way(found, {"discussion": str(scope)} if scope else {})}
        if self._cursor or scope:
            return context
        ahead = articles.search_page(self._query, sort=self._sort, limit=ARTICLES_AHEAD)
        self._spend(ahead.cost)
        more = self._address({"in": "articles"}) if ahead.next else ""
        return context | {"articles": [articles.found_json(row, self._query) for row in ahead.rows], "more": more}

    def articles(self) -> dict[str, Any]:
        found = articles.search_page(self._query, sort=self._sort, cursor=self._cursor, limit=FOUND_A_PAGE)
        self._spend(found.cost)
        rows = [articles.found_json(row, self._query) for row in found.rows]
        return {"articles": rows, **self._way(found, {"in": "articles"})}

    def _way(self, found: Found[Any], known: dict[str, str]) -> dict[str, Any]:
        """The links to other pages, and where the search stopped."""
        cursors = {"next": found.next, "previous": found.previous}
        page = {name: self._address({**known, "cursor": cursor}) for name, cursor in cursors.items() if cursor}
        return {"page": page, "searched_to": found.searched_to}

    def _address(self, known: dict[str, str]) -> str:
        return f"/search/?{urlencode({**self._known, **known})}"
