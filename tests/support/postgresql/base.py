"""Django's PostgreSQL backend, emptied quickly after each test: TRUNCATE of all tables takes half a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations

KEPT = {"django_content_type", "auth_permission", "accounts_legalpage"}  # what migrations put there


class Operations(DatabaseOperations):
    def sql_flush(self, style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        names = sorted(set(tables) - KEPT)
        asked = " UNION ALL ".join(f"(SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\"))" for name in names)
        with self.connection.cursor() as cursor:
            cursor.execute(asked)
            return [f'DELETE FROM "{name}"' for (name,) in cursor.fetchall()]  # foreign keys wait for the commit


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = Operations
