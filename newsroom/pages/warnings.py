"""A warning for the person who was warned: to read, and to confirm that it was read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import person
from comments import actions
from comments.reads.people import own_warnings
from newsroom.database.keys import LARGEST_ID


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def warning(request: HttpRequest, pk: int) -> HttpResponse:
    """One of one's own; the form says that it was read, and leads back to where it stood."""
    reader = person(request.user)
    if request.method == "POST":
        actions.acknowledge_warning(pk, actor=reader)
        back = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
        return HttpResponseRedirect(back if is_ours else reverse("warning", args=[pk]))
    found = get_object_or_404(own_warnings(reader), pk=min(pk, LARGEST_ID))
    return render(request, "pages/warning.html", {"warning": found, "is_page_of_warning": True})
