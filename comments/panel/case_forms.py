"""Forms about a case to which the queue's cards lead, and which its script shows as dialogs: to edit, to hand over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.models import User
from accounts.reasons import Reason
from comments import actions
from comments.models import MAX_NOTE, MAX_TEXT, Case, Decision
from comments.panel.frame import page, status_of, way_back
from comments.panel.queue import told_of
from comments.reads import cases as reads
from newsroom.api.responses import NEVER
from newsroom.database.keys import key_number
from newsroom.errors import Refused

type Deed = Callable[[Case, User, dict[str, Any]], str]

EDITED = ("body", "reason", *actions.deciding.WORDS, "note")
HANDED = ("to", "note")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A form that replaces the text of a comment; its author is told why."""

    def rewrite(case: Case, viewer: User, said: dict[str, Any]) -> str:
        seen = {key_number(request.POST.get("seen")) or NEVER}
        decided = actions.decide(case.comment_id, Decision.Action.EDIT, actor=viewer, seen=seen, **said)
        return told_of(decided)

    return _form(
        request, pk, "panel/case_edit.html", EDITED, rewrite, {"reasons": Reason.choices, "most_text": MAX_TEXT}
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """A form that has another moderator decide."""

    def hand(case: Case, viewer: User, said: dict[str, Any]) -> str:
        handed = actions.hand_over(case.pk, actor=viewer, **said)
        return _("The case is handed over to %s.") % (handed.handed_to.name if handed.handed_to else "")

    def colleagues(case: Case, viewer: User) -> list[str]:
        return [each.name for each in reads.moderators_for(case) if each != viewer]

    return _form(request, pk, "panel/case_hand_over.html", HANDED, hand, {"colleagues": colleagues})


def _form(
    request: HttpRequest, pk: int, template: str, fields: Sequence[str], deed: Deed, more: dict[str, Any]
) -> HttpResponse:
    """The page of a form about a case, as it is now; done, it leads back to where it stood."""
    viewer, refused = must_moderate_somewhere(request.user), None
    case = reads.find(viewer, pk).case
    said = {name: request.POST.get(name, "") for name in fields}
    if request.method == "POST":
        try:
            messages.success(request, deed(case, viewer, said))
            return redirect(way_back(request))
        except Refused as error:
            case, refused = reads.find(viewer, pk).case, error
    context = {
        "case": case,
        "comment": case.comment,
        "here": way_back(request),
        "most": MAX_NOTE,
        "said": {"deed": "edit", **said} if refused else {"body": case.comment.text},
        "error": refused.detail if refused else "",
        "errors": refused.extra.get("errors", {}) if refused else {},
        **{name: value(case, viewer) if callable(value) else value for name, value in more.items()},
    }
    return page(request, template, context, status=status_of(refused))
