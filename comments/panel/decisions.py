"""The page of the log of decisions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from accounts.models import User
from accounts.reasons import Reason
from articles.reads import sections
from comments.models import Decision, Discussion
from comments.panel.frame import page
from comments.reads import decisions as reads
from newsroom.errors import NotFound

ROWS_A_PAGE = 50
WAYS = {"false": gettext_lazy("By people"), "true": gettext_lazy("By rules")}


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The decisions of a choice, which is the address, with a link to each case, comment and person."""
    viewer, places = must_moderate_somewhere(request.user), sections()
    wanted = reads.Filters.of(request.GET)
    if wanted.section and wanted.section not in {each["slug"] for each in places}:
        raise NotFound(_("There is no such section."))
    found = reads.decision_page(viewer, wanted, cursor=request.GET.get("cursor", ""), limit=ROWS_A_PAGE)
    context = {
        "lines": [{"row": row, **_narrower(wanted, row)} for row in found.rows],
        "wanted": wanted,
        "sections": places,
        "actions": Decision.Action.choices,
        "reasons": Reason.choices,
        "ways": WAYS.items(),
        "chips": _chips(wanted, found.rows),
        "next": found.next and _page(wanted, cursor=found.next),
        "previous": found.previous and _page(wanted, cursor=found.previous),
        "table": _address("moderation-decisions-csv", wanted),
    }
    return page(request, "panel/decisions.html", context)


def _chips(wanted: reads.Filters, rows: list[Any]) -> list[dict[str, Any]]:
    """What is chosen by links and not by the form: its parameter, value, label, and the address without it."""
    known = {
        "by": (wanted.by, _("Moderator"), wanted.by and _name(wanted.by)),
        "author": (wanted.author, _("Author"), wanted.author and _name(wanted.author)),
        "discussion": (wanted.discussion, _("Discussion"), wanted.discussion and _title(wanted.discussion, rows)),
        "rule": (wanted.rule, _("Rule"), wanted.rule),
        "job": (wanted.job, _("Many at once"), wanted.job and f"#{wanted.job}"),
    }
    return [
        {
            "name": name,
            "value": value,
            "label": f"{label}: {shown}",
            "without": _page(wanted, **{name: ""}),
        }
        for name, (value, label, shown) in known.items()
        if value
    ]


def _narrower(wanted: reads.Filters, row: Any) -> dict[str, str]:
    """The addresses with which a row says: more like this."""
    facts = {
        "by": row.moderator_id,
        "author": row.comment.author_id,
        "discussion": row.discussion_id,
        "rule": row.rule,
        "job": row.job_id,
    }
    return {name: _page(wanted, **{name: str(value)}) for name, value in facts.items() if value}


def _name(person: int) -> str:
    return User.objects.filter(pk=person).values_list("name", flat=True).first() or str(person)


def _title(discussion: int, rows: list[Any]) -> str:
    """Of a discussion whose decisions are shown; of any other its number alone."""
    found: Discussion | None = next((row.discussion for row in rows), None)
    return found.title if found else str(discussion)


def _page(wanted: reads.Filters, **other: str) -> str:
    return _address("moderation-decisions-page", wanted, **other)


def _address(route: str, wanted: reads.Filters, **other: str) -> str:
    """The address of this choice, and what is other in it."""
    asked = wanted.parameters | other
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse(route)}{'?' if query else ''}{query}"
