"""The desk's lists of a section and of a language come in their order from an index, and so do the languages there are."""

from importlib import import_module

from django.db import migrations, models

change = import_module("articles.migrations.0015_states_of_articles").change  # `import` takes no name with a digit first
NEW = {
    "article_section_written": '("section_id", "created_at" DESC, "id" DESC)',
    "article_language_written": '("language", "created_at" DESC, "id" DESC)',
}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0015_states_of_articles")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, {}), lambda apps, editor: change(editor, {}, NEW)
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "article",
                    models.Index(fields=["section", "-created_at", "-id"], name="article_section_written"),
                ),
                migrations.AddIndex(
                    "article",
                    models.Index(fields=["language", "-created_at", "-id"], name="article_language_written"),
                ),
            ],
        )
    ]
