"""Querysets that are built and compiled once, for the few reads that everybody asks for all the time.

Django takes longer to say what it wants than the database to find it: of a page of comments that was two thirds.
PostgreSQL in turn takes longer to plan than to find: each of its connections keeps the plans of these statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from functools import wraps
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet


def unlike_any(*kinds: type) -> list[int | str]:
    """Values of these kinds, int or str, that no statement holds by itself."""
    return [f"\x7f{number}" if kind is str else 2**61 + number for number, kind in enumerate(kinds)]


def prepared[Row](*kinds: type) -> Callable[[Callable[..., QuerySet[Any, Row]]], Callable[..., list[Row]]]:
    """Of a function that makes a queryset, one that gives its rows: compiled at the first call, see `Prepared`."""

    def decorate(make: Callable[..., QuerySet[Any, Row]]) -> Callable[..., list[Row]]:
        statement: list[Prepared[Row]] = []

        @wraps(make)
        def rows(*values: int | str) -> list[Row]:
            if not statement:
                statement.append(Prepared(make, *unlike_any(*kinds)))
            return statement[0].run(*values)

        return rows

    return decorate


class Prepared[Row]:
    """`make(*values)` is called once, with `like`: for each argument a value that occurs nowhere else in its statement.

    Arguments are values that the statement compares with, integers or text; never None, and nothing that changes its
    form, such as a limit.
    """

    def __init__(self, make: Callable[..., QuerySet[Any, Row]], *like: int | str) -> None:
        self._rows = make(*like)
        self._compiler: Any = self._rows.query.get_compiler(connection=connection)
        self._sql, given = self._compiler.as_sql()
        places = {value: number for number, value in enumerate(like)}
        self._given: list[tuple[int | None, Any]] = [(places.get(value), value) for value in given]
        self._converters: Any = None
        missing = set(like) - set(given)
        if missing:
            raise ValueError(f"the statement compares nothing with {missing}")

    def run(self, *values: int | str) -> list[Row]:
        """The rows for these values, as the queryset would give them."""
        with planned_cursor() as cursor:
            cursor.execute(
                self._sql, sized([fixed if place is None else values[place] for place, fixed in self._given])
            )
            found = cursor.fetchall()
        compiler = copy(self._compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # this thread's own, not the proxy that looks for it
        compiler.execute_sql = lambda *_, **__: [found]
        compiler.get_converters = self._convert
        iterable: Any = self._rows._iterable_class  # noqa: SLF001
        return list(iterable(_Ran(self._rows, compiler)))

    def _convert(self, expressions: Sequence[Any]) -> Any:
        """What turns the database's values into ours, column by column: the same each time, and found slowly."""
        if self._converters is None:
            self._converters = self._compiler.get_converters(expressions)
        return self._converters


@contextmanager
def planned_cursor() -> Iterator[Any]:
    """A cursor whose statements PostgreSQL plans once for a connection: values travel beside them, not inside."""
    here = connections[DEFAULT_DB_ALIAS]
    with here.cursor() as cursor:
        if here.vendor == "postgresql":
            from django.db.backends.postgresql.base import ServerBindingCursor  # where psycopg is installed

            cursor.cursor.close()
            cursor.cursor = ServerBindingCursor(here.connection)  # type: ignore[call-arg]
        yield cursor


def sized(values: Sequence[Any]) -> Sequence[Any]:
    """For a planned cursor: psycopg takes the smallest type that an integer fits in, and each has a plan of its own."""
    if connection.vendor != "postgresql":
        return values
    from psycopg.types.numeric import Int8

    return [Int8(value) if type(value) is int else value for value in values]


class _Ran:
    """A queryset whose statement has been executed already, as far as Django's iterables look at one."""

    def __init__(self, rows: Any, compiler: Any) -> None:
        self.db = DEFAULT_DB_ALIAS
        self.query = self
        self._fields = rows._fields
        self._fetch_mode = rows._fetch_mode  # noqa: SLF001
        self._known_related_objects = rows._known_related_objects  # noqa: SLF001
        self._compiler = compiler

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler
