"""The desk finds discussions by the words of their titles, without a look at every one."""

from typing import Any

from django.db import migrations

from comments.search import TITLES


def index(_apps: Any, _editor: Any) -> None:
    """Cut off, it goes on where it was."""
    TITLES.make()


def drop(_apps: Any, _editor: Any) -> None:
    TITLES.drop()


class Migration(migrations.Migration):
    atomic = False  # long, in many short transactions, beside writers

    dependencies = [("comments", "0025_open_cases")]

    operations = [migrations.RunPython(index, drop)]
