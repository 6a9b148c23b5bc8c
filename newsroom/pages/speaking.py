"""Forms that work without JavaScript: comment, edit, withdraw, moderate, follow. They call the same actions."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import impose_sanction, subscribe, unsubscribe
from accounts.models import Sanction, User
from accounts.reasons import Reason
from comments import actions, reads
from comments.access import find_comment
from comments.models import Comment
from comments.serializers import comment_json, discussion_json
from newsroom.api.views import NEVER
from newsroom.client import network_from
from newsroom.errors import Forbidden, Invalid, NotFound, Refused
from newsroom.pages.discussions import address_of
from newsroom.pages.links import place_of
from newsroom.pages.talk import is_editable, is_undoable, sayable, standing

LONGEST_HOURS = 24 * 3650  # of a restriction that ends
OPPOSITE = {"like": "dislike", "dislike": "like"}  # the page takes one back when the other is put


@require_POST
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """The composer's form: to the new comment, or back with what was written and a sentence."""
    if not isinstance(request.user, User):
        return _to_login(place_of(reads.head_of(pk, request.user)))
    text, parent = request.POST.get("text", ""), _number(request.POST.get("parent"))
    try:
        posted = actions.post(
            pk, author=request.user, text=text, parent_id=parent, key=_key(request), network=network_from(request)
        )
    except NotFound:
        raise
    except Refused as refused:
        return _compose(request, pk, refused, text=text, parent=parent)
    if posted.status == HTTPStatus.ACCEPTED:
        messages.success(request, _("Thank you. A moderator reads your comment before it appears."))
        return redirect(f"{place_of(reads.head_of(pk, request.user))}#discussion")
    return redirect(address_of(find_comment(request.user, posted.comment.pk)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change or withdraw one's own comment, or bring back what was just withdrawn."""
    reader = _person(request)
    comment = find_comment(reader, pk)
    if comment.author_id != reader.pk:
        raise Forbidden(_("Only its author can do that."))
    refused, text = None, comment.text
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            if "withdraw" in request.POST:
                actions.withdraw(pk, actor=reader)
                return redirect(request.path)  # where it can be undone
            if "undo" in request.POST:
                comment = actions.undo(pk, actor=reader)
            else:
                comment = actions.edit(pk, actor=reader, text=text)
            return redirect(address_of(comment))
        except Refused as error:
            refused = error
    context = {
        "comment": comment,
        "text": text,
        "error": _sentence(refused) if refused else "",
        "is_of_text": not {"withdraw", "undo"} & request.POST.keys(),
        "is_editable": is_editable(comment, reader),
        "is_undoable": is_undoable(comment, reader),
    }
    return render(request, "pages/edit.html", context, status=422 if refused else 200)


@require_POST
def react(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Put a reaction, in the place of its opposite, or take it back; then to the comment."""
    comment = find_comment(request.user, pk)
    if not isinstance(request.user, User):
        return redirect_to_login(f"/comments/{pk}/")
    try:
        if request.POST.get("deed") == "take":
            actions.take_back(pk, name, actor=request.user, network=network_from(request))
        else:
            actions.react(pk, name, actor=request.user, network=network_from(request))
            if name in OPPOSITE:
                actions.take_back(pk, OPPOSITE[name], actor=request.user)
    except NotFound:
        raise
    except Refused as refused:
        messages.error(request, refused.detail)
    return redirect(address_of(comment))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def moderate(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide on a comment and bar its author; for moderators."""
    moderator = _person(request)
    if not moderator.moderates:
        raise Forbidden(_("Only moderators can do that."))
    comment, refused = find_comment(moderator, pk), None
    if request.method == "POST":
        try:
            _decide(request, comment, moderator)
            return redirect(address_of(find_comment(moderator, pk)))
        except Refused as error:
            comment, refused = find_comment(moderator, pk), error  # as it is now: perhaps that is why
    said = request.POST if refused else {}
    context = {
        "comment": comment_json(comment) | {"text": comment.text, "html": comment.html},
        "error": _sentences(refused),
        "errors": refused.extra.get("errors", {}) if refused else {},
        "said": {name: said.get(name, "") for name in ("deed", "reason", "note", "scope", "until")},
        "reasons": Reason.choices,
        "scopes": Sanction.Scope.choices,
        "history": reads.history(comment),
        "place": address_of(comment),
    }
    return render(request, "pages/moderate.html", context, status=_status(refused))


@login_required
@require_POST
def follow(request: HttpRequest, kind: str, target: str) -> HttpResponse:
    """Follow something, or no longer; back to `next`."""
    reader = _person(request)
    if "unfollow" in request.POST:
        unsubscribe(reader, kind, target)
        messages.success(request, _("You no longer follow this."))
    else:
        subscribe(reader, kind, target)
        messages.success(request, _("You will be told when there is news here."))
    back = request.POST.get("next", "/")
    return HttpResponseRedirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")


def _compose(request: HttpRequest, pk: int, refused: Refused, **draft: Any) -> HttpResponse:
    head = reads.head_of(pk, request.user)
    state = standing(request.user, head, error=_sentence(refused), **draft)
    discussion = sayable(discussion_json(head, timezone.now()))
    context = {"discussion": discussion, "back": place_of(head), "error": _sentence(refused), **state}
    response = render(request, "pages/compose.html", context, status=refused.status)
    if "retry_after" in refused.extra:
        response["Retry-After"] = str(refused.extra["retry_after"])
    return response


def _sentence(refused: Refused) -> str:
    """The refusal in the words for the text itself, if there are any."""
    of_text = refused.extra.get("errors", {}).get("text")
    return str(of_text[0]) if of_text else refused.detail


def _status(refused: Refused | None) -> int:
    if refused is None:
        return HTTPStatus.OK
    is_changed = refused.status == HTTPStatus.PRECONDITION_FAILED
    return HTTPStatus.PRECONDITION_FAILED if is_changed else HTTPStatus.UNPROCESSABLE_ENTITY


def _sentences(refused: Refused | None) -> str:
    """What was refused, and for which fields."""
    if refused is None:
        return ""
    of_fields: dict[str, list[str]] = refused.extra.get("errors", {})
    return " ".join([refused.detail, *(sentence for each in of_fields.values() for sentence in each)])


def _decide(request: HttpRequest, comment: Comment, moderator: User) -> None:
    deed, reason, note = (request.POST.get(name, "") for name in ("deed", "reason", "note"))
    if deed != "bar":
        seen = {_number(request.POST.get("seen")) or NEVER}
        actions.decide(comment.pk, deed, actor=moderator, reason=reason, seen=seen, note=note)
        return
    if comment.author_id is None:
        raise NotFound(_("There is no such person."))
    scope, until = request.POST.get("scope", ""), _end(request.POST.get("until", ""))
    impose_sanction(comment.author_id, actor=moderator, scope=scope, until=until, reason=reason, note=note)
    messages.success(request, _("The restriction is in force."))


def _end(chosen: str) -> datetime | None:
    """In so many hours, or None where "good" was chosen. Raises Invalid: nothing is chosen by itself."""
    hours = _number(chosen)
    if hours:
        return timezone.now() + timedelta(hours=min(hours, LONGEST_HOURS))
    if chosen != "good":
        sentence = _("Choose for how long.")
        raise Invalid(sentence, {"until": [sentence]})
    return None


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # login_required has seen to it
    return request.user


def _to_login(address: str) -> HttpResponse:
    return redirect_to_login(f"{address}#discussion")


def _key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _number(raw: str | None) -> int | None:
    return int(raw) if raw and raw.isascii() and raw.isdigit() and len(raw) < 19 else None
