"""Comments by the author of the article above them."""

from typing import Any

from django.db import migrations, models


def add(_apps: Any, editor: Any) -> None:
    """A column at once: Django would write SQLite's whole table anew."""
    kind = "boolean NOT NULL DEFAULT false" if editor.connection.vendor == "postgresql" else "bool NOT NULL DEFAULT 0"
    editor.execute(f'ALTER TABLE "comments_comment" ADD COLUMN "by_author" {kind}')


def drop(_apps: Any, editor: Any) -> None:
    editor.execute('ALTER TABLE "comments_comment" DROP COLUMN "by_author"')


class Migration(migrations.Migration):
    dependencies = [("comments", "0054_read_marks")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, drop)],
            state_operations=[
                migrations.AddField(
                    "comment", "by_author", models.BooleanField(default=False, db_default=False, editable=False)
                ),
            ],
        ),
    ]
