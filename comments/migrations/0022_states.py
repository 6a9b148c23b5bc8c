"""Comments that were taken down are listed by their state without a look at all others."""

from importlib import import_module

from django.db import migrations, models

change = import_module("comments.migrations.0008_replies").change  # `import` takes no name with a digit first
NEW = {"comment_states": """("state", "id") WHERE "state" IN ('rejected', 'withdrawn', 'removed', 'erased')"""}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0021_slowed")]

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
                        condition=models.Q(("state__in", ["rejected", "withdrawn", "removed", "erased"])),
                        fields=["state", "id"],
                        name="comment_states",
                    ),
                )
            ],
        )
    ]
