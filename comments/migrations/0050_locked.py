"""The locked comments of a discussion are found by an index."""

from typing import Any

from django.db import migrations, models


def make(apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(apps, editor)
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    what = '"comments_comment" ("discussion_id") WHERE "locked_at" IS NOT NULL'
    editor.execute(f'CREATE INDEX{how} "comment_locked" ON {what}')


def drop(_apps: Any, editor: Any) -> None:
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f'DROP INDEX{how} IF EXISTS "comment_locked"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0049_locks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex(
                    "comment",
                    models.Index(
                        fields=["discussion"],
                        condition=models.Q(locked_at__isnull=False),
                        name="comment_locked",
                    ),
                ),
            ],
        ),
    ]
