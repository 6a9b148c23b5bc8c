"""Second looks: what waits to be judged once more, without what was decided; and how often people agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from accounts.duties import within
from accounts.models import User
from comments.access import sections_led, sections_moderated
from comments.models import Comment, SecondLook
from comments.reads.figures import Span
from comments.representations import Json
from newsroom.api.paging import DEFAULT_LIMIT, Page, keyset

MOST = 50  # disagreements of a list


def waiting(moderator: User, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Page[SecondLook]:
    """Those that `moderator` may judge, the oldest first. One statement. Raises UnknownCursor."""
    rows = SecondLook.objects.waiting_for(moderator, timezone.now())
    beside = ("section", "decision__comment__discussion", "decision__comment__parent")
    return keyset(
        rows.select_related(*beside), scope="second", keys=("id",), limit=limit, cursor=cursor, descending=False
    )


def blind_json(look: SecondLook) -> Json:
    """The text and where it was written; nothing from which somebody learns what was decided, and no way to it: neither
    the comment nor its author, state or times.
    """
    comment, section = look.decision.comment, look.section
    parent = comment.parent if comment.parent and comment.parent.state == Comment.State.PUBLISHED else None
    return {
        "id": look.pk,
        "text": comment.text,
        "html": comment.html,
        "title": comment.discussion.title,
        "section": {"slug": section.slug, "name": section.name} if section else None,
        "answers": parent.text if parent else None,
    }


def judged_json(look: SecondLook) -> Json:
    """{id, verdict, reason}: what somebody has said, for them; not whether it agrees."""
    return {"id": look.pk, "verdict": look.verdict, "reason": look.reason}


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the decisions with this reason ("": without one, they let a comment stand), or of what this rule had held."""

    key: str
    looked: int
    agreed: int

    @property
    def percent(self) -> int:
        return round(100 * self.agreed / self.looked)

    def json(self, name: str) -> Json:
        return {name: self.key, "looked": self.looked, "agreed": self.agreed}


def agreement(moderator: User, span: Span) -> dict[str, list[Agreement]]:
    """`reason` and `rule` → how many decisions were judged again in these days, and how many alike. Two statements."""
    rows = _judged(span).filter(within(sections_moderated(moderator), "section"))
    names = {"reason": "decision__reason", "rule": "rule"}
    return {
        name: [each for each in _grouped(rows, path) if each.key or name == "reason"] for name, path in names.items()
    }


def disagreements(moderator: User, span: Span) -> Sequence[SecondLook]:
    """The newest of these days in the sections that `moderator` leads. One statement. Raises Forbidden."""
    rows = _judged(span).filter(within(sections_led(moderator), "section"), agrees=False)
    beside = ("decision__moderator", "decision__discussion", "moderator", "section")
    return list(rows.select_related(*beside).order_by("-judged_at", "-id")[:MOST])


def disagreement_json(look: SecondLook) -> Json:
    """Both judgements, for those who lead."""
    decision = look.decision
    first, second = decision.moderator, look.moderator
    return {
        "id": look.pk,
        "decision": decision.pk,
        "comment": decision.comment_id,
        "rule": look.rule,
        "first": {"by": first.name if first else None, "action": decision.action, "reason": decision.reason},
        "second": {"by": second.name if second else None, "verdict": look.verdict, "reason": look.reason},
    }


def _judged(span: Span) -> Any:
    zone = timezone.get_default_timezone()
    begin, end = (
        timezone.make_aware(datetime.combine(day, time()), zone) for day in (span.since, span.until + timedelta(days=1))
    )
    return SecondLook.objects.filter(judged_at__gte=begin, judged_at__lt=end)


def _grouped(rows: Any, path: str) -> list[Agreement]:
    sums = rows.values_list(path).order_by().annotate(n=Count("pk"), alike=Count("pk", filter=Q(agrees=True)))
    return [Agreement(*row) for row in sorted(sums, key=lambda row: (-row[1], row[0]))]
