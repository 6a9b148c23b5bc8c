"""Runs background tasks (mails, pictures), begins daily chores, tidies up once an hour, and requeues the tasks of
killed workers.

Tasks of the queue LONG take minutes, so they have a thread of their own, and nothing waits for them.

A worker reports every few seconds that it is alive. If a worker with a task falls silent, the task goes back to the
queue. So every task must bear being run twice. A task that has taken several workers down with it is given up: like one
that ends in an error it is FAILED, and `task_finished` is sent, so that what waits for it does not wait for ever.
"""

from __future__ import annotations

import logging
import math
import os
import platform
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from threading import Event, Thread, local
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Count, Max, Min
from django.tasks.signals import task_finished
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as TaskWorker
from django_tasks_db.models import DBTaskResult

from newsroom import limits
from newsroom.database.sqlite3.room import give_back
from newsroom.live import registry
from newsroom.live.log.pruning import prune
from newsroom.models import Chore, Worker
from newsroom.monitoring.requests import id_of_task, on_behalf_of

logger = logging.getLogger(__name__)
_here = local()  # what the task of this thread asks about its worker

LONG = "long"  # the queue of tasks that take minutes; they ask `is_stopping` between their steps
POLL_SECONDS = 1.0
BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0  # then a worker is considered dead
ATTEMPTS = 3
TIDY_EVERY = timedelta(hours=1)
DAY = timedelta(days=1)
TIDY_LOOK_SECONDS = 60.0  # how often a worker checks whether tidying is due
KEPT_EVENTS_HOURS = 48.0  # how long a reader may be offline and still resume
KEPT_TASKS = timedelta(days=2)  # after they are finished


def run(stop: Event, beat_each_turn: Callable[[], None] = lambda: None) -> None:
    """Work until `stop` is set; the current task is finished first. Without a database it waits for one.

    `beat_each_turn` is called at each turn of the loop and before each task: see newsroom.server.probes.
    """
    worker, done = _Worker(stop, beat_each_turn, excluded=[LONG]), Event()
    beat = Thread(target=_beat, args=(worker, done), name="tasks-beat", daemon=True)
    long: Thread | None = None
    # A thread of its own, so that mails do not wait for it
    tidying = Thread(target=_keep_tidy, args=(stop,), name="tasks-tidying")
    beat.start()
    tidying.start()
    swept = -math.inf
    while not stop.is_set():
        beat_each_turn()
        try:
            if time.monotonic() - swept >= SILENT_SECONDS / 2:
                sweep()
                swept = time.monotonic()
            ready = set(DBTaskResult.objects.ready().order_by().values_list("queue_name", flat=True).distinct())
            if LONG in ready and (long is None or not long.is_alive()):
                long = Thread(target=_work_on_long, args=(stop,), name="tasks-long")
                long.start()
            if ready - {LONG}:
                worker.empty_the_queue()
        except DatabaseError as error:
            logger.warning("Background tasks wait for the database: %s", error)
        close_old_connections()
        stop.wait(POLL_SECONDS)
    tidying.join()
    if long is not None:
        long.join()
    done.set()
    beat.join()
    connection.close()


def is_stopping() -> bool:
    """Whether the worker of the present task ends. A long one leaves off then, and has itself done again."""
    stop: Event | None = getattr(_here, "stop", None)
    return stop is not None and stop.is_set()


def _work_on_long(stop: Event) -> None:
    """Do the long tasks that wait, one after the other."""
    _here.stop = stop
    worker, done = _Worker(stop, lambda: None, only=[LONG]), Event()
    Thread(target=_beat, args=(worker, done), name="tasks-long-beat", daemon=True).start()
    try:
        worker.empty_the_queue()
    except DatabaseError as error:
        logger.warning("Long tasks wait for the database: %s", error)
    finally:
        done.set()
        connection.close()


@transaction.atomic
def sweep() -> int:
    """Put the tasks of silent workers back into the queue, or give them up. Returns the number of these tasks."""
    silence = timezone.now() - timedelta(seconds=SILENT_SECONDS)
    alive = set(Worker.objects.filter(seen_at__gt=silence).values_list("name", flat=True))
    running = DBTaskResult.objects.running().filter(started_at__lt=silence).select_for_update(skip_locked=True)
    left = [task for task in running if task.worker_ids[-1] not in alive]
    for task in left:
        if len(task.worker_ids) < ATTEMPTS:
            DBTaskResult.objects.filter(pk=task.pk).update(status="READY", started_at=None)
        else:
            _give_up(task)
    Worker.objects.filter(seen_at__lt=timezone.now() - timedelta(days=1)).delete()
    return len(left)


