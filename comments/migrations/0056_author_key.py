"""By what an imported comment's author is told from others of that name."""

from typing import Any

from django.db import migrations

from newsroom.database.columns import LineField


def add(_apps: Any, editor: Any) -> None:
    """A column at once: Django would write SQLite's whole table anew."""
    editor.execute("ALTER TABLE \"comments_comment\" ADD COLUMN \"author_key\" varchar(100) NOT NULL DEFAULT ''")


def drop(_apps: Any, editor: Any) -> None:
    editor.execute('ALTER TABLE "comments_comment" DROP COLUMN "author_key"')


class Migration(migrations.Migration):
    dependencies = [("comments", "0055_by_author")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, drop)],
            state_operations=[
                migrations.AddField(
                    "comment",
                    "author_key",
                    LineField(max_length=100, blank=True, default="", db_default="", editable=False),
                ),
            ],
        ),
    ]
