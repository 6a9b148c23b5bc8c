"""The desk finds ticker items and photos by their words, without a look at every one."""

from typing import Any

from django.db import migrations

from articles.search import ITEMS, PHOTOS


def index(_apps: Any, _editor: Any) -> None:
    """Cut off, it goes on where it was."""
    ITEMS.make()
    PHOTOS.make()


def drop(_apps: Any, _editor: Any) -> None:
    PHOTOS.drop()
    ITEMS.drop()


class Migration(migrations.Migration):
    atomic = False  # long, in many short transactions, beside writers

    dependencies = [("articles", "0011_pinned")]

    operations = [migrations.RunPython(index, drop)]
