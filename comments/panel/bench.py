"""The bench: what the rules say of a text, and what one of them would have done to the last comments."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import must_moderate_somewhere
from accounts.models import User
from comments import actions, reads
from comments.actions.rules import Tried, try_text
from comments.models import MAX_TEXT, Comment, Rule, RuleRun
from comments.moderation import KINDS
from comments.panel.frame import page, status_of
from comments.panel.marks import marked
from comments.tasks import run_rule
from newsroom.api.responses import NEVER
from newsroom.database.keys import key_number
from newsroom.errors import Invalid, Refused

OUTCOMES = {"publish": "", **{each.value: each.label for each in Rule.Action}}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bench(request: HttpRequest) -> HttpResponse:
    """Try a text: every verdict, with the places in it. Or run a rule over the last comments. Nothing is changed."""
    viewer = must_moderate_somewhere(request.user)
    said = {name: request.POST.get(name, "") for name in ("text", "rule")}
    tried, refused = None, None
    known = reads.rules_of(viewer)
    if request.method == "POST":
        try:
            if request.POST.get("deed") == "run":
                return redirect("moderation-run-page", run_in_background(_chosen(said["rule"]), viewer).pk)
            tried = _tried(viewer, said)
        except Refused as error:
            refused = error
    context = {
        "said": said,
        "rules": known,
        "runnable": [each for each in known if each.kind in KINDS and KINDS[each.kind].is_about_texts],
        "errors": refused.extra.get("errors", {}) if refused else {},
        "error": refused.detail if refused else "",
        "most": MAX_TEXT,
        **(_shown(tried) if tried else {}),
    }
    return page(request, "panel/bench.html", context, status=status_of(refused))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is, and what the rule would have found. The page loads itself anew until it is over."""
    viewer = must_moderate_somewhere(request.user)
    rule_id = reads.rule_of_run(pk)
    if request.method == "POST":
        actions.cancel_run(pk, actor=viewer)
        messages.success(request, _("The run has ended."))
        return redirect("moderation-run-page", pk)
    found = reads.run_detail(rule_id, pk, viewer)
    states = dict(Comment.State.choices)
    context = {
        "run": found,
        "rule": Rule.objects.get(pk=rule_id),
        "is_running": found["state"] == RuleRun.State.RUNNING,
        "is_stopped": found["state"] == RuleRun.State.STOPPED,
        "state": RuleRun.State(found["state"]).label,
        "states": [(states.get(state, state), number) for state, number in sorted(found["states"].items())],
        "samples": [each | {"parts": marked(each["text"], [each["spans"]])} for each in found["samples"]],
    }
    return page(request, "panel/run.html", context)


def run_in_background(rule_id: int, viewer: User) -> RuleRun:
    """Raises what `start_run` raises."""
    started = actions.start_run(rule_id, actor=viewer)
    run_rule.enqueue(started.pk)
    return started


def _tried(viewer: User, said: dict[str, str]) -> Tried:
    text, sentence = said["text"], ""
    if not text.strip():
        sentence = _("There is no text yet.")
    elif "\0" in text:
        sentence = _("It has signs that no text can have.")
    elif len(text) > MAX_TEXT:
        sentence = _("At most %d characters fit in here.") % MAX_TEXT
    if sentence:
        raise Invalid(_("Some fields need another look."), errors={"text": [sentence]})
    return try_text(text, actor=viewer, rule=_chosen(said["rule"]) if said["rule"] else None)


def _chosen(said: str) -> int:
    """Raises Invalid."""
    number = key_number(said) or NEVER
    if not Rule.objects.filter(pk=number).exists():
        sentence = _("There is no such rule.")
        raise Invalid(_("Some fields need another look."), errors={"rule": [sentence]})
    return number


def _shown(tried: Tried) -> dict[str, Any]:
    verdicts = [
        {
            "rule": each.rule,
            "outcome": OUTCOMES[each.outcome.name.lower()],
            "detail": each.detail,
            "score": round(100 * each.score),
            "is_shadow": each.is_shadow,
            "parts": marked(tried.text, [each.spans]) if each.spans else [],
        }
        for each in tried.judgement.verdicts
    ]
    found = marked(tried.text, (each.spans for each in tried.judgement.verdicts))
    outcome = OUTCOMES[tried.judgement.outcome.name.lower()] or _("Publish")
    return {"tried": tried, "verdicts": verdicts, "outcome": outcome, "parts": found}
