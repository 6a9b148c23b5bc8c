"""Comments from elsewhere become those of the person who wrote them. The profile offers it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import person
from comments import actions


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_over(request: HttpRequest) -> HttpResponse:
    """Make them one's own. By GET, as after a login, the profile."""
    if request.method == "POST":
        number = actions.take_over(actor=person(request.user))
        if number:
            done = ngettext("%d comment is yours now.", "%d comments are yours now.", number)
            messages.success(request, done % number)
        else:
            messages.info(request, _("There are no earlier comments with your address any more."))
    return redirect("profile")
