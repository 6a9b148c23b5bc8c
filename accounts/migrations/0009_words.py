"""People are found by the words of their names, however they are spelt."""

from typing import Any

from django.db import migrations

from accounts.search import INDEX


def index(_apps: Any, _editor: Any) -> None:
    """Cut off, it goes on where it was."""
    INDEX.make()


def drop(_apps: Any, _editor: Any) -> None:
    INDEX.drop()


class Migration(migrations.Migration):
    atomic = False  # long, in many short transactions, beside writers

    dependencies = [("accounts", "0008_signs")]

    operations = [migrations.RunPython(index, drop)]
