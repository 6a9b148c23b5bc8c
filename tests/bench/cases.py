"""What moderators of a site of some years have before them: open cases and closed ones, reports, hits of rules, and
what the folds have counted of it all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any

DAYS = 90  # of figures
RULES = 20
REPORTS = 3  # of a reported comment
_NUMBERS = """
    INSERT INTO comments_authortally (author_id, published, linked, rejected, removed, restored)
    SELECT author_id, SUM(CASE WHEN published_at IS NOT NULL THEN 1 ELSE 0 END), 0, 0,
        SUM(CASE WHEN state = 'removed' THEN 1 ELSE 0 END), 0
    FROM comments_comment WHERE author_id IS NOT NULL GROUP BY author_id
"""


def write(held: Sequence[Any], removed: Mapping[Any, Any], people: Sequence[Any], moderator: Any) -> None:
    """An open case for each comment that waits, and half as many for reported ones, the last of each discussion; a
    closed case for each that was removed: comment → its decision.
    """
    from comments.models import Comment, DiscussionTally

    count = len(held)
    last = DiscussionTally.objects.exclude(last_comment=None).order_by("-pk").values("last_comment")[: count // 2]
    reported = list(
        Comment.objects.filter(pk__in=[each["last_comment"] for each in last]).select_related("discussion__article")
    )
    opened = _open(held, reported, people)
    _close(removed)
    _find(held)
    _look(removed.values(), moderator)
    _refuse(count // 10, held, people)
    _restrict(count // 10, people, moderator)
    _count(opened, removed.values(), moderator)


def _open(held: Sequence[Any], reported: Sequence[Any], people: Sequence[Any]) -> list[Any]:
    from comments.models import Case, Report

    began = datetime.now(UTC) - timedelta(days=2)
    cases = [
        Case(kind=kind, rank=-number % 4 if kind == "reported" else 0, opened_at=began, **_where(each))
        for kind, comments in (("held", held), ("reported", reported))
        for number, each in enumerate(comments)
    ]
    for case in cases:
        case.is_tallied, case.tallied_section = True, case.section_id
        if case.kind == "reported":
            case.reports, case.reasons = REPORTS, {"insult": REPORTS}
    made = Case.objects.bulk_create(cases, batch_size=5000)
    readers, said = cycle(people), {"reason": "insult", "text": "Das geht gegen eine Person.", "version": 1}
    about = [each for each in made if each.kind == "reported"]
    reports = [
        Report(comment_id=case.comment_id, case=case, reporter=who, **said)
        for case in about
        for who in islice(readers, REPORTS)
    ]
    Report.objects.bulk_create(reports, batch_size=5000)
    return made


def _close(removed: Mapping[Any, Any]) -> None:
    from comments.models import Case

    now = datetime.now(UTC)
    closed = {"kind": "reported", "closed_at": now}
    cases = [Case(decision=decision, **closed, **_where(each)) for each, decision in removed.items()]
    Case.objects.bulk_create(cases, batch_size=5000)


def _where(comment: Any) -> dict[str, Any]:
    article = comment.discussion.article
    section = article.section_id if article else None
    there = {"discussion_id": comment.discussion_id, "section_id": section, "author_id": comment.author_id}
    return {"comment": comment, **there}


def _find(held: Iterable[Any]) -> None:
    """Hits of rules that are off by now, so that nobody who writes meets them."""
    from comments.models import Rule, RuleHit

    settings = {"words": ["Haushalt"], "match": "exact", "exceptions": []}
    made = [Rule(name=f"Werbung {n}", kind="words", settings=settings, action="hold", mode="off") for n in range(RULES)]
    rules = cycle(Rule.objects.bulk_create(made))
    found = {"kind": "words", "version": 1, "outcome": "hold", "spans": [[0, 8]]}
    hits = (RuleHit(comment=each, rule=rule, name=rule.name, **found) for each, rule in zip(held, rules, strict=False))
    RuleHit.objects.bulk_create(hits, batch_size=5000)


def _look(decisions: Iterable[Any], moderator: Any) -> None:
    """Every fiftieth decision is judged once more; of those every second is not yet."""
    from comments.models import SecondLook

    now = datetime.now(UTC)
    judged = {"verdict": "down", "reason": "insult", "moderator": moderator, "judged_at": now, "agrees": True}
    some = list(islice(decisions, 0, None, 50))
    looks = [
        SecondLook(decision=each, section_id=each.section_id, rule="", opens_at=now, **(judged if n % 2 else {}))
        for n, each in enumerate(some)
    ]
    SecondLook.objects.bulk_create(looks, batch_size=5000)


def _refuse(count: int, held: Sequence[Any], people: Sequence[Any]) -> None:
    from comments.models import RefusedText

    said = {"discussion": held[0].discussion, "text": "Kauft hier und heute.", "rule": "Werbung", "kind": "words"}
    rows = (RefusedText(author=each, **said) for each in islice(cycle(people), count))
    RefusedText.objects.bulk_create(rows, batch_size=5000)


def _restrict(count: int, people: Sequence[Any], moderator: Any) -> None:
    from comments.models import FormalWarning, PersonNote

    some = list(islice(cycle(people), count))
    told = {"reason": "insult", "text": "Bitte sachlich."}
    FormalWarning.objects.bulk_create(
        (FormalWarning(person=each, issued_by=moderator, **told) for each in some), batch_size=5000
    )
    PersonNote.objects.bulk_create(
        (PersonNote(person=each, written_by=moderator, text="Am Telefon freundlich.") for each in some), batch_size=5000
    )


def _count(cases: Iterable[Any], decisions: Iterable[Any], moderator: Any) -> None:
    from django.db import connection

    from comments.models import DayTally, QueueTally

    waiting = Counter((where, case.kind) for case in cases for where in {None, case.section_id})
    QueueTally.objects.bulk_create(QueueTally(section_id=s, kind=kind, count=n) for (s, kind), n in waiting.items())
    today = datetime.now(UTC).date()
    made = Counter((n % DAYS, each.section_id or 0, n % 40) for n, each in enumerate(decisions))
    by = {"moderator": moderator.pk, "action": "remove"}
    DayTally.objects.bulk_create(
        DayTally(day=today - timedelta(days=day), section=section, wait=wait, count=n, **by)
        for (day, section, wait), n in made.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERS)
