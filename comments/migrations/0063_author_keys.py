"""The imported comments of an author are found by an index."""

from typing import Any

from django.db import migrations, models

INDEX = models.Index(
    fields=["author_key"],
    condition=models.Q(author__isnull=True) & ~models.Q(author_key=""),
    name="comment_author_key",
)


def make(apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(apps, editor)
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    where = """"author_id" IS NULL AND NOT ("author_key" = '')"""
    editor.execute(f'CREATE INDEX{how} "comment_author_key" ON "comments_comment" ("author_key") WHERE ({where})')


def drop(_apps: Any, editor: Any) -> None:
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f'DROP INDEX{how} IF EXISTS "comment_author_key"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0062_instance_names")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[migrations.AddIndex("comment", INDEX)],
        ),
    ]
