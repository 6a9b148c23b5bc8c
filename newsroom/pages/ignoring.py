"""A page for readers who ignore the author of a comment, or no longer. It calls the same actions as the API."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import person
from comments import actions
from comments.access import find_comment
from comments.models import Ignored
from comments.representations import comment_json
from newsroom.errors import Forbidden
from newsroom.pages.discussions import address_of
from newsroom.pages.sentences import IGNORING


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ignore(request: HttpRequest, pk: int) -> HttpResponse:
    """Ignore the author of a comment, or stop that; then redirect to the comment."""
    reader, comment = person(request.user), find_comment(request.user, pk)
    name, author = comment_json(comment)["author"]["name"] if comment.author_id else "", comment.author_id or 0
    refused, status = "", 200
    if request.method == "POST":
        try:
            if "heed" in request.POST:
                actions.stop_ignoring(author, reader=reader)
                messages.success(request, IGNORING["undone"]().replace("{name}", name))
            else:
                actions.ignore(author, reader=reader)
                messages.success(request, IGNORING["done"]().replace("{name}", name))
            return redirect(address_of(comment))
        except Forbidden as error:
            refused, status = error.detail, error.status
    context = {
        "name": name,
        "place": address_of(comment),
        "is_ignored": Ignored.objects.filter(reader=reader, person=author).exists(),
        "is_own": author == reader.pk,
        "error": refused,
    }
    return render(request, "pages/ignore.html", context, status=status)


@login_required
@require_POST
def heed(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer ignore somebody, from the profile."""
    actions.stop_ignoring(pk, reader=person(request.user))
    messages.success(request, _("You see this person's comments again."))
    return redirect("profile")
