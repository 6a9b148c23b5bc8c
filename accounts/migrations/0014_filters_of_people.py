"""People of a role, and those whose address is not confirmed, are listed without a look at all others."""

from typing import Any

from django.db import migrations, models

INDEXES = {"user_roles": '("role", "id" DESC)', "user_confirmed": '("is_confirmed", "id" DESC)'}


def make(_apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(_apps, editor)
    for name, what in INDEXES.items():
        editor.execute(f'CREATE INDEX{_how(editor)} "{name}" ON "accounts_user" {what}')


def drop(_apps: Any, editor: Any) -> None:
    for name in INDEXES:
        editor.execute(f'DROP INDEX{_how(editor)} IF EXISTS "{name}"')


def _how(editor: Any) -> str:
    return " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("accounts", "0013_sanctions_in_sections")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex("user", models.Index(fields=["role", "-id"], name="user_roles")),
                migrations.AddIndex("user", models.Index(fields=["is_confirmed", "-id"], name="user_confirmed")),
            ],
        )
    ]
