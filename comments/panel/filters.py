"""The page of the filters that a moderator keeps; the queue's form to keep one leads here."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.models import User
from comments import actions
from comments.access import must_find_section
from comments.models import MAX_FILTER_NAME
from comments.panel.frame import page, status_of
from comments.reads.cases import choice_of, must_make_sense
from comments.reads.filters import filters_of
from newsroom.api.responses import NEVER
from newsroom.database.keys import key_number
from newsroom.errors import Refused

LONGEST = 2000  # characters of an address


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def filters(request: HttpRequest) -> HttpResponse:
    """One's own. A form keeps a choice under a name and shows it, others delete one."""
    viewer, refused = must_moderate_somewhere(request.user), None
    if request.method == "POST":
        try:
            return _done(request, viewer)
        except Refused as error:
            refused = error
    context = {
        "filters": filters_of(viewer),
        "name": request.POST.get("name", "") if refused else "",
        "query": request.POST.get("query") if refused else request.GET.get("query"),
        "most": MAX_FILTER_NAME,
        "error": refused.detail if refused else "",
        "errors": refused.extra.get("errors", {}) if refused else {},
    }
    return page(request, "panel/filters.html", context, status=status_of(refused))


def _done(request: HttpRequest, viewer: User) -> HttpResponse:
    if request.POST.get("deed") == "drop":
        actions.drop_filter(key_number(request.POST.get("filter")) or NEVER, actor=viewer)
        messages.success(request, _("The filter is deleted."))
        return redirect("moderation-filters-page")
    choice = choice_of(QueryDict(request.POST.get("query", "")[:LONGEST].encode()))
    must_make_sense(choice)
    must_find_section(viewer, choice.section)
    actions.save_filter(actor=viewer, name=request.POST.get("name", ""), query=choice.query)
    messages.success(request, _("The filter is saved."))
    return redirect(f"{reverse('moderation-queue-page')}?{choice.query}")
