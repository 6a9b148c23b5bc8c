"""The pages of the panel about words to authors that are kept ready."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.models import User
from accounts.permissions import DEEDS
from accounts.reasons import Reason
from comments import actions
from comments.models import MAX_WORDS
from comments.panel.frame import page, status_of
from comments.reads import texts as reads
from newsroom.errors import Refused

FIELDS = actions.texts.FIELDS


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: HttpRequest) -> HttpResponse:
    """All of them; a form adds one, for those who lead the moderators."""
    viewer, refused = must_moderate_somewhere(request.user), None
    if request.method == "POST":
        try:
            actions.add_text(actor=viewer, **_said(request))
            messages.success(request, _("The text is kept."))
            return redirect("moderation-texts-page")
        except Refused as error:
            refused = error
    context = {"texts": reads.canned_texts(viewer), **_form(viewer, _said(request) if refused else {}, refused)}
    return page(request, "panel/texts.html", context, status=status_of(refused))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def text(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, to change or to drop."""
    viewer, refused = must_moderate_somewhere(request.user), None
    found = reads.canned_text(viewer, pk)
    if request.method == "POST":
        try:
            if request.POST.get("deed") == "drop":
                actions.drop_text(pk, actor=viewer)
                messages.success(request, _("The text is kept no longer."))
            else:
                actions.change_text(pk, actor=viewer, **_said(request))
                messages.success(request, _("The text is changed."))
            return redirect("moderation-texts-page")
        except Refused as error:
            refused = error
    said = _said(request) if refused else {name: getattr(found, name) for name in FIELDS}
    return page(request, "panel/text.html", {"text": found, **_form(viewer, said, refused)}, status=status_of(refused))


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in FIELDS}


def _form(viewer: User, said: dict[str, str], refused: Refused | None) -> dict[str, Any]:
    return {
        "may_write": DEEDS["comments.add_text"].met_by(viewer.in_force, None),
        "reasons": Reason.choices,
        "languages": settings.LANGUAGES,
        "most": MAX_WORDS,
        "said": said,
        "error": refused.detail if refused else "",
        "errors": refused.extra.get("errors", {}) if refused else {},
    }
