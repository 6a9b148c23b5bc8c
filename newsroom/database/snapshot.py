"""Reading the whole database as it is at one moment, while others write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from newsroom.database.statements import is_postgresql


@contextmanager
def one_moment() -> Iterator[None]:
    """All that is read inside is of one moment, however long it takes. Nothing may be written inside.

    Django's own transactions are not for this: on SQLite they keep writers out, and on PostgreSQL each of their
    statements sees what was written meanwhile.
    """
    if connection.in_atomic_block:
        raise RuntimeError("inside a transaction")
    kind = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql() else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(kind)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
