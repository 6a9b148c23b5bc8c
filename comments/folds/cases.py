"""The fold of the moderators' streams: it counts open cases, and adds the absolute counts to their events.

It compares each case with what was counted of it before, and asks no event what has happened: an event's data may have
been redacted before it was numbered. So a count never drifts, whatever comes twice, late, or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import F, Q

from articles.models import Section
from comments.models import Case, QueueTally
from newsroom.live.registry import Row

type Counts = dict[str, int]
type Key = tuple[int | None, str]  # a section, or None for all; and a kind


def fold_cases(stream: str, rows: list[Row]) -> None:
    """Of `moderation` it counts all cases, of `moderation.<section>` those there.

    The events of one batch have the same counts, those after it.
    """
    found = [row for row in rows if row.kind.startswith("case.")]
    if not found:
        return
    slug = stream.partition(".")[2]
    ids = {int(row.subject.partition(".")[2]) for row in found}
    there = Case.objects.select_for_update(of=("self",), no_key=True).filter(comment__in=ids).order_by("pk")
    cases = list(there.filter(Q(closed_at=None) | Q(is_tallied=True) | Q(tallied_section__isnull=False)))
    _add(_compared_by_section(cases) if slug else _compared(cases))
    counts = counted(Section.objects.filter(slug=slug).values("pk")[:1] if slug else None)
    for row in found:
        if row.data is not None:
            row.data["counts"] = counts


def _compared(cases: Iterable[Case]) -> Counter[Key]:
    """How the number of all changes; each case notes that it is counted."""
    changes: Counter[Key] = Counter()
    for case in cases:
        if case.is_open != case.is_tallied:
            changes[None, case.kind] += 1 if case.is_open else -1
            Case.objects.filter(pk=case.pk).update(is_tallied=case.is_open)
    return changes


def _compared_by_section(cases: Iterable[Case]) -> Counter[Key]:
    changes: Counter[Key] = Counter()
    for case in cases:
        section = case.section_id if case.is_open else None
        if section == case.tallied_section:
            continue
        if case.tallied_section is not None:
            changes[case.tallied_section, case.kind] -= 1
        if section is not None:
            changes[section, case.kind] += 1
        Case.objects.filter(pk=case.pk).update(tallied_section=section)
    return changes


def _add(changes: Counter[Key]) -> None:
    """A tally of a section that was deleted has gone with it, and nothing is counted there any more."""
    for (section, kind), number in sorted(changes.items(), key=str):
        tally = QueueTally.objects.filter(section=section, kind=kind)
        if tally.exists():  # a pipeline does not know yet how many rows an update has found
            tally.update(count=F("count") + number)
        elif number > 0:
            QueueTally.objects.create(section_id=section, kind=kind, count=number)


def counted(section: Any) -> Counts:
    """The number of open cases of each kind, of a section or (None) of all."""
    known = dict(QueueTally.objects.filter(section=section).values_list("kind", "count"))
    return {kind: known.get(kind, 0) for kind in Case.Kind.values}
