"""The index of merged discussions holds these alone.

SQLite takes all values of an index for equally common, NULL too: it thought that few discussions are not merged, began
each list with all of these, and sorted them.
"""

from typing import Any

from django.db import migrations, models
from django.db.models.deletion import SET_NULL

NEW = {"discussion_merged": '("merged_into_id") WHERE "merged_into_id" IS NOT NULL'}
OLD = {"comments_discussion_merged_into_id_66b40e24": '("merged_into_id")'}


def change(editor: Any, add: dict[str, str], remove: dict[str, str]) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name, what in add.items():
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')
        editor.execute(f'CREATE INDEX{how} "{name}" ON "comments_discussion" {what}')
    for name in remove:
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0022_states")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, OLD), lambda apps, editor: change(editor, OLD, NEW)
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "discussion",
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=SET_NULL,
                        related_name="+",
                        to="comments.discussion",
                        verbose_name="merged into",
                    ),
                ),
                migrations.AddIndex(
                    "discussion",
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="discussion_merged",
                    ),
                ),
            ],
        )
    ]
