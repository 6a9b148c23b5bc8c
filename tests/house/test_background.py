"""Background tasks: done by a worker, taken up again when one dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event, Thread

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.tasks import task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from newsroom import background
from newsroom.models import Worker
from tests.support.services import wait_for


@task
def write_home(name: str) -> None:
    mail.send_mail(f"Hello {name}", "Text", None, ["home@example.org"])


@task
def fail() -> None:
    raise ValueError("no")


@pytest.fixture(autouse=True)
def _queue(settings: Settings) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def work(transactional_db: None) -> Iterator[Event]:
    """A worker in a thread, as in the demo."""
    stop = Event()
    thread = Thread(target=background.run, args=(stop,))
    thread.start()
    yield stop
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def left_running(db: None) -> DBTaskResult:
    """A task that a worker took two minutes ago and has not finished."""
    queued = write_home.enqueue("Ann")
    row = DBTaskResult.objects.get(pk=queued.id)
    row.claim("gone")
    DBTaskResult.objects.filter(pk=row.pk).update(started_at=timezone.now() - timedelta(minutes=2))
    return row


def test_a_worker_does_what_is_queued(work: Event) -> None:
    queued = write_home.enqueue("Ann")

    wait_for(lambda: DBTaskResult.objects.get(pk=queued.id).status == "SUCCESSFUL", what="task")
    assert [message.subject for message in mail.outbox] == ["Hello Ann"]


def test_a_task_that_fails_keeps_its_reason_and_the_worker_goes_on(work: Event) -> None:
    failed, queued = fail.enqueue(), write_home.enqueue("Ann")

    wait_for(lambda: DBTaskResult.objects.get(pk=queued.id).status == "SUCCESSFUL", what="task")
    row = DBTaskResult.objects.get(pk=failed.id)
    assert (row.status, row.exception_class_path) == ("FAILED", "builtins.ValueError")


def test_the_task_of_a_dead_worker_goes_back_to_the_queue(left_running: DBTaskResult) -> None:
    assert background.sweep() == 1

    left_running.refresh_from_db()
    assert left_running.status == "READY"


def test_the_task_of_a_living_worker_is_left_alone(left_running: DBTaskResult) -> None:
    Worker.objects.create(name="gone", seen_at=timezone.now())

    assert background.sweep() == 0

    left_running.refresh_from_db()
    assert left_running.status == "RUNNING"


def test_a_task_that_took_three_workers_down_is_given_up(left_running: DBTaskResult) -> None:
    DBTaskResult.objects.filter(pk=left_running.pk).update(worker_ids=["one", "two", "gone"])

    assert background.sweep() == 1

    left_running.refresh_from_db()
    assert (left_running.status, left_running.exception_class_path) == ("FAILED", "builtins.RuntimeError")


@pytest.mark.django_db
def test_what_nobody_asks_for_any_more_is_dropped_and_the_rest_kept() -> None:
    old, new = write_home.enqueue("Ann"), write_home.enqueue("Ben")
    DBTaskResult.objects.filter(pk__in=[old.id, new.id]).update(status="SUCCESSFUL", finished_at=timezone.now())
    DBTaskResult.objects.filter(pk=old.id).update(finished_at=timezone.now() - timedelta(days=3))
    for key, days in (("ended", -1), ("going", 1)):
        Session.objects.create(session_key=key, expire_date=timezone.now() + timedelta(days=days))

    background.tidy()

    assert [str(pk) for pk in DBTaskResult.objects.values_list("pk", flat=True)] == [new.id]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going"]
