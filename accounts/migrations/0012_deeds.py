"""Deeds are listed by their kind and by roles without a look at all others."""

from typing import Any

from django.db import migrations, models

INDEXES = {"audit_deeds": '("deed", "id" DESC)', "audit_roles": '("role", "id" DESC)'}


def make(_apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(_apps, editor)
    for name, what in INDEXES.items():
        editor.execute(f'CREATE INDEX{_how(editor)} "{name}" ON "accounts_auditentry" {what}')


def drop(_apps: Any, editor: Any) -> None:
    for name in INDEXES:
        editor.execute(f'DROP INDEX{_how(editor)} IF EXISTS "{name}"')


def _how(editor: Any) -> str:
    return " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("accounts", "0011_duties")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex("auditentry", models.Index(fields=["deed", "-id"], name="audit_deeds")),
                migrations.AddIndex("auditentry", models.Index(fields=["role", "-id"], name="audit_roles")),
            ],
        )
    ]
