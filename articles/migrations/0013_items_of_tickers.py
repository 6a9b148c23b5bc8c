"""The desk's list of one ticker comes in its order from an index, which takes the place of the one of tickers alone."""

from importlib import import_module

from django.db import migrations, models
from django.db.models.deletion import PROTECT

change = import_module("articles.migrations.0010_states_of_items").change  # `import` takes no name with a digit first
NEW = {"item_written": '("ticker_id", "id" DESC)'}
OLD = {"articles_tickeritem_ticker_id_8bdade08": '("ticker_id")'}


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0012_desk_words")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(
                    lambda apps, editor: change(editor, NEW, OLD), lambda apps, editor: change(editor, OLD, NEW)
                )
            ],
            state_operations=[
                migrations.AlterField(
                    "tickeritem",
                    "ticker",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="items",
                        to="articles.ticker",
                        verbose_name="ticker",
                    ),
                ),
                migrations.AddIndex("tickeritem", models.Index(fields=["ticker", "-id"], name="item_written")),
            ],
        )
    ]
