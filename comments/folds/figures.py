"""What the fold counts of decisions, by day, section, rule, moderator, action, and how long their cases had waited.

It compares each decision with what was counted of it before, as that of cases does. So one that was undone is taken out
of the day that it was counted in, and nothing counts twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from comments import waits
from comments.models import Case, DayTally, Decision
from newsroom.database.statements import planned_cursor
from newsroom.live.registry import Row

type Cell = tuple[date, int, str, int, str, int]  # day, section, rule, moderator, action, wait

AT_ONCE = 200
_HELD = {Decision.Action.APPROVE, Decision.Action.REJECT}  # of a comment that a rule holds
_COLUMNS = ("day", "section", "rule", "moderator", "action", "wait")
_ADD = """
INSERT INTO comments_daytally AS old ({columns}, count) VALUES ({marks}, %s)
ON CONFLICT ({columns}) DO UPDATE SET count = old.count + excluded.count""".format(
    columns=", ".join(_COLUMNS), marks=", ".join(["%s"] * len(_COLUMNS))
)


def count_figures(rows: Iterable[Row]) -> None:
    """Count what these events tell of: decisions that were made or undone, and comments that a rule holds."""
    told: dict[str, set[int]] = {}
    for row in rows:
        told.setdefault(row.kind, set()).add(int(row.subject.partition(".")[2]))
    decided = told.get("decision.made", set()) | told.get("decision.undone", set())
    held = told.get("queue.entered", set())
    if decided or held:
        holds = Q(comment__in=held, action=Decision.Action.HOLD, tallied_wait=None)
        _compare(Decision.objects.filter(Q(pk__in=decided) | holds if held else Q(pk__in=decided)))


@transaction.atomic
def catch_up() -> int:
    """Count decisions of an earlier release, which counted none. Returns their number."""
    ids = uncounted().order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    return _compare(Decision.objects.filter(pk__in=list(ids)))


def uncounted() -> Any:
    return Decision.objects.filter(tallied_wait=None, undone_at=None, discussion__isnull=False)


def _compare(decisions: Any) -> int:
    """Returns the number of those that changed something."""
    hold = Decision.objects.filter(comment=OuterRef("comment"), action=Decision.Action.HOLD, pk__lt=OuterRef("pk"))
    closed = Case.objects.filter(comment=OuterRef("comment"), decision=OuterRef("pk")).order_by("opened_at")
    rows = (
        decisions.select_for_update(of=("self",), no_key=True)
        .order_by("pk")
        .annotate(
            held_by=Subquery(hold.order_by("-id").values("rule")[:1]),
            waits_since=Subquery(closed.values("opened_at")[:1]),
        )
    )
    changes: Counter[Cell] = Counter()
    counted: dict[int | None, list[int]] = {}  # the wait to be noted → decisions
    for row in rows:
        is_counted, stands = row.tallied_wait is not None, row.undone_at is None
        if is_counted == stands:
            continue
        wait = _wait_of(row) if stands else row.tallied_wait
        changes[_cell_of(row, wait)] += 1 if stands else -1
        counted.setdefault(wait if stands else None, []).append(row.pk)
    _add(changes)
    for noted, ids in counted.items():
        Decision.objects.filter(pk__in=ids).update(tallied_wait=noted)
    return sum(map(len, counted.values()))


def _wait_of(row: Any) -> int:
    return waits.bucket(row.created_at - row.waits_since) if row.waits_since else DayTally.NO_WAIT


def _cell_of(row: Any, wait: int) -> Cell:
    rule = row.rule or (row.held_by if row.action in _HELD else "") or ""
    day = timezone.localtime(row.created_at, timezone.get_default_timezone()).date()
    return day, row.section_id or 0, rule, row.moderator_id or 0, row.action, wait


def _add(changes: Counter[Cell]) -> None:
    """In an order that is the same for all: folds and the catching up may meet."""
    with planned_cursor() as cursor:
        for cell in sorted(changes):
            cursor.execute(_ADD, [*cell, changes[cell]])
