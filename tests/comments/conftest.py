from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections
from pytest_django import Settings


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL events are numbered after the commit, so there these tests commit."""
    commits = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.django_db(transaction=commits))


@pytest.fixture(autouse=True)
def _patience(settings: Settings) -> None:
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m"}


@pytest.fixture
def many_connections(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """Threads may each have a connection of their own. Ask for it after the cast: SQLite is copied to a file."""
    if connections["default"].vendor == "postgresql":
        yield
        return
    memory, name = connections["default"], connections.settings["default"]["NAME"]
    memory.ensure_connection()
    with sqlite3.connect(tmp_path / "db.sqlite3") as file:
        memory.connection.backup(file)
    file.close()
    connections.settings["default"]["NAME"] = str(tmp_path / "db.sqlite3")
    del connections["default"]
    yield
    connections["default"].close()
    connections.settings["default"]["NAME"] = name
    connections["default"] = memory
