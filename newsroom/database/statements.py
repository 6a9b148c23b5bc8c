"""Statements that are compiled once, for frequent reads.

Django takes longer to compile a query than the database to run it: for a page of comments that was two thirds of the
time. PostgreSQL in turn takes longer to plan it than to run it, so each connection keeps the plans of these statements.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache, partial, update_wrapper
from itertools import starmap
from typing import Any
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    FETCH_RAISE,
    BigIntegerField,
    DateTimeField,
    Func,
    JSONField,
    Model,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.expressions import Col, RawSQL
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    get_related_populators,
)

KEPT_ROWS = 1000  # of each statement that gives plain rows
type Value = int | str | UUID


def unlike_any(*kinds: type) -> list[Any]:
    """Values of these kinds (int, str or UUID) that cannot occur in a statement otherwise."""
    made: dict[type, Callable[[int], Value]] = {
        int: lambda number: 2**31 - 1 - number,  # fits each column: Django leaves out what could never be equal
        str: lambda number: f"\x7f{number}",
        UUID: lambda number: UUID(int=2**127 + number),
    }
    return [made[kind](number) for number, kind in enumerate(kinds)]


class Statement[Row]:
    """A function that returns the rows of the queryset `make(*values)`. Compiled at the first call, see `Prepared`."""

    def __init__(self, make: Callable[..., QuerySet[Any, Row]], kinds: tuple[type, ...], *, is_kept: bool) -> None:
        update_wrapper(self, make)
        self._make, self._kinds, self._is_kept = make, kinds, is_kept

    def __call__(self, *values: Value) -> list[Row]:
        return self._prepared.run(*values)

    def ask(self, *values: Value) -> Callable[[], list[Row]]:
        """Send the statement, and return a function for its rows: see `newsroom.database.transactions.pipelined`."""
        return self._prepared.ask(*values)

    @cached_property
    def _prepared(self) -> Prepared[Row]:
        return Prepared(self._make, *unlike_any(*self._kinds), is_kept=self._is_kept)


def prepared[Row](*kinds: type, is_kept: bool = False) -> Callable[[Callable[..., QuerySet[Any, Row]]], Statement[Row]]:
    """Decorator that turns a function from values of these kinds to a queryset into a Statement; for `is_kept` see
    `Prepared`.
    """
    return lambda make: Statement(make, kinds, is_kept=is_kept)


@dataclass(frozen=True, slots=True)
class Frame:
    """SQL around a statement that finds a page's rows, for joins that have to come after the limit.

    PostgreSQL plans a prepared statement once and guesses numbers of rows. With joins inside the statement it might
    join and sort a discussion of a million comments for a page of fifty.

    `sql` has the placeholders {rows}, which it must name `line`, and {order}. It returns the columns of the queryset
    that `shape` makes.
    """

    sql: str
    shape: Callable[[], QuerySet[Any, Any]]
    order: str = ""

    def ordered(self, order: str) -> Frame:
        return replace(self, order=order)


class Prepared[Row]:
    """Calls `make` once, with `like`: for each argument a value that occurs nowhere else in its statement.

    Arguments are values that the statement compares with: integers, text or UUIDs; never None, and nothing that changes
    the statement's form.

    `is_kept`: all requests share the row objects until a row changes; they must only read them, and what a row has not
    loaded raises FieldFetchBlocked: loaded later it would be kept, however it changes. `frame`: see Frame.
    `is_limited`: one more argument, the last, is how many rows are wanted at most. So PostgreSQL prefers a plan that
    finds the first rows soon, in the order of an index, to one that finds and sorts all. It would guess that all are
    few, since it plans once for small and large discussions alike, and sort half a million comments for a page.
    """

    def __init__(
        self,
        make: Callable[..., QuerySet[Any, Any]],
        *like: Value,
        is_kept: bool = False,
        frame: Frame | None = None,
        is_limited: bool = False,
    ) -> None:
        self._is_kept = is_kept
        self._rows = make(*like) if frame is None else frame.shape()
        self._compiler: Any = self._rows.query.get_compiler(connection=connection)
        sql, given = self._compiler.as_sql()
        if frame is not None:
            sql, given = make(*like).query.get_compiler(connection=connection).as_sql()
        if is_limited:
            sql += " LIMIT %s"
        if frame is not None:
            sql = frame.sql.format(rows=sql, order=frame.order)
        places = {value: number for number, value in enumerate(_stored(like))}
        self._sql = sql
        self._given: list[tuple[int | None, Any]] = [(places.get(value), value) for value in given]
        if is_limited:
            self._given.append((len(like), None))
        missing = places.keys() - set(given)
        if missing:
            raise ValueError(f"the statement compares nothing with {missing}")

    def run(self, *values: Value) -> list[Row]:
        """The rows for these values, as the queryset would return them."""
        return self._draw(planned_rows(self._sql, self._placed(values)))

    def ask(self, *values: Value) -> Callable[[], list[Row]]:
        """Send the statement, and return a function to be called once for its rows."""
        cursor = planned_cursor()
        cursor.execute(self._sql, self._placed(values))
        return partial(self._rows_of, cursor)

    def _placed(self, values: Sequence[Value]) -> list[Any]:
        given = _stored(values)
        return [fixed if place is None else given[place] for place, fixed in self._given]

    def _rows_of(self, cursor: Any) -> list[Row]:
        with cursor:
            found = cursor.fetchall()
        return self._draw(found)

    @cached_property
    def _converters(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """(place, function) pairs that convert values from the database, as Django would; NULL is always None."""
        expressions = [each[0] for each in self._compiler.select[: self._compiler.col_count]]
        return [(place, _converter(*each)) for place, each in self._compiler.get_converters(expressions).items()]

    def _converted(self, found: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        return self._converting(found) if self._converters else found

    def _converting(self, found: Iterable[Sequence[Any]]) -> Iterator[list[Any]]:
        for row in map(list, found):
            for place, convert in self._converters:
                if row[place] is not None:
                    row[place] = convert(row[place])
            yield row

    @cached_property
    def _draw(self) -> Callable[[Iterable[Sequence[Any]]], list[Row]]:
        """The function that makes the queryset's rows. Django's iterables look up the same facts for each row and
        column.
        """
        rows: Any = self._rows
        kind = rows._iterable_class  # noqa: SLF001
        if kind is FlatValuesListIterable:
            return lambda found: [row[0] for row in self._converted(found)]
        if kind is NamedValuesListIterable:
            row: Any = type("Row", (namedtuple("Row", rows._fields),), {})  # noqa: PYI024  rows that take attributes
            make: Any = partial(tuple.__new__, row)
            return self._kept(lambda found: list(map(make, self._converted(found))))
        if kind is not ModelIterable or rows._known_related_objects:  # noqa: SLF001
            raise TypeError(f"cannot be prepared: {kind.__name__}")
        models = _Models(self._compiler, FETCH_RAISE if self._is_kept else rows._fetch_mode)  # noqa: SLF001

        def draw(found: Iterable[Sequence[Any]]) -> list[Row]:
            return models(self._converted(found))

        return self._kept(draw)

    def _kept(self, draw: Callable[[Iterable[Sequence[Any]]], list[Row]]) -> Callable[[Iterable[Any]], list[Row]]:
        """Reuse row objects until their values change, so that results computed from a row can be stored on it."""
        if not self._is_kept:
            return draw
        one = lru_cache(KEPT_ROWS)(lambda *values: draw([values])[0])
        return lambda found: list(starmap(one, found))


def _converter(converters: Sequence[Callable[[Any, Any, Any], Any]], expression: Any) -> Callable[[Any], Any]:
    if type(expression) is Col and type(expression.output_field) is JSONField and not expression.output_field.decoder:
        return msgspec.json.decode
    if type(expression) is Col and type(expression.output_field) is DateTimeField and not is_postgresql():
        return _in_utc
    some = here()  # any thread's connection will do: only its vendor matters

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, expression, some)
        return value

    return convert


def _in_utc(value: datetime) -> datetime:
    """The time, which SQLite's driver has parsed already. Django's converters would check it three times."""
    return value.replace(tzinfo=UTC)


class _Models:
    """Rows as models, with `select_related` and `annotate`, like ModelIterable."""

    def __init__(self, compiler: Any, fetch_mode: Any) -> None:
        info, columns = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1]
        self._span = slice(first, last + 1)
        names = [each[0].target.attname for each in columns[self._span]]
        self._make = partial(info["model"].from_db, DEFAULT_DB_ALIAS, names, fetch_mode=fetch_mode)
        self._related = get_related_populators(info, columns, DEFAULT_DB_ALIAS, fetch_mode)
        self._annotations = list((compiler.annotation_col_map or {}).items())

    def __call__(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        return [self._row(values) for values in found]

    def _row(self, values: Sequence[Any]) -> Any:
        row = self._make(values[self._span])
        for each in self._related:
            each.populate(values, row)
        for name, place in self._annotations:
            setattr(row, name, values[place])
        return row


def planned_cursor() -> Any:
    """A cursor, to be closed, whose statements PostgreSQL plans once for a connection: values are sent separately."""
    return here().planned_cursor()


def planned_rows(sql: str, values: Sequence[Any]) -> list[Any]:
    """The rows of such a statement."""
    found: list[Any] = here().planned_rows(sql, values)
    return found


def each_of_many() -> str:
    """A subquery over the integers of an argument made with `many`; it contains the %s for it."""
    return f"SELECT {unnested('bigint')}" if is_postgresql() else "SELECT value FROM json_each(%s)"


def unnested(kind: str) -> str:
    """The rows of an array. The subquery hides the array's length; otherwise PostgreSQL plans anew for each length."""
    return f"unnest((SELECT %s::{kind}[]))"


