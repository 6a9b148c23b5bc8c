"""The same text is found again, and the last comments of an author in all discussions together."""

from importlib import import_module

from django.db import migrations, models

change = import_module("comments.migrations.0008_replies").change  # `import` takes no name with a digit first
NEW = {
    "comment_by": '("author_id", "id" DESC) WHERE "author_id" IS NOT NULL',
    "comment_fingerprint": '("fingerprint", "id" DESC) WHERE "fingerprint" IS NOT NULL',
}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("comments", "0027_rules")]

    operations = [
        migrations.AddField("comment", "fingerprint", models.BigIntegerField(editable=False, null=True)),
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
                        condition=models.Q(("author__isnull", False)), fields=["author", "-id"], name="comment_by"
                    ),
                ),
                migrations.AddIndex(
                    "comment",
                    models.Index(
                        condition=models.Q(("fingerprint__isnull", False)),
                        fields=["fingerprint", "-id"],
                        name="comment_fingerprint",
                    ),
                ),
            ],
        ),
    ]
