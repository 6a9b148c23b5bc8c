"""A comment's page for moderators: decide on it, bar its author. It calls the same actions as API and admin."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import person
from accounts.actions import impose_sanction
from accounts.models import Sanction, User
from accounts.reasons import Reason
from articles.reads import section_of
from comments import actions, reads
from comments.access import find_comment, find_moderated
from comments.models import Comment
from comments.reads.held import ground_of
from comments.representations import comment_json
from newsroom.api.responses import NEVER
from newsroom.database.keys import key_number
from newsroom.errors import Invalid, NotFound, Refused
from newsroom.pages.discussions import address_of
from newsroom.pages.thread import places_of

LONGEST_HOURS = 24 * 3650  # of a restriction that ends
TEN_MINUTES = "10m"  # for which somebody is muted


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def moderate(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on a comment and bar its author; for moderators."""
    comment, refused = find_moderated(request.user, pk), None
    moderator = person(request.user)
    if request.method == "POST":
        try:
            _decide(request, comment, moderator)
            return redirect(address_of(find_comment(moderator, pk)))
        except Refused as error:
            comment, refused = find_comment(moderator, pk), error  # as it is now, which may be the reason
    said = request.POST if refused else {}
    context = {
        "comment": comment_json(comment) | {"text": comment.text, "html": comment.html},
        "error": _sentences(refused),
        "errors": refused.extra.get("errors", {}) if refused else {},
        "said": {
            name: said.get(name, "")
            for name in ("deed", "reason", "note", "scope", "section", "until", "body", *actions.deciding.WORDS)
        },
        "reasons": Reason.choices,
        "scopes": Sanction.Scope.choices,
        "places": places_of(moderator, ground_of(comment.discussion).section),
        "undoable": actions.undoing.undoable(comment, moderator),
        "history": reads.history(comment),
        "place": address_of(comment),
    }
    return render(request, "pages/moderate.html", context, status=_status(refused))


def _status(refused: Refused | None) -> int:
    if refused is None:
        return HTTPStatus.OK
    is_changed = refused.status == HTTPStatus.PRECONDITION_FAILED
    return HTTPStatus.PRECONDITION_FAILED if is_changed else HTTPStatus.UNPROCESSABLE_ENTITY


def _sentences(refused: Refused | None) -> str:
    """The refusal's messages, with those of its fields."""
    if refused is None:
        return ""
    of_fields: dict[str, list[str]] = refused.extra.get("errors", {})
    return " ".join([refused.detail, *(sentence for each in of_fields.values() for sentence in each)])


def _decide(request: HttpRequest, comment: Comment, moderator: User) -> None:
    deed, reason, note = (request.POST.get(name, "") for name in ("deed", "reason", "note"))
    if deed == "undo":
        actions.undo_decision(key_number(request.POST.get("decision")) or NEVER, actor=moderator)
        messages.success(request, _("The decision is undone."))
        return
    if deed != "bar":
        seen = {key_number(request.POST.get("seen")) or NEVER}
        words: dict[str, Any] = {name: request.POST.get(name, "") for name in actions.deciding.WORDS}
        actions.decide(
            comment.pk,
            deed,
            actor=moderator,
            reason=reason,
            seen=seen,
            note=note,
            body=request.POST.get("body", ""),
            **words,
        )
        back = f"{reverse('comment-moderate', args=[comment.pk])}#undo"
        said = format_html(
            '{} <a href="{}">{}</a>', _("It is decided, and can be undone for a minute."), back, _("Undo")
        )
        messages.success(request, said)
        return
    if comment.author_id is None:
        raise NotFound(_("There is no such person."))
    scope, until = request.POST.get("scope", ""), _end(request.POST.get("until", ""))
    section = _place(request.POST.get("section", ""))
    impose_sanction(
        comment.author_id,
        actor=moderator,
        scope=scope,
        until=until,
        reason=reason,
        note=note,
        text=request.POST.get("text", ""),
        section=section,
    )
    messages.success(request, _("The restriction is in force."))


def _place(slug: str) -> int | None:
    """The id of the section; None, which is everywhere, for none. Raises Invalid for an unknown one."""
    if not slug:
        return None
    section = section_of(slug)
    if section is None:
        sentence = _("There is no such section.")
        raise Invalid(sentence, {"section": [sentence]})
    return section.pk


def _end(chosen: str) -> datetime | None:
    """The time in so many hours or ten minutes, or None for "good". Raises Invalid if nothing was chosen."""
    if chosen == TEN_MINUTES:
        return timezone.now() + timedelta(minutes=10)
    hours = key_number(chosen)
    if hours:
        return timezone.now() + timedelta(hours=min(hours, LONGEST_HOURS))
    if chosen != "good":
        sentence = _("Choose for how long.")
        raise Invalid(sentence, {"until": [sentence]})
    return None
