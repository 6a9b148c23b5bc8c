"""The page that a chat stands beside, if it is an article of another instance."""

from typing import Any

from django.db import migrations, models


def add(_apps: Any, editor: Any) -> None:
    """A column at once: Django would write SQLite's whole table anew."""
    editor.execute('ALTER TABLE "comments_discussion" ADD COLUMN "beside" varchar(500) NULL')


def drop(_apps: Any, editor: Any) -> None:
    editor.execute('ALTER TABLE "comments_discussion" DROP COLUMN "beside"')


class Migration(migrations.Migration):
    dependencies = [("comments", "0056_author_key")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add, drop)],
            state_operations=[
                migrations.AddField(
                    "discussion", "beside", models.URLField(max_length=500, null=True, blank=True, editable=False)
                ),
            ],
        ),
    ]
