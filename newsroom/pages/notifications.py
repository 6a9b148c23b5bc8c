"""The page of what somebody has been told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.access import person
from accounts.models import Notification
from accounts.notifications import centre
from accounts.representations import notification_json
from newsroom.database.keys import key_number
from newsroom.pages.notices import sentence
from newsroom.pages.rendering import page_links

SHOWN = 30


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def notifications(request: HttpRequest) -> HttpResponse:
    """The newest first. Reading the page changes nothing by itself: its script, or the form on it, says up to which one
    the person has read.
    """
    reader = person(request.user)
    if request.method == "POST":
        upto = key_number(request.POST.get("upto", ""))
        if upto is not None:
            actions.read_notifications(reader, upto)
        return redirect("notifications")
    page = centre.told(reader, limit=SHOWN, cursor=request.GET.get("cursor", ""))
    rows = [_row(each) for each in page.rows]
    context = {
        "rows": rows,
        "upto": page.rows[0].pk if any(row["is_unread"] for row in rows) else None,
        "is_first": page.previous is None,
        "page": page_links(request, page),
    }
    return render(request, "pages/notifications.html", context)


def _row(told: Notification) -> dict[str, Any]:
    """What is said, the title of the thing if that does not have it, the words of moderators, and when it was."""
    facts = notification_json(told)
    said = sentence(facts)
    return {
        "sentence": said,
        "title": told.title if told.title not in said else "",
        "words": " ".join(each for name in ("norm", "text") if (each := facts.get(name))),
        "url": told.url,
        "at": told.created_at,
        "day": _day(told.created_at),
        "is_unread": told.read_at is None,
    }


def _day(moment: datetime) -> datetime:
    """The local midnight before it, by which rows are grouped."""
    return timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
