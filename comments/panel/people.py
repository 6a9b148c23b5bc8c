"""The pages of the panel about people: search, and the record of a person."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import must_moderate_somewhere, sees_addresses
from accounts.actions import lift_sanction, remove_avatar
from accounts.audit import record_look
from accounts.avatars import LARGE, address_of
from accounts.duties import EVERYWHERE
from accounts.models import Sanction, User
from accounts.reasons import Reason
from accounts.representations import masked
from comments import actions
from comments.access import sections_moderated
from comments.models import MAX_PERSON_NOTE, MAX_WORDS, Comment
from comments.panel import sheet
from comments.panel.frame import page, status_of
from comments.reads import people as reads
from comments.reads.texts import canned_text, offered_to
from newsroom.api.paging import number_of
from newsroom.api.responses import NEVER
from newsroom.database.keys import key_number
from newsroom.errors import Refused

COMMENTS_A_PAGE = 20


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """People by id, whole e-mail address, or words of a name."""
    viewer, words = must_moderate_somewhere(request.user), request.GET.get("q", "")
    found = [(each, masked(each.person.email)) for each in reads.find_people(viewer, words)]
    return page(request, "panel/people.html", {"words": words, "found": found, "most": reads.LONGEST_QUESTION})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's record. Its forms keep a note, warn, restrict (after a look at what the person reads), end a
    restriction, and show the address to those who may read it.
    """
    viewer, refused = must_moderate_somewhere(request.user), None
    deed = request.POST.get("deed", "")
    record = reads.record_of(viewer, pk)
    about, preview = record.known.person, ""
    try:
        if deed == "preview":
            preview = sheet.preview(request, about)
        elif deed in _DEEDS:
            messages.success(request, _DEEDS[deed](request, viewer, about))
            return redirect("moderation-person-page", pk)
    except Refused as error:
        refused = error
    may_see = sees_addresses(viewer)
    is_shown = deed == "address" and may_see
    if is_shown:
        record_look(viewer, about)
    context = {
        "record": record,
        "about": about,
        "address": about.email if is_shown else masked(about.email),
        "picture": address_of(about.avatar, LARGE),
        "may_see": may_see and not is_shown,
        "timeline": [_line(each, record) for each in record.sanctions],
        "most": MAX_PERSON_NOTE,
        "places": _places(viewer, record),
        "sections": [{"slug": slug, "name": name} for slug, name in record.sections.values()],
        "reasons": Reason.choices,
        "most_words": MAX_WORDS,
        "canned": [] if record.is_own else offered_to(about),
        "scopes": Sanction.Scope.choices,
        "lengths": sheet.LENGTHS.items(),
        "proposed": sheet.proposed(record.proposals),
        "preview": preview,
        "said": _said(request) if refused or preview else _chosen(request, viewer),
        "error": refused.detail if refused else "",
        "errors": refused.extra.get("errors", {}) if refused else {},
        **_comments(request, viewer, about),
    }
    return page(request, "panel/person.html", context, status=status_of(refused))


def _said(request: HttpRequest) -> dict[str, str]:
    """What was entered; of the sheet, a preview belongs to the same form as the restriction."""
    said = {name: request.POST.get(name, "") for name in ("deed", "text", *sheet.FIELDS)}
    return said | ({"deed": "bar"} if said["deed"] == "preview" else {})


def _chosen(request: HttpRequest, viewer: User) -> dict[str, str]:
    """The words of a warning, if a text that is kept ready was chosen for it. Raises Malformed, NotFound."""
    chosen = number_of(request.GET.get("canned"))
    return {"deed": "warn", "text": canned_text(viewer, chosen).text} if chosen else {}


def _note(request: HttpRequest, viewer: User, about: User) -> str:
    actions.note_person(about.pk, actor=viewer, text=request.POST.get("text", ""))
    return _("The note is kept.")


def _warn(request: HttpRequest, viewer: User, about: User) -> str:
    reason, text, slug = (request.POST.get(name, "") for name in ("reason", "text", "section"))
    actions.warn_person(about.pk, actor=viewer, reason=reason, text=text, section=sheet.section_of(slug))
    return _("The person is warned, and must confirm that they read it.")


def _bar(request: HttpRequest, viewer: User, about: User) -> str:
    sheet.restrict(request, viewer, about)
    return _("The restriction is in force.")


def _lift(request: HttpRequest, viewer: User, _about: User) -> str:
    lift_sanction(key_number(request.POST.get("sanction")) or NEVER, actor=viewer)
    return _("The restriction is over.")


def _unwarn(request: HttpRequest, viewer: User, _about: User) -> str:
    actions.withdraw_warning(key_number(request.POST.get("warning")) or NEVER, actor=viewer)
    return _("The warning is taken back.")


def _take_avatar(request: HttpRequest, viewer: User, about: User) -> str:
    reason, text = (request.POST.get(name, "") for name in ("reason", "text"))
    remove_avatar(about.pk, actor=viewer, reason=reason, text=text)
    return _("The picture is removed, and the person is told why.")


# What each does, and says that it has done.
_DEEDS = {"note": _note, "warn": _warn, "unwarn": _unwarn, "avatar": _take_avatar, "bar": _bar, "lift": _lift}


def _places(viewer: User, record: reads.Record) -> list[tuple[str, str]]:
    """Where the viewer may warn and restrict: slugs and names; "": everywhere."""
    here = sections_moderated(viewer)
    named = [place for pk, place in record.sections.items() if here == EVERYWHERE or pk in here]
    return [("", _("everywhere")), *named] if here == EVERYWHERE else named


def _comments(request: HttpRequest, viewer: User, about: User) -> dict[str, Any]:
    """A page of their comments, and the ways to others. Raises Malformed, UnknownCursor."""
    state, cursor = request.GET.get("state", ""), request.GET.get("cursor", "")
    found = reads.comments_of(viewer, about.pk, state=state, cursor=cursor, limit=COMMENTS_A_PAGE)
    here = reverse("moderation-person-page", args=[about.pk])

    def address(**asked: str) -> str:
        return f"{here}?{urlencode({name: value for name, value in asked.items() if value})}#comments"

    shown = [each for each in Comment.State if each != Comment.State.ERASED]  # those have no author any more
    return {
        "comments": found.rows,
        "state": state,
        "states": [(each, each.label, address(state=each.value)) for each in shown],
        "every": address(),
        "next": found.next and address(state=state, cursor=found.next),
        "previous": found.previous and address(state=state, cursor=found.previous),
    }


def _line(sanction: Sanction, record: reads.Record) -> dict[str, Any]:
    """A sanction of the time line, without a statement of its own."""
    place = record.sections.get(sanction.section or 0, ("", f"#{sanction.section}"))[1] if sanction.section else ""
    is_over = sanction.lifted_at is not None or (sanction.until is not None and sanction.until <= timezone.now())
    return {"sanction": sanction, "place": place, "is_over": is_over}
