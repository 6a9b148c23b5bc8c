"""Comments that only their author sees: held ones, and those that were never published."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.reasons import Reason
from comments.models import Comment, Decision, Discussion, RuleHit
from comments.moderation import why_it_waits
from comments.representations import Json, comment_json

MOST = 50  # of each kind, the newest


def hidden_from_others(person: User, discussion: Discussion) -> dict[str, list[Json]]:
    """{held, rejected}: comments as their author gets them, with `reason` (a code) and `sentence`; never the
    moderator.
    """
    own = Comment.objects.hidden().filter(author=person, discussion=discussion).select_related("author", "tally")
    told = [Decision.Action.HOLD, Decision.Action.REJECT]
    # How moderators call a rule is nothing to authors: they get its kind. What held an import has no hit.
    kind = RuleHit.objects.filter(decision=OuterRef("pk")).order_by("id").values("kind")[:1]
    decisions = Decision.objects.standing().filter(action__in=told).order_by("-id")
    decisions = decisions.annotate(kind=Coalesce(Subquery(kind), "rule", output_field=CharField()))
    own = own.prefetch_related(Prefetch("decisions", decisions, to_attr="told")).order_by("-id")
    return {
        "held": [_held(comment) for comment in own.filter(state=Comment.State.HELD)[:MOST]],
        "rejected": [_rejected(comment) for comment in own.filter(state=Comment.State.REJECTED)[:MOST]],
    }


def _held(comment: Any) -> Json:
    hold = next((each for each in comment.told if each.action == Decision.Action.HOLD), None)
    kind = hold.kind if hold else ""
    return comment_json(comment) | {"reason": kind, "sentence": why_it_waits(kind)}


def _rejected(comment: Any) -> Json:
    rejected = next((each for each in comment.told if each.action == Decision.Action.REJECT), None)
    code = (rejected and rejected.reason) or Reason.OTHER
    sentence = _("Your comment was not published. Reason: {reason}").format(reason=Reason(code).label)
    words = rejected.words if rejected else ""
    return comment_json(comment) | {"reason": str(code), "sentence": f"{sentence} {words}".strip()}
