"""People are found in the admin by the words of their e-mail addresses, without a look at every person."""

from typing import Any

from django.db import migrations

from accounts.search import ADDRESSES


def index(_apps: Any, _editor: Any) -> None:
    """Cut off, it goes on where it was."""
    ADDRESSES.make()


def drop(_apps: Any, _editor: Any) -> None:
    ADDRESSES.drop()


class Migration(migrations.Migration):
    atomic = False  # long, in many short transactions, beside writers

    dependencies = [("accounts", "0009_words")]

    operations = [migrations.RunPython(index, drop)]
