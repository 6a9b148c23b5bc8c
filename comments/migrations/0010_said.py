"""What somebody has said in a discussion is found in one step, however much they have said elsewhere."""

from django.db import migrations, models

TABLE = "comments_comment"
NEW = {"comment_said": '("author_id", "discussion_id", "id" DESC) WHERE "author_id" IS NOT NULL'}
OLD = {"comment_author": '("author_id", "id" DESC) WHERE "author_id" IS NOT NULL'}


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

    dependencies = [("comments", "0009_touched")]

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
                        condition=models.Q(("author__isnull", False)),
                        fields=["author", "discussion", "-id"],
                        name="comment_said",
                    ),
                ),
                migrations.RemoveIndex("comment", "comment_author"),
            ],
        )
    ]
