"""The page of what the rule `learned` has learned."""

from __future__ import annotations

from itertools import groupby

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import must_head, must_moderate_somewhere
from accounts.duties import Duty
from comments import reads, tasks
from comments.panel.frame import page, status_of
from comments.panel.rule_forms import OPTIONS
from newsroom.errors import Refused


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def models(request: HttpRequest) -> HttpResponse:
    """The versions by language with what was measured, and the words that spoke most often for a finding."""
    viewer, refused = must_moderate_somewhere(request.user), None
    if request.method == "POST":
        try:
            must_head(viewer)
            tasks.learn.enqueue()
            messages.success(request, _("The models learn anew, in the background."))
            return redirect("moderation-models-page")
        except Refused as error:
            refused = error
    found = groupby(reads.learned_models(), key=lambda row: row["language"])
    context = {
        "languages": [(OPTIONS.get(f"language.{each}", each), list(versions)) for each, versions in found],
        "words": reads.words_found(viewer),
        "least": settings.LEARNING_LEAST,
        "may_learn": viewer.may(Duty.HEAD, None),
        "error": refused.detail if refused else "",
    }
    return page(request, "panel/models.html", context, status=status_of(refused))
