"""A person's page: who they are here, and what they have said in public. Django alone answers it, so that what
was taken down is gone from it at once.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.access import person as logged_in
from accounts.avatars import LARGE, address_of
from accounts.representations import author_json
from comments import actions
from comments.models import Ignored
from comments.reads.people import MOST_COUNTED, portrait_of
from newsroom.edge.sources import Sources
from newsroom.errors import Forbidden
from newsroom.pages.rendering import page_links, show
from newsroom.pages.sentences import IGNORING

COMMENTS_A_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The page. By POST the reader ignores this person, or stops that (`heed`)."""
    if request.method == "POST" and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    found = portrait_of(request.user, pk, cursor=request.GET.get("cursor", ""), limit=COMMENTS_A_PAGE)
    about = found.person
    if request.method == "POST":
        return _ignored(request, pk, about.name)
    is_own = request.user.pk == pk
    context = {
        "about": author_json(about),
        "picture": address_of(about.avatar, LARGE),
        "role": about.get_role_display() if about.role != about.Role.READER else "",
        "since": about.date_joined,
        "is_hidden": about.is_hidden,
        "is_own": is_own,
        "is_ignored": not is_own
        and request.user.is_authenticated
        and Ignored.objects.filter(reader=request.user.pk, person=pk).exists(),
        "comments": found.comments.rows,
        "said": found.said,
        "featured": found.featured,
        "most": MOST_COUNTED,
        "page": page_links(request, found.comments),
    }
    return show(request, "pages/person.html", context, Sources())


def _ignored(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    reader, deed = logged_in(request.user), "undone" if "heed" in request.POST else "done"
    try:
        if deed == "undone":
            actions.stop_ignoring(pk, reader=reader)
        else:
            actions.ignore(pk, reader=reader)
        messages.success(request, IGNORING[deed]().replace("{name}", name))
    except Forbidden as refused:
        messages.error(request, refused.detail)
    return redirect("person", pk)