def _give_up(task: DBTaskResult[..., Any]) -> None:
    task.set_failed(RuntimeError(f"{ATTEMPTS} workers died while they ran this task."))
    with suppress(ImportError, SuspiciousOperation):  # a task that this version does not have
        task_finished.send(type(task.task.get_backend()), task_result=task.task_result)


def tidy_if_due(stop: Event) -> bool:
    """Tidy up, unless a worker began to within the last hour. Returns whether it did."""
    if not Chore.objects.begin("tidy", TIDY_EVERY):
        return False
    tidy(stop)
    return True


def begin_daily_chores() -> None:
    """Begin what apps have done once a day (`newsroom.live.registry.daily`), unless a worker has today."""
    for name, begin in registry.chores().items():
        if Chore.objects.begin(name, DAY):
            begin()


def tidy(stop: Event) -> None:
    """Delete what is no longer needed, until `stop` is set: old live events, counters of limits, finished tasks,
    ended sessions. On SQLite the room is given back.
    """
    prune(KEPT_EVENTS_HOURS, stop.is_set)
    steps: list[Callable[[], object]] = [
        limits.prune,
        DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT_TASKS).delete,
        import_module(settings.SESSION_ENGINE).SessionStore.clear_expired,
    ]
    for step in steps:
        if not stop.is_set():
            step()
    give_back(stop.is_set)


def _keep_tidy(stop: Event) -> None:
    while not stop.is_set():
        try:
            tidy_if_due(stop)
            begin_daily_chores()
        except DatabaseError as error:
            logger.warning("Tidying waits for the database: %s", error)
        except Exception:
            logger.exception("tidying failed")
        connection.close()
        stop.wait(TIDY_LOOK_SECONDS)


@dataclass(frozen=True, slots=True)
class Backlog:
    """Tasks that are due and wait, and since when; how many have failed and are still kept; when a worker was last
    heard of. One without tasks is heard of once an hour, when it tidies up.
    """

    waiting: int
    oldest: datetime | None
    failed: int
    seen: datetime | None


def backlog() -> Backlog:
    ready = DBTaskResult.objects.ready().order_by()
    waiting = ready.aggregate(number=Count("pk"), oldest=Min("enqueued_at"))
    failed = DBTaskResult.objects.filter(status="FAILED").count()
    signs = [Worker.objects.aggregate(last=Max("seen_at")), Chore.objects.aggregate(last=Max("begun_at"))]
    seen = max((sign["last"] for sign in signs if sign["last"]), default=None)
    return Backlog(waiting["number"], waiting["oldest"], failed, seen)


class _Worker(TaskWorker):
    def __init__(
        self,
        stop: Event,
        begin_task: Callable[[], None],
        *,
        only: Sequence[str] = ("*",),
        excluded: Sequence[str] = (),
    ) -> None:
        self._stop, self._begin_task = stop, begin_task
        super().__init__(
            queue_names=list(only),
            excluded_queue_names=list(excluded),
            interval=0,
            batch=True,  # returns when the queue is empty, so that an idle worker takes no lock
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{platform.node()[:24]}:{os.getpid()}:{secrets.token_hex(8)}",
        )

    @property
    def running(self) -> bool:
        return not self._stop.is_set()

    @running.setter
    def running(self, value: bool) -> None:
        """Does nothing: `stop` alone decides."""

    def empty_the_queue(self) -> None:
        _tell(self.worker_id)  # before the first claim, so that a worker with a task is always registered
        self.run()

    def run_task(self, db_task_result: DBTaskResult[..., Any]) -> None:
        self._begin_task()
        with on_behalf_of(id_of_task(db_task_result)):
            super().run_task(db_task_result)


def _beat(worker: _Worker, done: Event) -> None:
    while not done.wait(BEAT_SECONDS):
        if worker.running_task:
            try:
                _tell(worker.worker_id)
            except DatabaseError as error:
                logger.warning("A worker cannot tell that it lives: %s", error)
            close_old_connections()
    connection.close()


def _tell(name: str) -> None:
    Worker.objects.update_or_create(name=name, defaults={"seen_at": timezone.now()})
