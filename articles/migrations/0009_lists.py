"""The desk's lists come in their order from an index, however long they grow."""

from typing import Any

from django.db import migrations, models

INDEXES = {
    "article_written": ("articles_article", "created_at"),
    "article_times": ("articles_article", "published_at"),
    "item_times": ("articles_tickeritem", "published_at"),
}


def make(_apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(_apps, editor)
    for name, (table, column) in INDEXES.items():
        editor.execute(f'CREATE INDEX{_how(editor)} "{name}" ON "{table}" ("{column}")')


def drop(_apps: Any, editor: Any) -> None:
    for name in INDEXES:
        editor.execute(f'DROP INDEX{_how(editor)} IF EXISTS "{name}"')


def _how(editor: Any) -> str:
    return " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0008_signs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[
                migrations.AddIndex("article", models.Index(fields=["created_at"], name="article_written")),
                migrations.AddIndex("article", models.Index(fields=["published_at"], name="article_times")),
                migrations.AddIndex("tickeritem", models.Index(fields=["published_at"], name="item_times")),
            ],
        )
    ]
