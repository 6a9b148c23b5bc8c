"""The page of figures: charts, each with its table."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from accounts.duties import Duty
from accounts.models import User
from accounts.reasons import Reason
from comments.panel import charts
from comments.panel.frame import page
from comments.reads import figures as reads
from comments.reads import looks

RANGES = (7, 30, 90)  # days
HEADINGS = {
    "day": gettext_lazy("By day"),
    "section": gettext_lazy("By section"),
    "rule": gettext_lazy("By rule"),
    "moderator": gettext_lazy("By moderator"),
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@login_required
@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """What was decided in a range of days, which is the address. Named moderators for those alone who lead them."""
    viewer = must_moderate_somewhere(request.user)
    span = reads.Span.of(request.GET)
    kinds = [by for by in reads.BY if by != "moderator" or viewer.sections(Duty.HEAD)]
    parts, total = [], reads.Line()
    for by in kinds:
        lines, whole = reads.figures(viewer, span, by)
        total = whole if by == "day" else total
        parts.append(_part(by, lines, span))
    context = {
        "span": span,
        "total": total,
        "median": in_units(total.median),
        "parts": parts,
        "agreement": _agreement(viewer, span),
        "disagreements": looks.disagreements(viewer, span) if "moderator" in kinds else (),
        "ranges": [(days, _address("moderation-statistics-page", reads.Span.last(days))) for days in RANGES],
        "chosen": next((days for days in RANGES if reads.Span.last(days) == span), None),
    }
    return page(request, "panel/statistics.html", context)


def _agreement(viewer: User, span: reads.Span) -> list[dict[str, Any]]:
    """By reason and by rule: how often decisions that were judged once more were judged alike."""
    found, labels = looks.agreement(viewer, span), dict(Reason.choices)
    headings = {"reason": _("By reason"), "rule": _("By rule")}
    return [
        {
            "by": by,
            "heading": headings[by],
            "rows": [
                {"name": labels.get(each.key, each.key) if each.key else _("Let stand"), "row": each} for each in rows
            ],
        }
        for by, rows in found.items()
        if rows
    ]


def _part(by: str, lines: list[reads.Line], span: reads.Span) -> dict[str, Any]:
    named = [(_name(line, by), line) for line in lines]
    return {
        "by": by,
        "heading": HEADINGS[by],
        "charts": _charts(by, named) if lines else [],
        "rows": [{"name": name, "line": line, "median": in_units(line.median)} for name, line in named],
        "table": _address("moderation-statistics-csv", span, by=by),
    }


def _charts(by: str, named: list[tuple[str, reads.Line]]) -> list[charts.Chart]:
    series = [_("Let stand"), _("Taken down")]
    split: list[charts.Row] = [(name, (line.let_stand, line.taken_down)) for name, line in named]
    count = sum(sum(numbers) for _name, numbers in split)
    summary = ngettext(
        "%(count)s decision. The numbers stand in the table below.",
        "%(count)s decisions. The numbers stand in the table below.",
        count,
    ) % {"count": count}
    if by != "day":
        return [charts.bars(f"chart-{by}", str(HEADINGS[by]), summary, split, series)]
    waits: list[charts.Row] = [(name, (charts.minutes(line.median),)) for name, line in named]
    slow = _("In minutes. The numbers stand in the table below.")
    return [
        charts.columns("chart-day", _("Decisions by day"), summary, split, series),
        charts.columns("chart-wait", _("Median time to a decision, in minutes"), slow, waits),
    ]


def _name(line: reads.Line, by: str) -> str:
    if by == "day":
        day: date = line.key
        return date_format(day, "SHORT_DATE_FORMAT")
    if by == "rule":
        return str(line.key)
    if line.key is None:
        return _("In no section") if by == "section" else _("Accounts that are gone")
    return str(line.key.name)


def in_units(seconds: int | None) -> str:
    """A length of time in the largest unit of which there are at least two."""
    if seconds is None:
        return "–"
    if seconds < 2 * _MINUTE:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 2 * _HOUR:
        return _("%(n)s min") % {"n": round(seconds / _MINUTE)}
    if seconds < 2 * _DAY:
        return _("%(n)s h") % {"n": round(seconds / _HOUR)}
    return _("%(n)s d") % {"n": round(seconds / _DAY)}


def _address(route: str, span: reads.Span, **more: str) -> str:
    days = {"from": span.since.isoformat(), "to": span.until.isoformat()}
    return f"{reverse(route)}?{urlencode(days | more)}"
