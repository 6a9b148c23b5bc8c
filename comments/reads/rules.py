"""Moderators' rules, and what they have found."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.duties import Duty, within
from accounts.models import User
from comments.access import find_rule, moderation_stream
from comments.models import Comment, LearnedModel, Rule, RuleHit, RuleRun
from comments.reads.pages import List
from comments.verdicts import Json, model_json, rule_json, run_json, sample_json
from newsroom.api.paging import DEFAULT_LIMIT, keyset
from newsroom.errors import NotFound
from newsroom.live.outbox import position

LATELY = timedelta(days=7)
MOST_COUNTED = 1000  # of a rule's newest hits
SAMPLES = 10


def rule_page(moderator: User, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> List:
    """The rules of the moderator's sections and those of all sections, the oldest first, with the position of a stream
    that they may follow.
    """
    stream = moderation_stream(moderator)
    here = position(stream) if stream else None
    page = keyset(rules_of(moderator), scope="rules", keys=["id"], limit=limit, cursor=cursor, descending=False)
    return List([rule_json(rule) for rule in page.rows], page.next, page.previous, stream, here)


def rules_of(moderator: User) -> QuerySet[Rule]:
    """The rules of the moderator's sections and those of all sections."""
    mine = within(moderator.sections(Duty.MODERATE), "section")
    rows = Rule.objects.filter(mine | Q(section=None) if mine else mine)
    return rows.select_related("section", "changed_by")


def rule_detail(rule: Rule, viewer: User) -> Json:
    """A rule, with `lately`: how much it has found within a week, what became of it, and samples that `viewer` may
    read.
    """
    lately = RuleHit.objects.filter(rule=rule, created_at__gte=timezone.now() - LATELY).order_by("-id")
    states = Counter(lately.values_list("comment__state", flat=True)[:MOST_COUNTED])
    readable = Comment.objects.told_to(viewer)
    samples = lately.filter(comment__in=readable).select_related("comment")[:SAMPLES]
    return rule_json(rule) | {
        "lately": {
            "hits": states.total(),
            "rejected": states[Comment.State.REJECTED] + states[Comment.State.REMOVED],
            "waiting": states[Comment.State.HELD],
            "samples": [sample_json(hit) for hit in samples],
        }
    }


def run_detail(rule_id: int, run_id: int, viewer: User) -> Json:
    """A run of a rule with `samples`: comments that `viewer` may read, and the places in them. Raises Forbidden,
    NotFound.
    """
    find_rule(viewer, rule_id)
    run = RuleRun.objects.filter(pk=run_id, rule=rule_id).first()
    if run is None:
        raise NotFound(_("There is no such run."))
    ids = [sample["comment"] for sample in run.samples]
    said = Comment.objects.told_to(viewer).filter(pk__in=ids).in_bulk()
    return run_json(run) | {
        "samples": [
            sample | {"text": comment.text, "state": comment.state}
            for sample in run.samples
            if (comment := said.get(sample["comment"])) and not comment.is_gone and _is_unchanged(comment, run)
        ]
    }


def _is_unchanged(comment: Comment, run: RuleRun) -> bool:
    return comment.edited_at is None or comment.edited_at < run.created_at


def learned_models() -> list[Json]:
    """All versions that are kept, a few of each language; the newest of a language is in force."""
    rows = LearnedModel.objects.defer("weights").order_by("language", "-version")
    return [model_json(model) for model in rows]
