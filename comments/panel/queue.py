"""The pages of the panel: the queue, and a case with its context."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import must_moderate_somewhere
from accounts.models import User
from accounts.reasons import Reason
from comments import actions
from comments.models import MAX_FILTER_NAME, MAX_NOTE, Case, Comment, Decision
from comments.panel.cards import card, cards
from comments.panel.frame import page, status_of, way_back
from comments.panel.keys import IN_QUEUE, as_json
from comments.panel.words import told_to_authors, words
from comments.reads import cases as reads
from comments.reads.filters import rail
from comments.reads.texts import canned_text, offered_to
from newsroom.api.paging import number_of
from newsroom.api.responses import NEVER
from newsroom.database.keys import key_number
from newsroom.errors import NotFound, Refused

CARDS_A_PAGE = 25
KINDS = (Case.Kind.HELD, Case.Kind.REPORTED)  # that there are pages for
ORDERS = {
    "urgent": gettext_lazy("The most urgent first"),
    "oldest": gettext_lazy("The longest waiting first"),
    "newest": gettext_lazy("The newest first"),
}
DEEDS = {
    "approve": gettext_lazy("Approve"),
    "reject": gettext_lazy("Reject"),
    "keep": gettext_lazy("Keep"),
    "remove": gettext_lazy("Remove the comment"),
    "restore": gettext_lazy("Restore the comment"),
}
DONE = {
    Decision.Action.APPROVE: gettext_lazy("The comment is public."),
    Decision.Action.REJECT: gettext_lazy("The comment was rejected."),
    Decision.Action.REMOVE: gettext_lazy("The comment has been removed."),
    Decision.Action.RESTORE: gettext_lazy("The comment is back."),
    Decision.Action.EDIT: gettext_lazy("The text is changed."),
    Decision.Action.REOPEN: gettext_lazy("The comment waits again."),
    Decision.Action.KEEP: gettext_lazy("The comment stays, and its reporters are told."),
    Decision.Action.PIN: gettext_lazy("The comment is pinned."),
    Decision.Action.UNPIN: gettext_lazy("The comment is pinned no more."),
    Decision.Action.FEATURE: gettext_lazy("The comment is featured, and its author is told."),
    Decision.Action.UNFEATURE: gettext_lazy("The comment is featured no more."),
    Decision.Action.LOCK: gettext_lazy("The replies are closed."),
    Decision.Action.UNLOCK: gettext_lazy("The replies are open again."),
}


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The open cases of a choice, which is the address, as cards with forms."""
    viewer, now = must_moderate_somewhere(request.user), timezone.now()
    choice, (places, saved, looks) = _choice(request), rail(viewer)
    if choice.section and choice.section not in {each["slug"] for each in places}:
        raise NotFound(_("There is no such section."))
    found, told = reads.case_page(viewer, choice, cursor=request.GET.get("cursor", ""), limit=CARDS_A_PAGE)
    counts = {kind: sum(each.counts[kind] for each in told) for kind in KINDS}
    context = {
        "sections": places,
        "saved": saved,
        "query": choice.query,
        "most_name": MAX_FILTER_NAME,
        "choice": choice,
        "cards": cards(found.rows, viewer, now),
        "tabs": [(kind, counts[kind], _address(choice, kind=kind.value)) for kind in KINDS],
        "whole": sum(counts[kind] for kind in KINDS),
        "every": _address(choice, kind=""),
        "looks": looks,
        "orders": ORDERS.items(),
        "next": found.next and _address(choice, cursor=found.next),
        "previous": found.previous and _address(choice, cursor=found.previous),
        "all_at_once": _address(choice, reverse("moderation-bulk-start-page"), order="", next=request.get_full_path()),
        "streams": reads.as_json(told),
        "here": _address(choice) if choice.cases else request.get_full_path(),
        "keys": as_json(IN_QUEUE),
        "words": words(),
        "told": told_to_authors(),
        **for_forms(),
    }
    return page(request, "panel/queue.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case with its context. A form decides about its comment, and leads back to where it stood."""
    viewer = must_moderate_somewhere(request.user)
    row, refused = reads.find(viewer, pk), None
    if request.method == "POST":
        try:
            return _decided(request, row.case, viewer)
        except Refused as error:
            row, refused = reads.find(viewer, pk), error  # as it is now, which may be the reason
    now, around = timezone.now(), reads.context(row.case)
    again: dict[str, Any] = {}
    if refused is not None:
        fields = {
            name: request.POST.get(name, "") for name in ("deed", "reason", "note", "warn", *actions.deciding.WORDS)
        }
        again = {"said": fields, "errors": refused.extra.get("errors", {}), "error": refused.detail}
    elif chosen := number_of(request.GET.get("canned")):
        is_held = row.case.comment.state == Comment.State.HELD
        again = {"said": {"deed": "reject" if is_held else "remove", "text": canned_text(viewer, chosen).text}}
    elif request.GET.get("deed") in DEEDS:
        again = {"said": {"deed": request.GET["deed"]}}
    context = {
        "card": card(row, viewer, now, around.sanctions, **again),
        "around": around,
        "canned": offered_to(row.case.comment.author),
        "here": way_back(request),
        **for_forms(),
    }
    return page(request, "panel/case.html", context, status=status_of(refused))


@login_required
@require_safe
def context(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands around a case, as a part of its page."""
    found = reads.find_case(must_moderate_somewhere(request.user), pk)
    return page(request, "panel/context.html", {"around": reads.context(found)})


def _decided(request: HttpRequest, found: Case, viewer: User) -> HttpResponse:
    deed, reason, note = (request.POST.get(name, "") for name in ("deed", "reason", "note"))
    seen = {key_number(request.POST.get("seen")) or NEVER}
    words: dict[str, Any] = {name: request.POST.get(name, "") for name in actions.deciding.WORDS}
    words |= {"actor": viewer, "reason": reason, "seen": seen, "note": note}
    if request.POST.get("warn"):
        warning = {"reason": reason, "text": request.POST.get("text", "")}
        decided = actions.decide_and_warn(found.comment_id, deed, warning=warning, **words)
    else:
        decided = actions.decide(found.comment_id, deed, **words)
    messages.success(request, told_of(decided))
    return redirect(way_back(request))


def told_of(decided: Comment) -> str:
    """What has been decided just now, with a link to undo it, as HTML."""
    assert decided.ruling is not None
    back = reverse("comment-moderate", args=[decided.pk])
    return format_html('{} <a href="{}#undo">{}</a>', DONE[Decision.Action(decided.ruling.action)], back, _("Undo"))


def _choice(request: HttpRequest) -> reads.Choice:
    """The filters of the address, and cases to show alone. Raises Malformed."""
    alone = request.GET.getlist("case")[:CARDS_A_PAGE]
    return replace(reads.choice_of(request.GET), cases=tuple(number_of(each) or NEVER for each in alone))


def _address(choice: reads.Choice, page: str = "", **other: str) -> str:
    """The address of the queue, or of another page, with this choice and what is other in it; a cursor is of one choice
    only.
    """
    asked = dict(parse_qsl(choice.query)) | other
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{page or reverse('moderation-queue-page')}{'?' if query else ''}{query}"


def for_forms() -> dict[str, Any]:
    """What the forms of a card need beside it."""
    labels = {f"{deed}_label": label for deed, label in DEEDS.items()}
    return {"reasons": Reason.choices, "most": MAX_NOTE, **labels}
