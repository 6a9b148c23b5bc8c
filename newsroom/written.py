"""Rows written by statements that are built once, for the few writes that happen all the time: see `prepared`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import AutoField, BooleanField, CharField, ForeignKey, IntegerField, Model, TextField

from newsroom.prepared import here, is_postgresql, planned_cursor, unnested


def insert(row: Model) -> None:
    """A new row, as `row.save(force_insert=True)` makes it; for a model without parents, whose saving nobody hears."""
    database = here()
    sql, fields = _insertion(type(row), database.vendor)
    with planned_cursor() as cursor:
        cursor.execute(sql, [_value(field, field.pre_save(row, add=True), database) for field in fields])
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001  what save() notes


def change(row: Model, *names: str) -> bool:
    """Write these fields of a row, as `row.save(update_fields=names)` does; whether it was there."""
    database = here()
    sql, fields = _update(type(row), names, database.vendor)
    with planned_cursor() as cursor:
        cursor.execute(sql, [_value(field, field.pre_save(row, add=False), database) for field in fields])
        return bool(cursor.rowcount)


def write_each(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Write `columns`, with their types, of those rows of a table: for each its id and its values.

    bulk_update() spends half a millisecond a row on writing its CASE.
    """
    if not rows:
        return
    changes = ", ".join(f'"{name}" = %s' for name in columns)
    sql, marks = f"UPDATE {table} SET {changes} WHERE id = %s", [(*values, pk) for pk, *values in rows]  # noqa: S608
    with planned_cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(sql, marks[0])
        elif not is_postgresql():
            cursor.executemany(sql, marks)
        else:
            lists = ", ".join(map(unnested, ["bigint", *columns.values()]))
            names = ", ".join(f'"{name}"' for name in ["id", *columns])
            changes = ", ".join(f'"{name}" = new."{name}"' for name in columns)
            new = f"ROWS FROM ({lists}) AS new ({names})"
            sql = f"UPDATE {table} SET {changes} FROM {new} WHERE {table}.id = new.id"  # noqa: S608
            cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])


@cache
def _insertion(model: type[Model], vendor: str) -> tuple[str, list[Any]]:
    """By vendor since quoting and values differ."""
    quote: Any = here().ops.quote_name
    meta: Any = model._meta  # noqa: SLF001
    fields = [each for each in meta.local_concrete_fields if not isinstance(each, AutoField)]
    columns = ", ".join(quote(each.column) for each in fields)
    marks = ", ".join(["%s"] * len(fields))
    table, key = quote(meta.db_table), quote(meta.pk.column)
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING {key}", fields  # noqa: S608


@cache
def _update(model: type[Model], names: tuple[str, ...], vendor: str) -> tuple[str, list[Any]]:
    quote: Any = here().ops.quote_name
    meta: Any = model._meta  # noqa: SLF001
    fields = [meta.get_field(name) for name in names]
    changes = ", ".join(f"{quote(each.column)} = %s" for each in fields)
    table, key = quote(meta.db_table), quote(meta.pk.column)
    return f"UPDATE {table} SET {changes} WHERE {key} = %s", [*fields, meta.pk]  # noqa: S608


def _value(field: Any, value: Any, database: Any) -> Any:
    if (value is None or type(value) in _PLAIN) and _is_plain(field.__class__):
        return value
    if type(value) is datetime and value.tzinfo is UTC and database.vendor == "sqlite":
        return str(value.replace(tzinfo=None))
    return field.get_db_prep_save(value.value if isinstance(value, Enum) else value, database)


_PLAIN = frozenset({int, str, bool})


@cache
def _is_plain(field: type[Any]) -> bool:
    """Whether a value of `_PLAIN`, or none, goes to the database as it is; a foreign key has those of a number."""
    return issubclass(field, CharField | TextField | IntegerField | BooleanField | ForeignKey)
