"""Rows written by statements that are built once, for the few writes that happen all the time: see `prepared`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import (
    NOT_PROVIDED,
    AutoField,
    BooleanField,
    CharField,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)
from django.db.models.base import ModelState

from newsroom.prepared import here, is_postgresql, planned_cursor, unnested


class Json(str):
    """A value of a JSONField that is encoded already."""

    __slots__ = ()


def new[M: Model](model: type[M], values: Mapping[str, Any]) -> M:
    """`model(**values)`, by attribute name, for a model that leaves __init__ as it is: field by field, that takes as
    long as to write the row.
    """
    row = model.__new__(model)
    made = {name: field.get_default() if default is _ABSENT else default for name, _, default, field in _all(model)}
    row.__dict__.update(made | dict(values), _state=ModelState())
    return row


def add(model: type[Model], values: Mapping[str, Any]) -> int:
    """A new row with these values, by attribute name, and the defaults of its other fields; its primary key.

    As `model(**values).save(force_insert=True)`, for a model without parents and fields that make up their values
    (auto_now), whose saving nobody hears.
    """
    database = here()
    sql, fields = _insertion(model, database.vendor)
    return int(database.planned_insert(sql, _stored(fields, values, database)))


def insert(row: Model) -> None:
    """`add` for a row that somebody has made."""
    row.pk = add(type(row), row.__dict__)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS  # noqa: SLF001  what save() notes


def alter(model: type[Model], pk: int, values: Mapping[str, Any]) -> bool:
    """Write these values of a row, by attribute name, as `row.save(update_fields=…)` does; whether it was there."""
    database = here()
    sql, fields = _update(model, tuple(values), database.vendor)
    return bool(database.planned_change(sql, [*_stored(fields, values, database), pk]))


def change(row: Model, *names: str) -> bool:
    """`alter` for some attributes of a row that somebody holds."""
    return alter(type(row), row.pk, {name: row.__dict__[name] for name in names})


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


class _Field(NamedTuple):
    """`is_plain`: text, numbers and truth are stored as they are; a foreign key is a number."""

    name: str
    is_plain: bool
    default: Any
    field: Any


def _stored(fields: Sequence[_Field], values: Mapping[str, Any], database: Any) -> list[Any]:
    """Values as the database keeps them. Django asks three objects for each."""
    stored = []
    for name, is_plain, default, field in fields:
        value = values.get(name, default)
        if value is _ABSENT:
            value = field.get_default()
        if value is not None and not (is_plain and type(value) in _PLAIN):
            value = _prepared(field, value, database)
        stored.append(value)
    return stored


def _prepared(field: Any, value: Any, database: Any) -> Any:
    kind = type(value)
    if kind is Json:
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if database.vendor == "sqlite":
        if kind is datetime and value.tzinfo is UTC:
            return str(value.replace(tzinfo=None))
        if kind is UUID and type(field) is UUIDField:
            return value.hex
    return field.get_db_prep_save(value, database)


_PLAIN = frozenset({int, str, bool})
_ABSENT = object()


def _field(field: Any) -> _Field:
    is_plain = isinstance(field, CharField | TextField | IntegerField | BooleanField | ForeignKey)
    default = _ABSENT if callable(field.default) and field.default is not NOT_PROVIDED else field.get_default()
    return _Field(field.attname, is_plain, default, field)


@cache
def _all(model: type[Model]) -> list[_Field]:
    return list(map(_field, model._meta.local_concrete_fields))  # noqa: SLF001  Django's own name for it


@cache
def _insertion(model: type[Model], vendor: str) -> tuple[str, list[_Field]]:
    """By vendor since quoting and values differ."""
    quote: Any = here().ops.quote_name
    meta: Any = model._meta  # noqa: SLF001
    fields = [each for each in _all(model) if not isinstance(each.field, AutoField)]
    columns = ", ".join(quote(each.field.column) for each in fields)
    marks = ", ".join(["%s"] * len(fields))
    table, key = quote(meta.db_table), quote(meta.pk.column)
    returning = f" RETURNING {key}" if vendor == "postgresql" else ""
    return f"INSERT INTO {table} ({columns}) VALUES ({marks}){returning}", fields  # noqa: S608


@cache
def _update(model: type[Model], names: tuple[str, ...], vendor: str) -> tuple[str, list[_Field]]:
    quote: Any = here().ops.quote_name
    meta: Any = model._meta  # noqa: SLF001
    fields = [_field(meta.get_field(name)) for name in names]
    changes = ", ".join(f"{quote(each.field.column)} = %s" for each in fields)
    table, key = quote(meta.db_table), quote(meta.pk.column)
    return f"UPDATE {table} SET {changes} WHERE {key} = %s", fields  # noqa: S608
