"""Pages for readers who ignore the author of a comment, or no longer. They call the same actions as the API."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import person
from comments import actions
from comments.access import find_comment
from comments.models import Ignored
from comments.reads.people import ignored_by
from comments.representations import comment_json
from newsroom.database.keys import key_number
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
@require_http_methods(["GET", "HEAD", "POST"])
def ignored(request: HttpRequest) -> HttpResponse:
    """Whom the reader ignores, each with a button that ends it."""
    reader = person(request.user)
    if request.method == "POST":
        whom = key_number(request.POST.get("person", ""))
        if whom is not None:
            actions.stop_ignoring(whom, reader=reader)
            messages.success(request, _("You see this person's comments again."))
        return redirect("ignored")
    return render(request, "pages/ignored.html", {"people": ignored_by(reader)})
