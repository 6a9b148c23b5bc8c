"""The latest reactions to a comment are found by an index."""

from typing import Any

from django.db import migrations, models


def make(apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(apps, editor)
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f'CREATE INDEX{how} "reaction_latest" ON "comments_reaction" ("comment_id", "id")')


def drop(_apps: Any, editor: Any) -> None:
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    editor.execute(f'DROP INDEX{how} IF EXISTS "reaction_latest"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0052_featured")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex("reaction", models.Index(fields=["comment", "id"], name="reaction_latest")),
            ],
        ),
    ]
