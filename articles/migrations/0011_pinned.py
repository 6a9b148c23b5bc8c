"""The pinned items of a ticker are found without a look at the others.

The index holds the others, too: without statistics SQLite prefers the one of all numbers to one with a condition.
"""

from importlib import import_module

from django.db import migrations, models

change = import_module("articles.migrations.0010_states_of_items").change  # `import` takes no name with a digit first
NEW = {"item_pinned": '("ticker_id", "pinned", "number")'}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0010_states_of_items")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, {}), lambda apps, editor: change(editor, {}, NEW)
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "tickeritem", models.Index(fields=["ticker", "pinned", "number"], name="item_pinned")
                )
            ],
        )
    ]
