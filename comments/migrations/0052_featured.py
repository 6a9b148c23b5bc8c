"""The featured comments of a person are found by an index."""

from typing import Any

from django.db import migrations, models


def make(apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(apps, editor)
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    what = '"comments_comment" ("author_id") WHERE "featured_at" IS NOT NULL'
    editor.execute(f'CREATE INDEX{how} "comment_featured" ON {what}')


def drop(_apps: Any, editor: Any) -> None:
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f'DROP INDEX{how} IF EXISTS "comment_featured"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0051_ignored")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex(
                    "comment",
                    models.Index(
                        fields=["author"],
                        condition=models.Q(featured_at__isnull=False),
                        name="comment_featured",
                    ),
                ),
            ],
        ),
    ]
