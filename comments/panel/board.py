"""The shift board: what waits, what heats up, and who is at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.models import User
from comments import actions
from comments.models import Discussion
from comments.panel.figures import in_units
from comments.panel.frame import page, status_of
from comments.panel.queue import KINDS
from comments.reads import cases, shift
from comments.reads.discussions import find
from comments.reads.figures import Span, figures
from newsroom.database.keys import key_number
from newsroom.errors import Conflict, Invalid, NotFound, Refused

SLOW_SECONDS = 30
AWHILE = timedelta(hours=2)  # until what is begun here ends by itself


@dataclass(frozen=True, slots=True)
class Deed:
    """A button beside a discussion that heats up. What one begins another takes back, to what was before."""

    name: str
    label: Promise
    done: Promise
    takes_back: bool = False

    def is_offered(self, discussion: Discussion, now: datetime) -> bool:
        is_slow, is_by_hand = bool(discussion.slow_mode_seconds), discussion.is_by_hand(now)
        match self.name:
            case "slow":
                return not is_slow
            case "unslow":
                return is_slow
            case "premoderate":
                return not is_by_hand and discussion.state_at(now) == Discussion.State.OPEN
            case _:
                return is_by_hand and discussion.switch == Discussion.Switch.PREMODERATED

    def changes(self, now: datetime) -> dict[str, Any]:
        """What `change_discussion` is to set."""
        match self.name:
            case "slow":
                return {"slow_mode_seconds": SLOW_SECONDS, "slow_mode_until": now + AWHILE}
            case "unslow":
                return {"slow_mode_seconds": 0}
            case "premoderate":
                return {"switch": Discussion.Switch.PREMODERATED, "until": now + AWHILE}
            case _:
                return {"switch": Discussion.Switch.AUTO, "reason": ""}


DEEDS = (
    Deed(
        "slow", gettext_lazy("slow 30 s"), gettext_lazy("For two hours everybody has 30 seconds between two comments.")
    ),
    Deed("premoderate", gettext_lazy("premoderate 2 h"), gettext_lazy("For two hours comments are read first.")),
    Deed("unslow", gettext_lazy("end slow mode"), gettext_lazy("Slow mode has ended."), takes_back=True),
    Deed(
        "unpremoderate",
        gettext_lazy("end premoderation"),
        gettext_lazy("It has ended: comments appear at once again."),
        takes_back=True,
    ),
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def board(request: HttpRequest) -> HttpResponse:
    """How much waits, where, and since when; how fast it is decided today; who is there; and which discussions heat up,
    with buttons that calm them for a while, or take that back.
    """
    viewer, now, refused = must_moderate_somewhere(request.user), timezone.now(), None
    if request.method == "POST":
        try:
            _carry_out(request, viewer, now)
            return redirect("moderation")
        except Refused as error:
            refused = error
    _days, today = figures(viewer, Span.last(1))
    context = {
        "lines": _lines(viewer),
        "kinds": KINDS,
        "median": in_units(today.median),
        "heating": [{"heat": each, **_standing(each.discussion, now)} for each in shift.heating(viewer, now)],
        "at_work": shift.at_work(viewer, now),
        "error": refused.detail if refused else "",
    }
    return page(request, "panel/board.html", context, status=status_of(refused))


def _lines(viewer: User) -> Sequence[dict[str, Any]]:
    return [
        {
            "section": row.section,
            "cells": [{"kind": kind, "count": row.counts.get(kind, 0), "since": row.since.get(kind)} for kind in KINDS],
        }
        for row in cases.board(viewer)
    ]


def _standing(discussion: Discussion, now: datetime) -> dict[str, Any]:
    """How it stands, as panel/standing.html shows it, and what can be done about that."""
    return {
        "state": Discussion.State(discussion.state_at(now)),
        "by_hand": discussion.is_by_hand(now),
        "next_change": discussion.next_change(now),
        "deeds": [each for each in DEEDS if each.is_offered(discussion, now)],
    }


def _carry_out(request: HttpRequest, viewer: User, now: datetime) -> None:
    """Raises Forbidden, Invalid, NotFound; Conflict if somebody has changed the discussion meanwhile."""
    deed = next((each for each in DEEDS if each.name == request.POST.get("deed")), None)
    if deed is None:
        raise Invalid(_("One of: %s.") % ", ".join(each.name for each in DEEDS))
    number = key_number(request.POST.get("discussion"))
    if number is None:
        raise NotFound(_("There is no such discussion."))
    found = find(viewer, number)
    if not deed.is_offered(found, now):
        raise Conflict(_("It has changed meanwhile: look once more."))
    actions.change_discussion(found.pk, actor=viewer, **deed.changes(now))
    messages.success(request, f"{found.title}: {deed.done}")
