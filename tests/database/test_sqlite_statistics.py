"""SQLite's statistics stay as complete as they are: all indexes have some, or none has."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL has statistics always"),
]


def known() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT idx FROM sqlite_stat1 WHERE tbl = 'articles_section'")
        return {name for (name,) in cursor.fetchall()}


@pytest.fixture
def _analyzed(section):
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("CREATE INDEX section_new ON articles_section (name, slug)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX section_new")
        cursor.execute("DROP TABLE sqlite_stat1")


@pytest.mark.usefixtures("_analyzed")
def test_after_a_migration_new_indexes_have_statistics_if_the_others_have():
    assert "section_new" not in known()

    call_command("migrate", verbosity=0)

    assert "section_new" in known()


def test_a_migration_makes_no_statistics_where_nobody_made_any(section):
    call_command("migrate", verbosity=0)

    assert "sqlite_stat1" not in _tables()


def _tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master")
        return {name for (name,) in cursor.fetchall()}
