"""The page of texts that rules did not let in."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import must_moderate_somewhere
from comments import reads
from comments.access import find_moderated_section
from comments.moderation import KINDS
from comments.panel.frame import page
from comments.panel.marks import marked

A_PAGE = 50


@login_required
@require_safe
def refused(request: HttpRequest) -> HttpResponse:
    """What rules have refused within seven days, with the places that they found."""
    viewer, asked = must_moderate_somewhere(request.user), request.GET
    section = find_moderated_section(viewer, asked["section"]) if asked.get("section") else None
    rule = asked.get("rule", "")
    found = reads.refused_page(viewer, section=section, rule=rule, cursor=asked.get("cursor", ""), limit=A_PAGE)
    rows = [
        {
            "refused": row,
            "kind": KINDS[row.kind].label if row.kind in KINDS else _("Built in"),
            "parts": marked(row.text, (hit["spans"] for hit in row.hits if not hit["shadow"])),
            "hits": [hit for hit in row.hits if not hit["shadow"]],
        }
        for row in found.rows
    ]
    chosen = {"section": section.slug if section else "", "rule": rule}
    context = {
        "rows": rows,
        "rule": rule,
        "section": section,
        "next": found.next and _address(**chosen, cursor=found.next),
        "previous": found.previous and _address(**chosen, cursor=found.previous),
    }
    return page(request, "panel/refused.html", context)


def _address(**asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('moderation-refused-page')}?{query}"
