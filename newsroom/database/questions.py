"""Many questions in one statement, for what is asked again and again: is there anything to do?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

from newsroom.database.statements import planned_rows, stored_time

_THEN = datetime(9000, 1, 1, tzinfo=UTC)  # stands for the present time while a statement is compiled


class Questions:
    """One statement that tells for each of these functions whether its queryset has rows. Compiled at the first call.

    Each function gets the present time, and its queryset may compare with it, or with a time up to a year from it. All
    other values become part of the statement: only so do partial indexes serve it.
    """

    def __init__(self, makes: Iterable[Callable[[datetime], QuerySet[Any, Any]]]) -> None:
        self._makes = list(makes)

    def ask(self, now: datetime) -> list[bool]:
        sql, distances = self._compiled
        (answers,) = planned_rows(sql, [stored_time(now + distance) for distance in distances])
        return list(map(bool, answers))

    @cached_property
    def _compiled(self) -> tuple[str, list[timedelta]]:
        distances: list[timedelta] = []
        questions = ", ".join(self._question(make(_THEN), distances) for make in self._makes)
        return f"SELECT {questions}", distances

    def _question(self, rows: QuerySet[Any, Any], distances: list[timedelta]) -> str:
        if rows._iterable_class is ModelIterable:  # noqa: SLF001
            rows = rows.values("pk")
        compiler: Any = rows.order_by().query.get_compiler(connection=connection)
        try:
            sql, given = compiler.as_sql()
        except EmptyResultSet:
            return "false"
        first, *rest = sql.split("%s")
        for value, piece in zip(given, rest, strict=True):
            distance = _distance(value)
            if distance is not None:
                distances.append(distance)
            first += f"{'%s' if distance is not None else _literal(value)}{piece}"
        return f"EXISTS ({first})"


def _distance(value: Any) -> timedelta | None:
    """How long after _THEN this value of a statement is; None if it has nothing to do with it."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        distance = at.replace(tzinfo=UTC) - _THEN
    except (ValueError, AttributeError, TypeError):
        return None
    return distance if abs(distance) < timedelta(days=366) else None


def _literal(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str) and "%" not in value:
        return "'{}'".format(value.replace("'", "''"))
    raise ValueError(f"not for a statement's text: {value!r}")
