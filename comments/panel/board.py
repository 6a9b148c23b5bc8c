"""The shift board: what waits, what heats up, and who is at work."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from comments.panel.figures import in_units
from comments.panel.frame import page
from comments.panel.queue import KINDS
from comments.reads import cases, shift
from comments.reads.figures import Span, figures


@login_required
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """How much waits, where, and since when; how fast it is decided today; which discussions heat up; who is there."""
    viewer, now = must_moderate_somewhere(request.user), timezone.now()
    lines = [
        {
            "section": row.section,
            "cells": [{"kind": kind, "count": row.counts.get(kind, 0), "since": row.since.get(kind)} for kind in KINDS],
        }
        for row in cases.board(viewer)
    ]
    _days, today = figures(viewer, Span.last(1))
    context = {
        "lines": lines,
        "kinds": KINDS,
        "median": in_units(today.median),
        "heating": shift.heating(viewer, now),
        "at_work": shift.at_work(viewer, now),
    }
    return page(request, "panel/board.html", context)
