"""Background tasks as they are outside of tests: in the database, done by a worker."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

import pytest
from pytest_django import Settings

from newsroom import background


@pytest.fixture
def queue(settings: Settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def work(queue: None, transactional_db: None) -> Iterator[Event]:
    """A worker in a thread, as in the demo."""
    stop = Event()
    thread = Thread(target=background.run, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(20)
    assert not thread.is_alive()
