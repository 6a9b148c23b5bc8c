"""Forms that work without JavaScript: comment, edit, withdraw, react, follow. They call the same actions as the API."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import person
from accounts.actions import subscribe, unsubscribe
from accounts.models import Sanction, User
from comments import actions, reads
from comments.access import find_comment
from comments.actions.drafting import previewed
from comments.models import Comment
from comments.representations import comment_json, reaction_json
from newsroom.client import network_from
from newsroom.database.keys import key_number
from newsroom.errors import Forbidden, Gone, NotFound, Refused
from newsroom.pages.discussions import address_of
from newsroom.pages.rendering import page_links
from newsroom.pages.thread import is_editable, is_undoable, sayable, standing, why_barred


@require_POST
def post(request: HttpRequest, pk: int) -> HttpResponse:
    """The composer's form. Redirects to the new comment, or shows the input again with an error or with its preview."""
    if not isinstance(request.user, User):
        return _to_login(reads.head_of(pk, request.user).page)
    text, parent = request.POST.get("text", ""), key_number(request.POST.get("parent"))
    try:
        if "preview" in request.POST:
            return _compose(request, pk, preview=previewed(text), text=text, parent=parent)
        posted = actions.post(
            pk, author=request.user, text=text, parent_id=parent, key=_key(request), network=network_from(request)
        )
    except (NotFound, Gone):
        raise
    except Refused as refused:
        return _compose(request, pk, refused, text=text, parent=parent)
    if posted.status == HTTPStatus.ACCEPTED:
        messages.success(request, _("Thank you. A moderator reads your comment before it appears."))
        return redirect(f"{reads.head_of(pk, request.user).page}#discussion")
    return redirect(address_of(find_comment(request.user, posted.comment.pk)))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit or withdraw one's own comment, or undo the withdrawal."""
    reader = person(request.user)
    comment = find_comment(reader, pk)
    if comment.author_id != reader.pk:
        raise Forbidden(_("Only its author can change or withdraw a comment."))
    refused, text = None, comment.text
    if request.method == "POST":
        text = request.POST.get("text", "")
        try:
            if "withdraw" in request.POST:
                actions.withdraw(pk, actor=reader)
                return redirect(request.path)  # the page offers the undo
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


@login_required
@require_safe
def reactions(request: HttpRequest, pk: int) -> HttpResponse:
    """Who has reacted to a comment, and all reactions, to press without JavaScript; below a comment stand those that
    somebody gave.
    """
    reader = person(request.user)
    comment = find_comment(reader, pk)
    page = reads.reactions_page(comment, reader, cursor=request.GET.get("cursor", ""))
    barred = why_barred(reader, Sanction.Scope.REACT, comment.discussion)
    context = {
        "comment": comment_json(comment),
        "mine": reads.reacted(comment, reader)["mine"],
        "barred": barred,
        "may_react": not barred and comment.state == Comment.State.PUBLISHED,
        "people": [reaction_json(each) for each in page.rows],
        "page": page_links(request, page),
    }
    return render(request, "pages/react.html", context)


@require_POST
def react(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Add a reaction or remove it; then redirect to the comment."""
    comment = find_comment(request.user, pk)
    if not isinstance(request.user, User):
        return redirect_to_login(f"/comments/{pk}/")
    try:
        if request.POST.get("deed") == "take":
            actions.take_back(pk, name, actor=request.user, network=network_from(request))
        else:
            actions.react(pk, name, actor=request.user, network=network_from(request))
    except (NotFound, Gone):
        raise
    except Refused as refused:
        messages.error(request, refused.detail)
    return redirect(address_of(comment))


@login_required
@require_POST
def follow(request: HttpRequest, kind: str, target: str) -> HttpResponse:
    """Follow something, or stop following it; then redirect to `next`."""
    reader = person(request.user)
    if "unfollow" in request.POST:
        unsubscribe(reader, kind, target)
        messages.success(request, _("You no longer follow this."))
    else:
        subscribe(reader, kind, target)
        messages.success(request, _("You will be told when there is news here."))
    back = request.POST.get("next", "/")
    return HttpResponseRedirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/")


def _compose(
    request: HttpRequest, pk: int, refused: Refused | None = None, *, preview: str = "", **draft: Any
) -> HttpResponse:
    """The composer on a page of its own, with what was typed, and why it was refused or how it will look."""
    head, error = reads.head_of(pk, request.user), _sentence(refused) if refused else ""
    state = standing(request.user, head, error=error, **draft)
    discussion = sayable(reads.as_it_stands(head))
    context = {"discussion": discussion, "back": head.page, "error": error, **state, "is_chat": False}
    status = refused.status if refused else HTTPStatus.OK
    response = render(request, "pages/compose.html", context | {"preview": preview}, status=status)
    if refused and "retry_after" in refused.extra:
        response["Retry-After"] = str(refused.extra["retry_after"])
    return response


def _sentence(refused: Refused) -> str:
    """The refusal's message about the text, if there is one; otherwise its general one."""
    of_text = refused.extra.get("errors", {}).get("text")
    return str(of_text[0]) if of_text else refused.detail


def _to_login(address: str) -> HttpResponse:
    return redirect_to_login(f"{address}#discussion")


def _key(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None
