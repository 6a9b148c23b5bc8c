"""One index of replies instead of two: of the smaller one PostgreSQL read and sorted a whole thread for its first three."""

from django.db import migrations, models

TABLE = "comments_comment"
NEW = {"comment_below": '("root_id", "order") WHERE "root_id" IS NOT NULL'}
OLD = {
    "comment_replies": '("root_id", "order") WHERE "order" IS NOT NULL AND "root_id" IS NOT NULL',
    "comment_root": '("root_id") WHERE "root_id" IS NOT NULL',
}


def change(editor, add, remove):
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name, what in add.items():
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')
        editor.execute(f'CREATE INDEX{how} "{name}" ON "{TABLE}" {what}')
    for name in remove:
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0007_merges")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, OLD), lambda apps, editor: change(editor, OLD, NEW)
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "comment",
                    models.Index(
                        condition=models.Q(("root__isnull", False)), fields=["root", "order"], name="comment_below"
                    ),
                ),
                migrations.RemoveIndex("comment", "comment_replies"),
                migrations.RemoveIndex("comment", "comment_root"),
            ],
        )
    ]
