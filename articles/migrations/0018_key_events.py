"""The key events of a ticker are found without a look at its other items."""

from importlib import import_module

from django.db import migrations, models

change = import_module("articles.migrations.0010_states_of_items").change  # `import` takes no name with a digit first
NEW = {"item_key_events": '("ticker_id", "key_event", "number")'}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0017_live_blogs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, {}), lambda apps, editor: change(editor, {}, NEW)
                )
            ],
            state_operations=[
                migrations.AddIndex(
                    "tickeritem", models.Index(fields=["ticker", "key_event", "number"], name="item_key_events")
                )
            ],
        )
    ]
