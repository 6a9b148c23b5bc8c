"""The rules in force, as each process keeps them: read anew as soon as the rule book has another edition."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from comments.models import LearnedModel, RuleBook
from comments.models import Rule as Row
from comments.moderation import Outcome, Rule, Scorer, kept_check


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
_scorers: Mapping[str, Scorer] = {}


def kept() -> Book:
    """The book as this process has read it last."""
    return _kept


def of_edition(edition: UUID | None) -> Book:
    """The book. `edition` is the present one, as the transaction has read it."""
    global _kept  # noqa: PLW0603  one book a process
    book = _kept
    if book.edition != edition:
        rules = () if edition is None else tuple(read(Row.objects.exclude(mode=Row.Mode.OFF)))
        book = _kept = Book(edition, rules)
    return book  # another thread may have kept another edition meanwhile


def scorers() -> Mapping[str, Scorer]:
    """The learned models by language, as this process has read them last."""
    return _scorers


def _read_scorers() -> None:
    """The newest models by language. Of those that this process has already only the version is asked for."""
    from comments.moderation.learning import Model  # loads numpy

    global _scorers  # noqa: PLW0603  one set of models a process
    newest = LearnedModel.objects.values("language").annotate(last=Max("version")).values_list("language", "last")
    found: dict[str, Scorer] = {}
    for language, version in newest:
        kept = _scorers.get(language)
        if kept is None or kept.version != version:
            row = LearnedModel.objects.get(language=language, version=version)
            thresholds = {int(percent): point[0] for percent, point in row.points.items()}
            kept = Model.unpacked(bytes(row.weights), version, thresholds)
        if kept is not None:
            found[language] = kept
    _scorers = found


def open_for_change() -> None:
    """Lock the book, and give it a new edition: each process reads rules and models anew with its next text."""
    RuleBook.objects.get_or_create(pk=1)
    RuleBook.objects.select_for_update().get(pk=1)
    RuleBook.objects.filter(pk=1).update(edition=uuid.uuid4())


def read(rows: Iterable[Row]) -> Iterable[tuple[Rule, datetime | None]]:
    """The rules of these rows, and the models that they judge by. What only another release knows is left out."""
    for row in rows:
        check = kept_check(row.kind, row.settings)
        if check is None:
            continue
        if row.kind == "learned":
            _read_scorers()
        is_shadow = row.mode != Row.Mode.LIVE
        yield (
            Rule(row.pk, row.name, row.kind, check, Outcome.of(row.action), row.version, row.section_id, is_shadow),
            row.until,
        )
