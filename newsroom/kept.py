"""Rows that are read once for each version that the database holds of them, and recognised after that.

PostgreSQL tells of each version of a row where it lies and which transaction has made it (`ctid` and `xmin`:
https://www.postgresql.org/docs/current/ddl-system-columns.html), so a page can ask which versions it shows and read
those alone that nobody has asked for yet. No text travels twice, and what is made of a row may be kept with it.

A change moves a row, also within its transaction, and no two transactions have one number, unless a server goes on
from before its crash: hence the log's epoch, which another server does not know, belongs to a version, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import CharField, Model, QuerySet
from django.db.models.expressions import RawSQL

from newsroom.prepared import Prepared, Value, each_of_many, is_postgresql, many, unlike_any

MOST_ROWS = 2000  # of some kilobytes each, and as many that have not been asked for lately

_EPOCH = "(SELECT value FROM live_epoch LIMIT 1)"

type Mark = tuple[Any, ...]  # the primary key, and what tells the versions of it and of what stands beside it


@dataclass(frozen=True, slots=True)
class Beside:
    """A table that has at most one row for one of ours: that whose `column` is our `own`."""

    table: str
    column: str
    own: str


class Kept[M: Model]:
    """`fields` of rows of `model`, some of them from the tables `beside`: plain rows that take attributes, shared by
    all who ask, for readers alone. SQLite tells no versions: there rows are recognised once they are read.
    """

    def __init__(self, model: type[M], fields: Sequence[str], beside: Sequence[Beside]) -> None:
        self._model, self._fields, self._beside = model, tuple(fields), tuple(beside)
        self._table = model._meta.db_table  # noqa: SLF001  Django's own name for it
        self._young: dict[Mark, Any] = {}
        self._old: dict[Mark, Any] = {}  # never changed, but replaced

    def prepared(self, make: Callable[..., QuerySet[M]], *like: Value) -> Prepared[Any]:
        """`make(*values)` gives rows in an order and to a limit that no other table has a say in; see `Prepared`."""
        if not is_postgresql():
            return Prepared(lambda *values: make(*values).values_list(*self._fields, named=True), *like, is_kept=True)
        rows = make(*like)
        query: Any = rows.query
        order = {each.expression.name: each.descending for each in query.order_by}
        columns = dict.fromkeys(["id", *(each.own for each in self._beside), *order])
        marked: Any = rows.annotate(place=_system(self._table, "ctid"), made=_system(self._table, "xmin"))
        own = marked.values_list(*columns, "place", "made").query.get_compiler(connection=connection)
        sql, given = own.as_sql()
        return _Recognising(self, sql, given, [f'"{name}"{" DESC" * falls}' for name, falls in order.items()], like)

    def found_by(self, sql: str, order: str, *like: Value) -> Prepared[Any]:
        """On PostgreSQL rows that a subquery of our own finds: `id`, ctid as `place`, xmin as `made`, the columns that
        `beside` looks at, and the one of their order. Its values are `like`.
        """
        return _Recognising(self, sql, like, [f'"{order}"'], like)

    def statement(self, own: str, order: Iterable[str]) -> str:
        """What asks for the marks of the rows that the subquery `own` finds."""
        marks, joins = ["own.id", "own.place", "own.made"], []
        for number, each in enumerate(self._beside):
            marks += [f"beside{number}.ctid", f"beside{number}.xmin"]
            which = f"found.{each.column} = own.{each.own}"
            found = f"SELECT ctid, xmin FROM {each.table} AS found WHERE {which} OFFSET 0"  # noqa: S608
            joins.append(f"LEFT JOIN LATERAL ({found}) AS beside{number} ON true")
        return (
            f"SELECT {', '.join(marks)}, {_EPOCH} FROM ({own}) AS own {' '.join(joins)}"  # noqa: S608
            f" ORDER BY {', '.join(f'own.{each}' for each in order)}"
        )

    @cached_property
    def _read(self) -> Prepared[Any]:
        (ids,) = unlike_any(str)
        marks = {"place": _system(self._table, "ctid"), "made": _system(self._table, "xmin")}
        for number, each in enumerate(self._beside):
            marks[f"place{number}"], marks[f"made{number}"] = _system(each.table, "ctid"), _system(each.table, "xmin")
        marks["epoch"] = RawSQL(_EPOCH, (), CharField())  # noqa: S611

        def make(ids: str) -> QuerySet[M, Any]:
            rows: Any = self._model._default_manager.filter(pk__in=RawSQL(each_of_many(), [ids]))  # noqa: S611, SLF001
            found: QuerySet[M, Any] = rows.annotate(**marks).values_list(*self._fields, *marks, named=True)
            return found

        return Prepared(make, ids)

    def recognised(self, marks: Iterable[Mark]) -> list[Any]:
        """The rows, in this order; of one that has changed meanwhile the newer version, of one that is gone nothing."""
        marks = list(marks)
        rows = list(map(self._young.get, marks))
        if None not in rows:
            return rows
        for place, mark in enumerate(marks):
            if rows[place] is None and mark in self._old:
                rows[place] = self._keep(mark, self._old[mark])
        unknown = {mark[0]: place for place, mark in enumerate(marks) if rows[place] is None}
        if unknown:
            for row in self._read.run(many(unknown)):
                rows[unknown[row.id]] = self._keep((row.id, *row[len(self._fields) :]), row)
        return [row for row in rows if row is not None]

    def _keep(self, mark: Mark, row: Any) -> Any:
        """What nobody asks for until twice as much was asked for is forgotten."""
        if len(self._young) >= MOST_ROWS:
            self._old, self._young = self._young, {}
        self._young[mark] = row
        return row


def _system(table: str, column: str) -> RawSQL:
    return RawSQL(f'"{table}"."{column}"', (), CharField())  # noqa: S611


class _Recognising(Prepared[Any]):
    """Asks for marks, and gives the rows."""

    def __init__(
        self, kept: Kept[Any], own: str, given: Sequence[Any], order: Iterable[str], like: Sequence[Value]
    ) -> None:
        self._all = kept
        self._plan(kept.statement(own, order), given, like)

    @cached_property
    def _draw(self) -> Callable[[Iterable[Any]], list[Any]]:
        return self._all.recognised
