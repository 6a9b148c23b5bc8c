"""The rules in force, as each process keeps them: read anew as soon as the rule book has another edition."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from comments.models import Rule as Row
from comments.moderation import Outcome, Rule, kept_check


@dataclass(frozen=True, slots=True)
class Book:
    edition: UUID | None = None  # None: nobody has made a rule yet
    rules: tuple[tuple[Rule, datetime | None], ...] = ()  # each with its end

    def in_force(self, now: datetime) -> list[Rule]:
        return [rule for rule, until in self.rules if until is None or now < until]

    def asks_for(self, kind: str) -> bool:
        """Whether it has rules of this kind, for facts that cost something to find out."""
        return any(rule.kind == kind for rule, _until in self.rules)


_kept = Book()


def kept() -> Book:
    """The book as this process has read it last."""
    return _kept


def of_edition(edition: UUID | None) -> Book:
    """The book. `edition` is the present one, as the transaction has read it."""
    global _kept  # noqa: PLW0603  one book a process
    if _kept.edition != edition:
        _kept = Book(edition, () if edition is None else tuple(read(Row.objects.exclude(mode=Row.Mode.OFF))))
    return _kept


def read(rows: Iterable[Row]) -> Iterable[tuple[Rule, datetime | None]]:
    """The rules of these rows. What only another release knows is left out."""
    for row in rows:
        check = kept_check(row.kind, row.settings)
        if check is None:
            continue
        is_shadow = row.mode != Row.Mode.LIVE
        yield (
            Rule(row.pk, row.name, row.kind, check, Outcome.of(row.action), row.version, row.section_id, is_shadow),
            row.until,
        )
