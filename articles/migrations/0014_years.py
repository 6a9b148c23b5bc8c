"""Photos are listed by their years, and their years told, without a look at every one."""

from typing import Any

from django.db import migrations, models


def make(_apps: Any, editor: Any) -> None:
    """Readers and writers go on meanwhile; what was left by an attempt that was cut is made anew."""
    drop(_apps, editor)
    editor.execute(f'CREATE INDEX{_how(editor)} "photo_years" ON "articles_photo" ("year", "id" DESC)')


def drop(_apps: Any, editor: Any) -> None:
    editor.execute(f'DROP INDEX{_how(editor)} IF EXISTS "photo_years"')


def _how(editor: Any) -> str:
    return " CONCURRENTLY" if editor.connection.vendor == "postgresql" else ""


class Migration(migrations.Migration):
    atomic = False  # an index that is made beside writers takes several transactions

    dependencies = [("articles", "0013_items_of_tickers")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[migrations.AddIndex("photo", models.Index(fields=["year", "-id"], name="photo_years"))],
        )
    ]
