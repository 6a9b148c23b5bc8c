"""Background tasks: done by a worker, taken up again when one dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.tasks import task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from newsroom.models import Worker
from newsroom.server import worker
from tests.support.services import wait_for

pytestmark = pytest.mark.usefixtures("queue")


@task
def write_home(name: str) -> None:
    mail.send_mail(f"Hello {name}", "Text", None, ["home@example.org"])


@task
def fail() -> None:
    raise ValueError("no")


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
    assert worker.sweep() == 1

    left_running.refresh_from_db()
    assert left_running.status == "READY"


def test_the_task_of_a_living_worker_is_left_alone(left_running: DBTaskResult) -> None:
    Worker.objects.create(name="gone", seen_at=timezone.now())

    assert worker.sweep() == 0

    left_running.refresh_from_db()
    assert left_running.status == "RUNNING"


def test_a_task_that_took_three_workers_down_is_given_up(left_running: DBTaskResult) -> None:
    DBTaskResult.objects.filter(pk=left_running.pk).update(worker_ids=["one", "two", "gone"])

    assert worker.sweep() == 1

    left_running.refresh_from_db()
    assert (left_running.status, left_running.exception_class_path) == ("FAILED", "builtins.RuntimeError")


@pytest.mark.django_db
def test_what_nobody_asks_for_any_more_is_dropped_and_the_rest_kept() -> None:
    old, new = write_home.enqueue("Ann"), write_home.enqueue("Ben")
    DBTaskResult.objects.filter(pk__in=[old.id, new.id]).update(status="SUCCESSFUL", finished_at=timezone.now())
    DBTaskResult.objects.filter(pk=old.id).update(finished_at=timezone.now() - timedelta(days=3))
    for key, days in (("ended", -1), ("going", 1)):
        Session.objects.create(session_key=key, expire_date=timezone.now() + timedelta(days=days))

    worker.tidy(Event())

    assert [str(pk) for pk in DBTaskResult.objects.values_list("pk", flat=True)] == [new.id]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["going"]


class SessionStore(DatabaseSessionStore):
    """Sessions whose clearing takes until somebody lets it go."""

    begun, may_end = Event(), Event()

    @classmethod
    def clear_expired(cls) -> None:
        cls.begun.set()
        cls.may_end.wait(20)
        super().clear_expired()


@pytest.fixture
def long_tidying(settings: Settings) -> Iterator[type[SessionStore]]:
    settings.SESSION_ENGINE = __name__
    SessionStore.begun.clear()
    SessionStore.may_end.clear()
    yield SessionStore
    SessionStore.may_end.set()


def test_mails_do_not_wait_for_tidying(long_tidying: type[SessionStore], work: Event) -> None:
    assert long_tidying.begun.wait(20)

    queued = write_home.enqueue("Ann")

    wait_for(lambda: DBTaskResult.objects.get(pk=queued.id).status == "SUCCESSFUL", what="task")
    long_tidying.may_end.set()


@pytest.mark.django_db
def test_one_of_all_workers_tidies_once_an_hour() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert worker.tidy_if_due(Event())
        assert not worker.tidy_if_due(Event())  # a second worker, or the first after a new start
        clock.shift(timedelta(minutes=59))
        assert not worker.tidy_if_due(Event())
        clock.shift(timedelta(minutes=1))
        assert worker.tidy_if_due(Event())


@pytest.mark.django_db
def test_tidying_ends_where_it_is_when_the_worker_stops() -> None:
    Session.objects.create(session_key="ended", expire_date=timezone.now() - timedelta(days=1))
    stop = Event()
    stop.set()

    worker.tidy(stop)
    assert Session.objects.exists()

    worker.tidy(Event())
    assert not Session.objects.exists()
