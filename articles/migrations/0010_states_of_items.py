"""Drafts of a ticker are listed without a look at all its items."""

from typing import Any

from django.db import migrations, models

NEW = {"item_states": """("ticker_id", "state", "id") WHERE "state" IN ('draft', 'scheduled', 'retracted')"""}


def change(editor: Any, add: dict[str, str], remove: dict[str, str]) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    how = " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""
    for name, what in add.items():
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')
        editor.execute(f'CREATE INDEX{how} "{name}" ON "articles_tickeritem" {what}')
    for name in remove:
        editor.execute(f'DROP INDEX{how} IF EXISTS "{name}"')


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0009_lists")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, {}), lambda apps, editor: change(editor, {}, NEW)
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "tickeritem",
                    models.Index(
                        condition=models.Q(("state__in", ["draft", "scheduled", "retracted"])),
                        fields=["ticker", "state", "id"],
                        name="item_states",
                    ),
                )
            ],
        )
    ]
