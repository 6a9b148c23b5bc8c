"""Inserts and updates whose statements are built once, for frequent writes: see `statements`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

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

from newsroom.database.statements import here, is_postgresql, planned_cursor, planned_rows, unnested


class Json(str):
    """A value of a JSONField that is encoded already."""

    __slots__ = ()


def add(model: type[Model], values: Mapping[str, Any]) -> int:
    """Insert a row with these values, by attribute name, and the defaults of its other fields. Returns its primary key.

    Like `model(**values).save(force_insert=True)`, for a model without parents, without fields that compute their
    values (auto_now), and without receivers of save signals.
    """
    database = here()
    sql, fields = _insertion(model, database.vendor)
    return int(database.planned_insert(sql, _stored(fields, values, database)))


def free_keys(model: type[Model], number: int) -> Sequence[int]:
    """So many primary keys, rising, that nothing else will get. On SQLite only inside a transaction that writes."""
    table = model._meta.db_table  # noqa: SLF001  Django's own name for it
    if is_postgresql():
        sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)::regclass) FROM generate_series(1, %s)"
        return sorted(key for (key,) in planned_rows(sql, [table, "id", number]))
    found = planned_rows("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    last = int(found[0][0]) if found else 0
    return range(last + 1, last + 1 + number)


def reserve_keys(model: type[Model], highest: int) -> None:
    """What is made from now on gets higher primary keys, so that these are free for what brings its own."""
    table = model._meta.db_table  # noqa: SLF001  Django's own name for it
    if is_postgresql():
        sql = "SELECT setval(seq, greatest(%s, nextval(seq))) FROM pg_get_serial_sequence(%s, 'id') AS seq"
        planned_rows(sql, [highest, table])
    elif planned_rows("SELECT 1 FROM sqlite_sequence WHERE name = %s", [table]):
        with planned_cursor() as cursor:
            cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [highest, table])
    else:
        with planned_cursor() as cursor:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest])


def add_many(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows with these values, by attribute name, the primary key (`free_keys`) among them, and the defaults of
    their other fields: see `add`. Raises IntegrityError.
    """
    database, fields = here(), _all(model)
    quote: Any = database.ops.quote_name
    meta: Any = model._meta  # noqa: SLF001
    table, columns = quote(meta.db_table), ", ".join(quote(each.field.column) for each in fields)
    stored = (_stored(fields, row, database) for row in rows)
    with planned_cursor() as cursor:
        if is_postgresql():
            copying = cursor.copy(f"COPY {table} ({columns}) FROM STDIN")
            with database.wrap_database_errors, copying as copy:  # Django does so for what it knows, not for COPY
                for values in stored:
                    copy.write_row(values)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", stored)  # noqa: S608


def alter(model: type[Model], pk: int, values: Mapping[str, Any]) -> bool:
    """Update these values of a row, by attribute name, like `row.save(update_fields=…)`. Returns whether it exists."""
    database = here()
    sql, fields = _update(model, tuple(values), database.vendor)
    return bool(database.planned_change(sql, [*_stored(fields, values, database), pk]))


def change(row: Model, *names: str) -> bool:
    """`alter` for some attributes of a loaded row."""
    return alter(type(row), row.pk, {name: row.__dict__[name] for name in names})


def write_each(table: str, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Update `columns` (name → type) of several rows of a table; `rows` holds each row's id and values.

    bulk_update() takes half a millisecond a row to write its CASE.
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
    """`is_plain`: text, numbers and booleans are stored as they are; a foreign key is a number."""

    name: str
    is_plain: bool
    default: Any
    field: Any


def _stored(fields: Sequence[_Field], values: Mapping[str, Any], database: Any) -> list[Any]:
    """The values in the database's form. Django calls three objects for each."""
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
    if kind is datetime and value.tzinfo is UTC:
        return value if database.vendor == "postgresql" else str(value.replace(tzinfo=None))
    if database.vendor == "sqlite" and kind is UUID and type(field) is UUIDField:
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
    """The statement and its fields. `vendor` is part of the cache key, since quoting and values differ."""
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
