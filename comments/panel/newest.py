"""The page of what was published last, without a case."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from comments.panel.frame import page
from comments.reads.newest import LATEST, newest_page

ROWS_A_PAGE = 25


@login_required
@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """Comments that no rule has held and no reader has reported, each with a link to decide about it."""
    viewer, here = must_moderate_somewhere(request.user), reverse("moderation-newest-page")
    found = newest_page(viewer, cursor=request.GET.get("cursor", ""), limit=ROWS_A_PAGE)
    context = {
        "comments": found.rows,
        "latest": LATEST,
        "next": found.next and f"{here}?cursor={found.next}",
        "previous": found.previous and f"{here}?cursor={found.previous}",
    }
    return page(request, "panel/newest.html", context)
