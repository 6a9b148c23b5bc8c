"""What `/metrics` tells of the database, Redis and disks. Apps add questions about their own tables."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max
from prometheus_client import Metric

from newsroom import __version__, metrics
from newsroom.models import Figure
from newsroom.monitoring.background import Service, add

_questions: list[Callable[[], Iterable[Metric]]] = []


def ask(question: Callable[[], Iterable[Metric]]) -> None:
    """Have a question to the database asked for `/metrics`: by an index, since it comes every few seconds."""
    _questions.append(question)


def counted(name: str, text: str, label: str, family: str, values: Iterable[str]) -> Callable[[], Iterable[Metric]]:
    """A question for a counter that all processes keep together, in rows of `Figure`. `values` are told from the start,
    at 0: the rate of a series that appears with its first event misses that event.
    """

    def question() -> Iterator[Metric]:
        yield metrics.family(name, text, dict.fromkeys(values, 0.0) | Figure.objects.of(family), label)

    return question


def _database() -> Iterator[Metric]:
    try:
        for question in _questions:
            yield from question()
    finally:
        connection.close()


def _tasks() -> Iterator[Metric]:
    now, never = timezone.now(), get_date_max()  # a task without a time to wait for waits until `never`
    is_ready, is_due, is_plain = Q(status="READY"), Q(run_after__lte=now), Q(run_after=never)
    found = DBTaskResult.objects.filter(status__in=["READY", "RUNNING", "FAILED"]).aggregate(
        ready=Count("pk", filter=is_ready & (is_due | is_plain)),
        deferred=Count("pk", filter=is_ready & ~is_due & ~is_plain),
        running=Count("pk", filter=Q(status="RUNNING")),
        failed=Count("pk", filter=Q(status="FAILED")),
        oldest=Min("enqueued_at", filter=is_ready & is_plain),
        oldest_deferred=Min("run_after", filter=is_ready & is_due),
    )
    since = [found.pop("oldest"), found.pop("oldest_deferred")]
    text = "Background tasks: to run now, to run later, running, and failed within two days."
    yield metrics.family("newsroom_tasks", text, found, "state")
    seconds = max(((now - each).total_seconds() for each in since if each), default=0.0)
    text = "How long the background task that waits longest could have run."
    yield metrics.family("newsroom_tasks_oldest_seconds", text, max(0.0, seconds))


def _redis() -> Iterator[Metric]:
    import redis

    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
        client.ping()
    yield from ()


def _disks() -> Iterator[Metric]:
    folders = {"media": settings.MEDIA_ROOT, "data": settings.DATA_DIR}
    known = {name: shutil.disk_usage(folder) for name, folder in folders.items() if folder.exists()}
    free = {name: float(usage.free) for name, usage in known.items()}
    yield metrics.family("newsroom_disk_free_bytes", "Room left on the disk of a folder.", free, "folder")
    sizes = {name: float(usage.total) for name, usage in known.items()}
    yield metrics.family("newsroom_disk_size_bytes", "Size of the disk of a folder.", sizes, "folder")


def _version() -> Iterator[Metric]:
    yield metrics.family("newsroom_info", "The version that runs.", {__version__: 1.0}, "version")


def install() -> None:
    metrics.tell(_version)
    ask(_tasks)
    add(Service("the database", _database, up="newsroom_database_up"))
    if settings.REDIS_URL:
        add(Service("Redis", _redis, up="newsroom_redis_up"))
    add(Service("disks", _disks))
