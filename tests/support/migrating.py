"""Migrate amid tests. Elsewhere `migrate` mends the search indexes; tests are spared that after each flush."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps
from django.core.management import call_command
from django.db.models.signals import post_migrate

INDEXED = ("accounts", "articles", "comments")


def no_index_is_mended() -> None:
    """From now on: what survives every flush needs no mending after it."""
    for app in INDEXED:
        install = import_module(f"{app}.search").install
        assert post_migrate.disconnect(install, sender=apps.get_app_config(app))


def migrate_on() -> None:
    """To the newest state. A table that was rebuilt on SQLite has lost its triggers, which are made again."""
    call_command("migrate", verbosity=0)
    for app in INDEXED:
        import_module(f"{app}.search").install()
