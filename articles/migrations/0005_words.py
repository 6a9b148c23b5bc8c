"""Articles are found by their words, those of the body, too."""

from typing import Any

from django.db import migrations

from articles.search import INDEX


def index(_apps: Any, _editor: Any) -> None:
    """Cut off, it goes on where it was."""
    INDEX.make()


def drop(_apps: Any, _editor: Any) -> None:
    INDEX.drop()


class Migration(migrations.Migration):
    atomic = False  # long, in many short transactions, beside writers

    dependencies = [("articles", "0004_old_addresses")]

    operations = [migrations.RunPython(index, drop)]
