"""Articles that are not published are listed and searched without a look at the others."""

from typing import Any

from django.db import migrations, models

NEW = {
    "article_states": """("state", "created_at" DESC, "id" DESC) WHERE "state" IN ('draft', 'scheduled', 'retracted')"""
}


def change(editor: Any, add: dict[str, str], remove: dict[str, str]) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name in (*add, *remove):
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')
    for name, what in add.items():
        editor.execute(f'CREATE INDEX{how} "{name}" ON "articles_article" {what}')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0014_years")]

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
                    models.Index(
                        condition=models.Q(("state__in", ["draft", "scheduled", "retracted"])),
                        fields=["state", "-created_at", "-id"],
                        name="article_states",
                    ),
                )
            ],
        )
    ]
