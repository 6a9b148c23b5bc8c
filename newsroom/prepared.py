"""Statements that are built and compiled once, for the few reads that happen all the time.

Django takes longer to say what it wants than the database to find it: of a page of comments that was two thirds.
PostgreSQL in turn takes longer to plan than to find: each of its connections keeps the plans of these statements.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cache, cached_property, lru_cache, partial, update_wrapper
from itertools import starmap
from typing import Any
from uuid import UUID

import msgspec
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    DateTimeField,
    JSONField,
    Model,
    QuerySet,
)
from django.db.models.base import ModelState
from django.db.models.expressions import Col
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    NamedValuesListIterable,
    get_related_populators,
)
from django.db.models.signals import post_init, pre_init

from newsroom.postgresql.cut import cut_first

KEPT_ROWS = 1000  # of each statement that gives plain rows
type Value = int | str | UUID


def unlike_any(*kinds: type) -> list[Any]:
    """Values of these kinds, int, str or UUID, that no statement holds by itself."""
    made: dict[type, Callable[[int], Value]] = {
        int: lambda number: 2**61 + number,
        str: lambda number: f"\x7f{number}",
        UUID: lambda number: UUID(int=2**127 + number),
    }
    return [made[kind](number) for number, kind in enumerate(kinds)]


class Statement[Row]:
    """`make(*values)` that gives the rows of its queryset: compiled at the first call, see `Prepared`."""

    def __init__(self, make: Callable[..., QuerySet[Any, Row]], kinds: tuple[type, ...]) -> None:
        update_wrapper(self, make)
        self._make, self._kinds = make, kinds

    def __call__(self, *values: Value) -> list[Row]:
        return self._prepared.run(*values)

    def ask(self, *values: Value) -> Callable[[], list[Row]]:
        """Ask at once, and look at the rows later: see `newsroom.transactions.pipelined`."""
        return self._prepared.ask(*values)

    @cached_property
    def _prepared(self) -> Prepared[Row]:
        return Prepared(self._make, *unlike_any(*self._kinds))


def prepared[Row](*kinds: type) -> Callable[[Callable[..., QuerySet[Any, Row]]], Statement[Row]]:
    """Make a statement of a function that makes a queryset from values of these kinds."""
    return lambda make: Statement(make, kinds)


class Prepared[Row]:
    """`make(*values)` is called once, with `like`: for each argument a value that occurs nowhere else in its statement.

    Arguments are values that the statement compares with, integers, text or UUIDs; never None, and nothing that
    changes its form, such as a limit.

    `is_kept`: rows are shared by all who ask while they stand as they do, for readers alone.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Row]], *like: Value, is_kept: bool = False) -> None:
        self._is_kept = is_kept
        self._rows = cut_first(make(*like)) if is_postgresql() else make(*like)
        self._compiler: Any = self._rows.query.get_compiler(connection=connection)
        sql, given = self._compiler.as_sql()
        self._plan(sql, given, like)

    def _plan(self, sql: str, given: Sequence[Any], like: Sequence[Value]) -> None:
        places = {value: number for number, value in enumerate(_stored(like))}
        self._sql = sql
        self._given: list[tuple[int | None, Any]] = [(places.get(value), value) for value in given]
        missing = places.keys() - set(given)
        if missing:
            raise ValueError(f"the statement compares nothing with {missing}")

    def run(self, *values: Value) -> list[Row]:
        """The rows for these values, as the queryset would give them."""
        return self._draw(planned_rows(self._sql, self._placed(values)))

    def ask(self, *values: Value) -> Callable[[], list[Row]]:
        """What waits for the rows, once."""
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
        """What turns the database's values at some places into ours; NULL is None everywhere."""
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
        """What makes of values what the queryset promises. Django's iterables find out anew for each row and column."""
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
        models = _Models(self._compiler, rows._fetch_mode)  # noqa: SLF001

        def draw(found: Iterable[Sequence[Any]]) -> list[Row]:
            return models(self._converted(found))

        return self._kept(draw)

    def _kept(self, draw: Callable[[Iterable[Sequence[Any]]], list[Row]]) -> Callable[[Iterable[Any]], list[Row]]:
        """Rows that are the same objects as long as they stand as they do: what is made of one may be kept with it."""
        if not self._is_kept:
            return draw
        one = lru_cache(KEPT_ROWS)(lambda *values: draw([values])[0])
        return lambda found: list(starmap(one, found))


