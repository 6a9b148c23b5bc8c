"""Statistics of SQLite's indexes, where somebody has made them with ANALYZE.

Without any, SQLite assumes the same for all indexes, and all statements are written for that. It is misled where it has
statistics of some indexes only: so those that a migration has made need theirs.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

MOST_LOOKED = 1000  # entries of each index: milliseconds, however large the tables are


def renew(**_about: Any) -> None:
    """After each migration. Does nothing on PostgreSQL, and in a database without statistics."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return
        cursor.execute(f"PRAGMA analysis_limit = {MOST_LOOKED}")
        with transaction.atomic():
            cursor.execute("ANALYZE")
