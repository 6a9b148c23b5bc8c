"""The pages of the panel about discussions: which are lively, and one with its switches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import must_moderate_somewhere
from accounts.models import User
from comments import actions
from comments.actions.discussions import MAX_SLOW_SECONDS
from comments.models import MAX_REASON, Discussion
from comments.panel import charts
from comments.panel.ends import ENDS, end_of
from comments.panel.frame import page, status_of
from comments.reads import discussions as reads
from newsroom.database.keys import key_number
from newsroom.errors import Invalid, Refused

ROWS_A_PAGE = 25
DEEDS = ("switch", "slow", "merge", "take_apart")
FIELDS = ("switch", "until", "reason", "slow_mode_seconds")


@login_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The discussions of the moderator's sections, the last active first; with words, those that have them in their
    titles.
    """
    viewer, now, words = must_moderate_somewhere(request.user), timezone.now(), request.GET.get("q", "")
    cursor = request.GET.get("cursor", "")
    found = reads.discussion_page(viewer, now=now, words=words, cursor=cursor, limit=ROWS_A_PAGE)
    context = {
        "rows": [{"row": row, **_standing(row.discussion, now)} for row in found.rows],
        "words": words,
        "most": reads.LONGEST_QUESTION,
        "next": found.next and _address(words, found.next),
        "previous": found.previous and _address(words, found.previous),
    }
    return page(request, "panel/discussions.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def discussion(request: HttpRequest, pk: int) -> HttpResponse:
    """One discussion. Its forms switch it and slow it down, until a time or for good, and merge it into another."""
    viewer, now, refused = must_moderate_somewhere(request.user), timezone.now(), None
    found = reads.find(viewer, pk)
    deed = request.POST.get("deed", "")
    if request.method == "POST":
        try:
            _change(request, found, viewer, deed)
            messages.success(request, _("It is changed."))
            return redirect("moderation-discussion-page", pk)
        except Refused as error:
            found, refused = reads.find(viewer, pk), error
    context = {
        "discussion": found,
        "pace": reads.paces_of([found.pk], now).get(found.pk, reads.Pace()),
        "posters": reads.top_posters(found, now),
        **_curve(reads.curve(found, now)),
        **_others(viewer, found, request.GET.get("q", "")),
        "switches": Discussion.Switch.choices,
        "ends": ENDS,
        "most_reason": MAX_REASON,
        "most_slow": MAX_SLOW_SECONDS,
        "forms": {each: _form(request, found, refused if each == deed else None) for each in DEEDS},
        "error": refused.detail if refused and not refused.extra.get("errors") else "",
        **_standing(found, now),
    }
    return page(request, "panel/discussion.html", context, status=status_of(refused))


def _change(request: HttpRequest, found: Discussion, viewer: User, deed: str) -> None:
    """Raises Forbidden, Invalid, NotFound."""
    if deed == "slow":
        given = request.POST.get("slow_mode_seconds", "").strip()
        seconds = key_number(given) or (0 if given == "0" else None)
        if seconds is None:
            sentence = _("From 0 to %d.") % MAX_SLOW_SECONDS
            raise Invalid(_("Some fields need another look."), errors={"slow_mode_seconds": [sentence]})
        until = end_of(request.POST.get("until", "")) if seconds else None
        actions.change_discussion(found.pk, actor=viewer, slow_mode_seconds=seconds, slow_mode_until=until)
        return
    if deed == "merge":
        actions.merge(found.pk, key_number(request.POST.get("into")) or 0, actor=viewer)
        return
    if deed == "take_apart":
        actions.undo_merge(found.pk, actor=viewer)
        return
    if deed != "switch":
        raise Invalid(_("One of: %s.") % ", ".join(DEEDS))
    switch, reason = request.POST.get("switch", ""), request.POST.get("reason", "")
    until = None if switch == Discussion.Switch.AUTO else end_of(request.POST.get("until", ""))
    actions.change_discussion(found.pk, actor=viewer, switch=switch, until=until, reason=reason)


def _curve(hours: list[tuple[datetime, int]]) -> dict[str, Any]:
    """The chart and the table of the comments of each hour."""
    rows = [(date_format(localtime(at), "TIME_FORMAT"), number) for at, number in hours]
    total = sum(number for _at, number in rows)
    summary = ngettext(
        "%(count)s comment. The numbers stand in the table below.",
        "%(count)s comments. The numbers stand in the table below.",
        total,
    ) % {"count": total}
    chart = charts.columns("chart-curve", _("Comments of each hour"), summary, [(at, (n,)) for at, n in rows])
    return {"curve": chart if total else None, "hours": rows}


def _others(viewer: User, found: Discussion, words: str) -> dict[str, Any]:
    """Into which discussions this one can be merged; None of them where it stays, below its article."""
    if found.article_id is not None or found.merged_into_id is not None:
        return {"others": None}
    return {"others": reads.others(viewer, found, words) if words.strip() else [], "words": words}


def _form(request: HttpRequest, found: Discussion, refused: Refused | None) -> dict[str, dict[str, Any]]:
    """What a form's fields hold: how the discussion stands, or after a refusal what was entered, with its errors."""
    said = {"switch": found.switch, "reason": found.reason, "slow_mode_seconds": str(found.slow_mode_seconds)}
    entered = {name: request.POST[name] for name in FIELDS if refused and name in request.POST}
    return {"said": said | entered, "errors": refused.extra.get("errors", {}) if refused else {}}


def _standing(found: Discussion, now: datetime) -> dict[str, Any]:
    """How it stands: its state, whether by hand, and when that changes."""
    state = Discussion.State(found.state_at(now))
    return {"state": state, "by_hand": found.is_by_hand(now), "next_change": found.next_change(now)}


def _address(words: str, cursor: str) -> str:
    asked = {name: value for name, value in (("q", words), ("cursor", cursor)) if value}
    return f"{reverse('moderation-discussions-page')}?{urlencode(asked)}"