def many(numbers: Iterable[int]) -> str:
    """Any number of integers as one argument: an array on PostgreSQL, JSON on SQLite."""
    marks = ",".join(map(str, numbers))
    return f"{{{marks}}}" if is_postgresql() else f"[{marks}]"


def among(values: Iterable[int | str]) -> RawSQL:
    """For `column__in`: any number of integers, or of texts, as one argument. Django prepares each of a list by itself.

    For statements that are not `prepared`. Those are planned once, perhaps while a table was empty, and a constant in
    them is an argument like others, so that they cannot use an index with a condition.
    """
    found = list(values)
    if not is_postgresql():
        return RawSQL("SELECT value FROM json_each(%s)", [msgspec.json.encode(found).decode()])
    kind = "text" if found and isinstance(found[0], str) else "bigint"
    return RawSQL(f"SELECT {unnested(kind)}", [found])  # noqa: S611


def found_first(column: str, keys: QuerySet[Any, Any]) -> Q:
    """Rows with one of these few keys in the column. PostgreSQL looks the keys up before all else.

    As `column__in` it might go through all rows, and ask of each whether its key is among them, when the tables have
    grown since they were counted last.
    """
    if not is_postgresql():
        return Q((f"{column}__in", keys))
    array = "(SELECT unnest(ARRAY%(expressions)s))"
    return Q((f"{column}__in", Func(Subquery(keys), template=array, output_field=BigIntegerField())))


def stored_time(moment: datetime) -> Any:
    """A time as argument of a statement that Django does not compile."""
    return here().ops.adapt_datetimefield_value(moment)


def shown[Row, T](row: Row, make: Callable[[Row], T]) -> T:
    """`make(row)`, made once for a row that is kept (see `Prepared`) and stored with it. It must only be read."""
    known: dict[str, Any] = row.__dict__
    if "shown" not in known:
        known["shown"] = make(row)
    made: T = known["shown"]
    return made


def loaded(row: Model, name: str) -> Any:
    """The row that `select_related` has loaded with this one; None if there is none, or none was loaded. No query."""
    return row._state.fields_cache.get(name)  # noqa: SLF001


def here() -> Any:
    """This thread's connection."""
    return connections[DEFAULT_DB_ALIAS]


@cache
def is_postgresql() -> bool:
    """Whether the database is PostgreSQL. Cached, since the proxy `connection` is slow."""
    return connection.vendor == "postgresql"


def _stored(values: Sequence[Value]) -> list[Value]:
    """The values in the database's form: on SQLite a UUID is text."""
    if is_postgresql():
        return list(values)
    return [value.hex if isinstance(value, UUID) else value for value in values]
