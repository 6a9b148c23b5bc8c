"""What somebody has said in a discussion is found in one step, however much they have said elsewhere."""

from importlib import import_module

from django.db import migrations, models

change = import_module("comments.migrations.0008_replies").change  # `import` takes no name with a digit first
NEW = {"comment_said": '("author_id", "discussion_id", "id" DESC) WHERE "author_id" IS NOT NULL'}
OLD = {"comment_author": '("author_id", "id" DESC) WHERE "author_id" IS NOT NULL'}


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
