"""Many comments at once: what is to be decided about them, and a page for the job, with progress, cancel and undo."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.models import User
from accounts.reasons import Reason
from articles.reads import section_of
from comments import actions
from comments.actions.bulk import MOST, MOST_UNLED
from comments.models import MAX_NOTE, MAX_WORDS, BulkJob, Case, Comment, Discussion
from comments.panel.frame import page, status_of, way_back
from comments.reads import bulk as reads
from comments.reads.cases import Choice, choice_of
from comments.tasks import work_on_bulk
from newsroom.database.keys import key_number
from newsroom.errors import Invalid, Refused
from newsroom.live.outbox import position

UNREAD = 0  # matches no version
MOST_TICKED = 200
OF_HELD = (("approve", gettext_lazy("Approve all")), ("reject", gettext_lazy("Reject all")))
OF_REPORTED = (("keep", gettext_lazy("Keep all")), ("remove", gettext_lazy("Remove all")))
DEEDS: dict[str, tuple[tuple[str, Any], ...]] = {Case.Kind.HELD: OF_HELD, Case.Kind.REPORTED: OF_REPORTED}
DANGEROUS = {"reject", "remove"}
TITLES = {
    "approve": gettext_lazy("Approving"),
    "reject": gettext_lazy("Rejecting"),
    "remove": gettext_lazy("Removing"),
    "restore": gettext_lazy("Restoring"),
    "keep": gettext_lazy("Keeping"),
    "reopen": gettext_lazy("Reopening"),
}
WHY = {
    "already_decided": gettext_lazy("somebody had decided already"),
    "precondition_failed": gettext_lazy("the text had changed"),
    "forbidden": gettext_lazy("of another section, your own, or by somebody of a higher rank"),
    "not_found": gettext_lazy("no longer there"),
}
FIELDS = ("reason", "text", "note", "count")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The ticked cases (`case`: id and version), or all of the choice in the address, with a form to decide them."""
    viewer, refused = must_moderate_somewhere(request.user), None
    asked = request.POST if request.method == "POST" else request.GET
    is_ticked, choice = asked.get("which") == "ticked" or "case" in asked, choice_of(asked)
    ticked = reads.of_cases(viewer, _seen(asked)) if is_ticked else []
    if request.method == "POST":
        try:
            return _started(request, ticked if is_ticked else reads.of_choice(viewer, choice), viewer)
        except Refused as error:
            refused = error
    number = len(ticked) if is_ticked else reads.number_of_choice(viewer, choice)
    rows = Comment.objects.filter(pk__in=[pk for pk, _version in ticked]).select_related("author")
    deeds = _deeds(choice.kind, asked.get("deeds", ""))
    context = {
        "number": number,
        "is_typed_in": number > MOST_UNLED,
        "is_too_many": number > MOST,
        "most": MOST,
        "is_ticked": is_ticked,
        "ticked": asked.getlist("case")[:MOST_TICKED],
        "comments": rows.order_by("pk"),
        "filters": _filters(choice),
        "chosen": _described(choice),
        "deeds": deeds,
        "which_deeds": asked.get("deeds", ""),
        "is_reasoned": any(is_dangerous for *_deed, is_dangerous in deeds),
        "reasons": Reason.choices,
        "most_words": MAX_WORDS,
        "most_note": MAX_NOTE,
        "here": way_back(request),
        "said": {name: asked.get(name, "") for name in FIELDS} if refused else {},
        "errors": refused.extra.get("errors", {}) if refused else {},
        "error": refused.detail if refused else "",
    }
    return page(request, "panel/bulk_start.html", context, status=status_of(refused))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a job is. Its forms cancel and undo it."""
    viewer, refused = must_moderate_somewhere(request.user), None
    where = position(f"user.{viewer.pk}")  # before the job is read
    found = reads.find(viewer, pk)
    if request.method == "POST":
        try:
            _carry_out(request.POST.get("deed", ""), found, viewer)
            return redirect("moderation-bulk-page", pk=pk)
        except Refused as error:
            found, refused = reads.find(viewer, pk), error
    ahead = found.undone + found.left if found.state == BulkJob.State.UNDONE else found.done + found.refused
    context = {
        "job": found,
        "title": TITLES[found.action],
        "all": found.done if found.state == BulkJob.State.UNDONE else found.count,
        "ahead": ahead,
        "why": [(WHY.get(code, code), number) for code, number in sorted(found.why.items())],
        "may_cancel": found.state == BulkJob.State.RUNNING,
        "may_undo": bool(found.done and found.undoable_until and found.undoable_until > timezone.now()),
        "position": where,
        "error": refused.detail if refused else "",
    }
    return page(request, "panel/bulk_job.html", context, status=status_of(refused))


def _deeds(kind: str, which: str) -> list[tuple[str, Any, bool]]:
    """(name, label, whether it takes comments away): all for cases of that kind, or for `which` "yes" those that let
    them stand, for "no" those that do not.
    """
    found = [(*each, each[0] in DANGEROUS) for each in DEEDS.get(kind, (*OF_HELD, *OF_REPORTED))]
    wanted = {"yes": False, "no": True}.get(which)
    return [each for each in found if wanted is None or each[2] is wanted]


def _started(request: HttpRequest, chosen: list[reads.Seen], viewer: User) -> HttpResponse:
    said = {name: request.POST.get(name, "") for name in ("reason", "text", "note")}
    made = actions.start_bulk(chosen, request.POST.get("deed", ""), actor=viewer, count=_count(request), **said)
    work_on_bulk.enqueue(made.pk)
    return redirect("moderation-bulk-page", pk=made.pk)


def _carry_out(deed: str, found: BulkJob, viewer: User) -> None:
    if deed == "cancel":
        actions.cancel_bulk(found.pk, actor=viewer)
    elif deed == "undo":
        actions.undo_bulk(found.pk, actor=viewer)
        work_on_bulk.enqueue(found.pk)
    else:
        raise Invalid(_("One of: %s.") % "cancel, undo")


def _count(request: HttpRequest) -> int | None:
    """What was typed in. Raises Invalid."""
    given = "".join(each for each in request.POST.get("count", "") if each not in " .,\u00a0\u202f")  # as it is shown
    if not given:
        return None
    number = key_number(given)
    if number is None:
        raise Invalid(_("Some fields need another look."), errors={"count": [_("Type in a number.")]})
    return number


def _seen(asked: QueryDict) -> dict[int, int]:
    """Case → the version of its comment that was read, from values such as "17.3"."""
    found = {}
    for each in asked.getlist("case")[:MOST_TICKED]:
        case, _dot, version = each.partition(".")
        if pk := key_number(case):
            found[pk] = key_number(version) or UNREAD
    return found


def _filters(choice: Choice) -> list[tuple[str, Any]]:
    names = ("kind", "section", "rule", "author", "discussion")
    return [(name, value) for name in names if (value := getattr(choice, name))]


def _described(choice: Choice) -> list[tuple[str, str]]:
    """What was chosen, in words: (name of the filter, value)."""
    found: list[tuple[str, str]] = []
    if choice.kind in Case.Kind.values:
        found.append((_("Kind of case"), str(Case.Kind(choice.kind).label)))
    if choice.section:
        section = section_of(choice.section)
        found.append((_("Section"), section.name if section else choice.section))
    if choice.rule:
        found.append((_("Rule"), choice.rule))
    if choice.author:
        author = User.objects.filter(pk=choice.author).first()
        found.append((_("Author"), author.name if author else str(choice.author)))
    if choice.discussion:
        there = Discussion.objects.filter(pk=choice.discussion).first()
        found.append((_("Discussion"), there.title if there else str(choice.discussion)))
    return found
