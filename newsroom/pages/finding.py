"""The search in what readers said."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comments import reads
from newsroom import limits
from newsroom.api.paging import Malformed
from newsroom.client import client_ip, network_of
from newsroom.words import MAX_QUERY

FOUND_A_PAGE = 20


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What was found for `?q=`, the newest first; without it the question alone."""
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    discussion = request.GET.get("discussion", "")
    number = int(discussion) if discussion.isascii() and discussion.isdigit() and len(discussion) < 19 else None
    if discussion and number is None:
        raise Malformed(_("An id is a whole number."))
    context: dict[str, Any] = {"query": query, "rows": [], "page": {}, "scope": number, "place": "search"}
    if query:
        limits.hit("searches", network_of(client_ip(request)))
        cursor = request.GET.get("cursor", "")
        found = reads.search_page(request.user, query, discussion=number, cursor=cursor, limit=FOUND_A_PAGE)
        known = {"q": query} | ({"discussion": str(number)} if number else {})
        links = {"next": found.next, "previous": found.previous}
        context["rows"] = found.rows
        context["page"] = {name: f"/search/?{urlencode({**known, 'cursor': to})}" for name, to in links.items() if to}
    response = render(request, "pages/search.html", context)
    response["Cache-Control"] = "private, no-store"
    return response
