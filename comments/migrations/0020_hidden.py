"""Of what somebody has said in a discussion, what others do not see is found in one step, however much that is."""

from importlib import import_module

from django.db import migrations, models

change = import_module("comments.migrations.0008_replies").change  # `import` takes no name with a digit first
NEW = {"comment_hidden": """("author_id", "discussion_id", "id" DESC) WHERE "state" IN ('held', 'rejected')"""}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0019_signs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, {}), lambda apps, editor: change(editor, {}, NEW)
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "comment",
                    models.Index(
                        condition=models.Q(("state__in", ["held", "rejected"])),
                        fields=["author", "discussion", "-id"],
                        name="comment_hidden",
                    ),
                ),
            ],
        )
    ]
