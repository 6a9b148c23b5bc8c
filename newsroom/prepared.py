"""Querysets that are built and compiled once, for the few reads that everybody asks for all the time.

Django takes longer to say what it wants than the database to find it: of a page of comments that was two thirds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import wraps
from typing import Any

from django.db import connection
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
        missing = set(like) - set(given)
        if missing:
            raise ValueError(f"the statement compares nothing with {missing}")

    def run(self, *values: int | str) -> list[Row]:
        """The rows for these values, as the queryset would give them."""
        params = [fixed if place is None else values[place] for place, fixed in self._given]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchall()
        iterable: Any = self._rows._iterable_class  # noqa: SLF001
        return list(iterable(_Ran(self._rows, self._compiler, found)))


class _Ran:
    """A queryset whose statement has been executed already, as far as Django's iterables look at one."""

    def __init__(self, rows: Any, compiler: Any, found: Sequence[Any]) -> None:
        self.db = connection.alias
        self.query = self
        self._fields = rows._fields
        self._fetch_mode = rows._fetch_mode  # noqa: SLF001
        self._known_related_objects = rows._known_related_objects  # noqa: SLF001
        self._compiler = copy(compiler)
        self._compiler.connection = connection
        self._compiler.execute_sql = lambda *_, **__: [found]

    def get_compiler(self, *_: Any, **__: Any) -> Any:
        return self._compiler
