"""The pages of moderators' rules: all of them, and one to read and change."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import must_moderate_somewhere
from accounts.models import User
from articles.reads import sections
from comments import actions, reads
from comments.access import find_rule
from comments.models import MAX_RULE_NAME, Rule
from comments.moderation import KINDS
from comments.panel import rule_forms
from comments.panel.bench import run_in_background
from comments.panel.frame import page, status_of
from comments.panel.marks import marked
from newsroom.errors import NotFound, Refused

A_PAGE = 50


@login_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules that concern the moderator, with what they have found within a week."""
    viewer = must_moderate_somewhere(request.user)
    found = reads.rule_page(viewer, cursor=request.GET.get("cursor", ""), limit=A_PAGE)
    lately = reads.rules_lately([row["id"] for row in found.rows])
    kinds = [(kind, known.label) for kind, known in KINDS.items()]
    context = {
        "rows": [(row | _labels(row), lately.get(row["id"])) for row in found.rows],
        "kinds": kinds,
        "next": found.next and f"?cursor={found.next}",
        "previous": found.previous and f"?cursor={found.previous}",
    }
    return page(request, "panel/rules.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_rule(request: HttpRequest) -> HttpResponse:
    """Make a rule of the kind that the address names."""
    viewer, kind = must_moderate_somewhere(request.user), request.GET.get("kind", "words")
    if kind not in KINDS:
        raise NotFound(_("There is no such kind of rules."))
    said, refused = rule_forms.blank(kind), None
    if request.method == "POST":
        said = {name: request.POST.get(name, "") for name in said}
        try:
            made = actions.make_rule(actor=viewer, kind=kind, **rule_forms.typed(kind, request.POST, set(said)))
            messages.success(request, _("The rule is made."))
            return redirect("moderation-rule-page", made.pk)
        except Refused as error:
            refused = error
    context = {"kind": kind, "is_new": True, **_form(kind, said, refused)}
    return page(request, "panel/rule.html", context, status=status_of(refused))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """A rule with what it has found, its form, and its versions."""
    viewer = must_moderate_somewhere(request.user)
    found, refused = find_rule(viewer, pk), None
    if found.kind not in KINDS:
        raise NotFound(_("There is no such rule."))
    said = rule_forms.initial(found)
    if request.method == "POST":
        try:
            return _do(request, found, viewer)
        except Refused as error:
            refused = error
            said |= {name: request.POST[name] for name in said if name in request.POST}
    detail = reads.rule_detail(found, viewer)
    samples = [each | {"parts": marked(each["text"], [each["spans"]])} for each in detail["lately"]["samples"]]
    context = {
        "rule": found,
        "kind": found.kind,
        "modes": Rule.Mode.choices,
        "lately": detail["lately"] | {"samples": samples},
        "tally": reads.rules_lately([found.pk]).get(found.pk),
        "versions": [(each, rule_forms.said_of(found.kind, each.changes)) for each in reads.rule_versions(found)],
        "runs": reads.runs_of(found),
        "may_run": KINDS[found.kind].is_about_texts,
        **_form(found.kind, said, refused),
    }
    return page(request, "panel/rule.html", context, status=status_of(refused))


def _do(request: HttpRequest, found: Rule, viewer: User) -> HttpResponse:
    match request.POST.get("deed", ""):
        case "drop":
            actions.drop_rule(found.pk, actor=viewer)
            messages.success(request, _("The rule is deleted. What it has found stays."))
            return redirect("moderation-rules-page")
        case "run":
            return redirect("moderation-run-page", run_in_background(found.pk, viewer).pk)
        case "mode":
            actions.change_rule(found.pk, actor=viewer, mode=request.POST.get("mode", ""))
        case _:
            changes = rule_forms.typed(found.kind, request.POST, rule_forms.changed(found, request.POST))
            if changes:
                actions.change_rule(found.pk, actor=viewer, **changes)
    messages.success(request, _("The rule is changed."))
    return redirect(reverse("moderation-rule-page", args=[found.pk]))


def _labels(row: dict[str, Any]) -> dict[str, Any]:
    kind = KINDS.get(row["kind"])
    return {
        "kind_label": kind.label if kind else row["kind"],
        "action_label": Rule.Action(row["action"]).label,
        "mode_label": Rule.Mode(row["mode"]).label,
    }


def _form(kind: str, said: dict[str, str], refused: Refused | None) -> dict[str, Any]:
    errors: dict[str, list[str]] = refused.extra.get("errors", {}) if refused else {}
    return {
        "kind_label": KINDS[kind].label,
        "said": said,
        "errors": errors,
        "error": refused.detail if refused else "",
        "fields": list(rule_forms.fields_of(kind, said, errors)),
        "actions": [(each.value, each.label) for each in Rule.Action if each.value in KINDS[kind].actions],
        "sections": sections(),
        "most": MAX_RULE_NAME,
    }
