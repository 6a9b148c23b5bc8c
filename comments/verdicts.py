"""The shapes of rules and of what they find, for moderators alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.representations import author_json
from comments.models import Decision, LearnedModel, RefusedText, Rule, RuleHit, RuleRun
from comments.moderation import Verdict
from newsroom.api.renderers import iso

type Json = dict[str, Any]

PROPOSED = (70, 80, 90, 95, 99)  # percent of precision for which a threshold is shown


def hits_json(hits: Iterable[RuleHit], hold: Decision | None) -> list[Json]:
    """What rules have found in a comment. `hold` is named where nothing was kept, as for an import."""
    found = [hit_json(hit) for hit in hits]
    if found or hold is None:
        return found
    return [
        {
            "rule": hold.rule,
            "kind": hold.rule,
            "version": 0,
            "outcome": Rule.Action.HOLD.value,
            "spans": [],
            "score": None,
            "detail": hold.note,
        }
    ]


def verdict_json(verdict: Verdict) -> Json:
    """The same for a verdict that is not stored, with `shadow`: it would have no effect."""
    return {
        "rule": verdict.rule,
        "kind": verdict.kind,
        "version": verdict.version,
        "outcome": verdict.outcome.name.lower(),
        "spans": [list(span) for span in verdict.spans],
        "score": verdict.score,
        "detail": verdict.detail,
        "shadow": verdict.is_shadow,
    }


def rule_json(rule: Rule) -> Json:
    """A rule with its settings, for moderators. Reads `section` and `changed_by`."""
    return {
        "id": rule.pk,
        "name": rule.name,
        "kind": rule.kind,
        "action": rule.action,
        "mode": rule.mode,
        "section": rule.section.slug if rule.section else None,
        "until": iso(rule.until),
        "version": rule.version,
        "changed_by": author_json(rule.changed_by) if rule.changed_by else None,
        "changed_at": iso(rule.changed_at),
        **rule.settings,
    }


def run_json(run: RuleRun) -> Json:
    """A run of a rule over the last comments: how far it is, and how the comments that it has found stand now."""
    return {
        "id": run.pk,
        "rule": run.rule_id,
        "version": run.version,
        "state": run.state,
        "count": run.count,
        "done": run.done,
        "hits": run.hits,
        "states": run.states,
        "created_at": iso(run.created_at),
        "finished_at": iso(run.finished_at),
    }


def sample_json(hit: RuleHit) -> Json:
    """What a rule has found, with the comment as it stands now, for moderators. Reads `comment`."""
    is_same = hit.revision_id is None and not hit.comment.is_gone
    return hit_json(hit) | {
        "comment": hit.comment_id,
        "state": hit.comment.state,
        "text": hit.comment.text if is_same else "",
        "shadow": hit.is_shadow,
        "at": iso(hit.created_at),
    }


def refused_json(refused: RefusedText) -> Json:
    """A text that a rule did not let in, for moderators. Reads `author` and `discussion`."""
    return {
        "id": refused.pk,
        "author": author_json(refused.author),
        "discussion": refused.discussion_id,
        "title": refused.discussion.title,
        "comment": refused.comment_id,
        "text": refused.text,
        "rule": refused.rule,
        "kind": refused.kind,
        "hits": refused.hits,
        "at": iso(refused.created_at),
    }


def model_json(model: LearnedModel) -> Json:
    """A version of a learned model: what it was made of, and how it did on decisions that it had not seen."""
    reached = {percent: model.points.get(str(percent)) for percent in PROPOSED}
    return {
        "language": model.language,
        "version": model.version,
        "taught": model.taught,
        "taught_bad": model.taught_bad,
        "held_out": model.held_out,
        "held_out_bad": model.held_out_bad,
        "proposals": [
            {"wanted": percent} | dict(zip(("threshold", "precision", "recall"), point, strict=True))
            for percent, point in reached.items()
            if point is not None
        ],
        "at": iso(model.made_at),
    }


def hit_json(hit: RuleHit) -> Json:
    """{rule, kind, version, outcome, spans: half-open, in characters of the text, score, detail}, for moderators."""
    return {
        "rule": hit.name,
        "kind": hit.kind,
        "version": hit.version,
        "outcome": hit.outcome,
        "spans": hit.spans,
        "score": hit.score,
        "detail": hit.detail,
    }
