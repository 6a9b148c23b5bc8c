"""What moderators' rules have done lately, how they were changed, and what speaks for their findings."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import AuditEntry, User
from comments.models import Comment, RefusedText, Rule, RuleHit, RuleRun
from newsroom.errors import NotFound

LATELY = timedelta(days=7)
MOST_COUNTED = 1000  # of a rule's newest hits
RUNS = 5
VERSIONS = 20
MOST_WORDS = 20
MOST_SHOWN = 10  # of the words that a change has brought or taken away
_BAD = {Comment.State.REJECTED, Comment.State.REMOVED}


@dataclass(frozen=True, slots=True)
class Lately:
    """`hits` of a rule within a week, those in shadow among them; of the comments that it held alone or as the first,
    how many are `decided` and how many of these are `rejected`; and how many texts it has `refused`.
    """

    hits: int = 0
    shadow: int = 0
    held: int = 0
    decided: int = 0
    rejected: int = 0
    refused: int = 0

    @property
    def share(self) -> int | None:
        """In percent, of what is decided, that which moderators rejected or removed."""
        return round(100 * self.rejected / self.decided) if self.decided else None


def rules_lately(rules: Collection[int]) -> dict[int, Lately]:
    """By rule; those that have found nothing are missing. Two statements."""
    if not rules:
        return {}
    newest = RuleHit.objects.newest_of(rules, MOST_COUNTED).filter(created_at__gte=timezone.now() - LATELY)
    held = Q(decision__isnull=False, outcome=Rule.Action.HOLD)
    found: dict[int, Lately] = {}
    rows: Any = newest.order_by().values_list("rule", "comment__state", "is_shadow")
    for rule, state, is_shadow, number, holds in rows.annotate(number=Count("id"), holds=Count("id", filter=held)):
        before = found.get(rule, Lately())
        found[rule] = replace(
            before,
            hits=before.hits + number,
            shadow=before.shadow + (number if is_shadow else 0),
            held=before.held + holds,
            decided=before.decided + (holds if state != Comment.State.HELD else 0),
            rejected=before.rejected + (holds if state in _BAD else 0),
        )
    named = Rule.objects.filter(pk__in=rules, name=OuterRef("rule")).values("pk")
    refused: Any = RefusedText.objects.kept().annotate(by=Subquery(named)).exclude(by=None).values_list("by")
    for rule, number in refused.annotate(number=Count("id")):
        found[rule] = replace(found.get(rule, Lately()), refused=number)
    return found


@dataclass(frozen=True, slots=True)
class Version:
    """A change of a rule: for each field its name, what it was, and what it became."""

    at: datetime
    by: str
    changes: list[tuple[str, str, str]]


def rule_versions(rule: Rule) -> list[Version]:
    """The changes of a rule, the latest first."""
    entries = AuditEntry.objects.filter(subject=rule.subject).select_related("actor").order_by("-id")[:VERSIONS]
    return [
        Version(each.created_at, str(each.actor or "–"), list(_changes(each.before, each.after))) for each in entries
    ]


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*before, *after]):
        was, now = before.get(name), after.get(name)
        if name != "settings":
            yield name, _said(was), _said(now)
            continue
        settings_then, settings_now = _settings(was), _settings(now)
        for each in dict.fromkeys([*settings_then, *settings_now]):
            then, later = settings_then.get(each), settings_now.get(each)
            if then != later:
                yield each, _said(_without(then, later)), _said(_without(later, then))


def _settings(recorded: Any) -> dict[str, Any]:
    """The record keeps them as text."""
    try:
        found = ast.literal_eval(recorded) if isinstance(recorded, str) else recorded
    except (ValueError, SyntaxError):
        return {}
    return found if isinstance(found, dict) else {}


def _without(value: Any, other: Any) -> Any:
    """Of a list what the other one has not."""
    if isinstance(value, list) and isinstance(other, list | None):
        return [each for each in value if each not in (other or ())]
    return value


def _said(value: Any) -> str:
    if isinstance(value, list):
        more = f" … (+{len(value) - MOST_SHOWN})" if len(value) > MOST_SHOWN else ""
        return ", ".join(map(str, value[:MOST_SHOWN])) + more
    return "" if value is None else str(value)


def runs_of(rule: Rule) -> list[RuleRun]:
    """The last ones."""
    return list(RuleRun.objects.filter(rule=rule).order_by("-id")[:RUNS])


def rule_of_run(run: int) -> int:
    """Raises NotFound."""
    found = RuleRun.objects.filter(pk=run).values_list("rule", flat=True).first()
    if found is None:
        raise NotFound(_("There is no such run."))
    return found


def words_found(viewer: User) -> list[tuple[str, int]]:
    """The words that spoke most often for a finding of the learned models lately, in comments that `viewer` may read.

    The models hold no words, see `comments.moderation.learning`.
    """
    rules = list(Rule.objects.filter(kind="learned").values_list("pk", flat=True))
    newest = RuleHit.objects.newest_of(rules, MOST_COUNTED) if rules else RuleHit.objects.none()
    hits = newest.filter(revision=None, created_at__gte=timezone.now() - LATELY)
    readable = hits.filter(comment__in=Comment.objects.told_to(viewer)).select_related("comment").order_by("-id")
    words: Counter[str] = Counter()
    for hit in readable[:MOST_COUNTED]:
        if not hit.comment.is_gone:
            words.update({hit.comment.text[begin:end].casefold() for begin, end in hit.spans})
    return words.most_common(MOST_WORDS)
