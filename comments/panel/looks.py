"""The page of second looks: a text, and what one would have decided."""

from __future__ import annotations

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
from comments.models import SecondLook
from comments.panel.frame import page, status_of
from comments.reads import looks as reads
from newsroom.database.keys import key_number
from newsroom.errors import Conflict, Invalid, NotFound, Refused

LOOKS_A_PAGE = 5


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def looks(request: HttpRequest) -> HttpResponse:
    """What waits for a second judgement of the viewer's, the oldest first, each with a form. Nothing says what was
    decided.
    """
    viewer = must_moderate_somewhere(request.user)
    if request.method != "POST":
        return _page(request, viewer)
    look, verdict, reason = (request.POST.get(name, "") for name in ("look", "verdict", "reason"))
    try:
        actions.judge_again(key_number(look) or 0, verdict, actor=viewer, reason=reason)
    except Invalid as refused:
        return _page(request, viewer, look, refused)
    except (NotFound, Conflict):  # somebody else was first, or it was decided anew
        messages.info(request, _("This one needs no second look any more."))
    else:
        messages.success(request, _("Your judgement is noted. It changes nothing about the comment."))
    return redirect("moderation-second-page")


def _page(request: HttpRequest, viewer: User, look: str = "", refused: Refused | None = None) -> HttpResponse:
    found = reads.waiting(viewer, limit=LOOKS_A_PAGE)
    context = {
        "looks": [reads.blind_json(each) for each in found.rows],
        "reasons": Reason.choices,
        "verdicts": SecondLook.Verdict,
        "refused": key_number(look),
        "errors": refused.extra.get("errors", {}) if refused else {},
    }
    return page(request, "panel/looks.html", context, status=status_of(refused))