def _converter(converters: Sequence[Callable[[Any, Any, Any], Any]], expression: Any) -> Callable[[Any], Any]:
    if type(expression) is Col and type(expression.output_field) is JSONField and not expression.output_field.decoder:
        return msgspec.json.decode
    if type(expression) is Col and type(expression.output_field) is DateTimeField and not is_postgresql():
        return _in_utc
    some = here()  # any thread's will do: it is asked what kind of database it is

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, expression, some)
        return value

    return convert


def _in_utc(value: datetime) -> datetime:
    """As SQLite's driver reads it, from a column that says what it is; Django asks three times what that may be."""
    return value.replace(tzinfo=UTC)


class _Models:
    """Rows as models with what `select_related` and `annotate` add, as ModelIterable makes them."""

    def __init__(self, compiler: Any, fetch_mode: Any) -> None:
        info, columns = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1]
        self._span = slice(first, last + 1)
        self._names = [each[0].target.attname for each in columns[self._span]]
        self._make = _maker(info["model"], fetch_mode)
        self._related = get_related_populators(info, columns, DEFAULT_DB_ALIAS, fetch_mode)
        self._annotations = list((compiler.annotation_col_map or {}).items())
        pending = [*self._related]
        while pending:
            each: Any = pending.pop()
            each.from_db = _maker(each.model_cls, fetch_mode)
            pending += each.related_populators

    def __call__(self, found: Iterable[Sequence[Any]]) -> list[Any]:
        return [self._row(values) for values in found]

    def _row(self, values: Sequence[Any]) -> Any:
        row = self._make(DEFAULT_DB_ALIAS, self._names, values[self._span])
        for each in self._related:
            each.populate(values, row)
        for name, place in self._annotations:
            setattr(row, name, values[place])
        return row


def _maker(model: type[Model], fetch_mode: Any) -> Callable[[str, Sequence[str], Sequence[Any]], Model]:
    """`Model.from_db` for a model that leaves it and __init__ as they are: field by field, Django is five times slower.

    What is not among `names` is deferred, which is to say absent.
    """
    is_plain = model.__init__ is Model.__init__ and model.from_db.__func__ is Model.from_db.__func__  # type: ignore[attr-defined]
    if not is_plain or pre_init.has_listeners(model) or post_init.has_listeners(model):
        return partial(model.from_db, fetch_mode=fetch_mode)

    def make(db: str, names: Sequence[str], values: Sequence[Any]) -> Model:
        state = ModelState()
        # `fields_cache` too: left out, a descriptor would make it, at the latest for its emptying when the state goes.
        state.__dict__.update(adding=False, db=db, fetch_mode=fetch_mode, fields_cache={})
        row = model.__new__(model)
        row.__dict__.update(zip(names, values, strict=True), _state=state)
        return row

    return make


def planned_cursor() -> Any:
    """A cursor, to be closed, whose statements PostgreSQL plans once for a connection: values travel beside them."""
    return here().planned_cursor()


def planned_rows(sql: str, values: Sequence[Any]) -> list[Any]:
    """The rows of such a statement."""
    found: list[Any] = here().planned_rows(sql, values)
    return found


def each_of_many() -> str:
    """A subquery over the integers of an argument made with `many`, whose place it holds with %s."""
    return f"SELECT {unnested('bigint')}" if is_postgresql() else "SELECT value FROM json_each(%s)"


def unnested(kind: str) -> str:
    """The rows of an array. Seen through a subquery, it has no length that PostgreSQL would plan anew for each time."""
    return f"unnest((SELECT %s::{kind}[]))"


def many(numbers: Iterable[int]) -> str:
    """Any number of integers as one argument: an array of PostgreSQL, elsewhere of JSON."""
    marks = ",".join(map(str, numbers))
    return f"{{{marks}}}" if is_postgresql() else f"[{marks}]"


def here() -> Any:
    """This thread's connection."""
    return connections[DEFAULT_DB_ALIAS]


@cache
def is_postgresql() -> bool:
    """To ask the proxy `connection` takes as long as all that depends on the answer."""
    return connection.vendor == "postgresql"


def _stored(values: Sequence[Value]) -> list[Value]:
    """As the database keeps them: on SQLite a UUID is text."""
    if is_postgresql():
        return list(values)
    return [value.hex if isinstance(value, UUID) else value for value in values]
