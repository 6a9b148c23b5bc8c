"""What is done in the background: followers of a discussion are notified, in chunks, many comments are decided, rules
are run over many, models learn, and files of other systems come in.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import batched
from typing import Any

from django.db import transaction
from django.tasks import TaskResult, TaskResultStatus, task

from accounts.events import notify
from comments.access import followers_of
from comments.actions.bulk import claim_stalled, go_on_with_bulk
from comments.actions.imports import interrupt_import
from comments.actions.learning import learn_from_decisions
from comments.actions.running import go_on_with_run, interrupt_run
from comments.models import Discussion, Ignored
from newsroom.server.worker import LONG, is_stopping

CHUNK = 100  # people a transaction


@task
def tell_followers(discussion_id: int) -> None:
    """Notify everybody who follows the discussion, except the author of the last comment and whoever
    ignores them.
    """
    people = sorted(followers_of(discussion_id))
    for chunk in batched(people, CHUNK):
        with transaction.atomic():
            rows = Discussion.objects.listed().select_related("article", "tally__last_comment")
            found = rows.filter(pk=discussion_id).first()
            if found is None or found.tally.last_comment is None:  # no longer public, or all comments were taken down
                return
            author = found.tally.last_comment.author_id
            deaf = {author} | Ignored.objects.ignorers(author, chunk)
            others = [person for person in chunk if person not in deaf]
            subject = f"comment.{found.tally.last_comment_id}"
            if others:
                notify(others, "discussion.active", subject, found.title, found.get_absolute_url())


@task
def work_on_bulk(job: int) -> None:
    """One step of a job. The next is a task of its own, so that what else waits has its turn in between."""
    if go_on_with_bulk(job):
        work_on_bulk.enqueue(job)


def resume_bulk() -> int:
    """Go on with jobs whose task is lost, as after an error of the database. Returns their number."""
    found = claim_stalled()
    for job in found:
        work_on_bulk.enqueue(job)
    return len(found)


@task
def run_rule(run: int) -> None:
    """Run a rule over many comments. May run twice: it goes on where it was."""
    go_on_with_run(run)


@task
def learn() -> None:
    """Have the rule `learned` learn from the decisions that stand."""
    learn_from_decisions()


@task(queue_name=LONG)
def move_in(job: int) -> None:
    """Look the file of an import through, or bring in what is in it. The next worker goes on where one stops."""
    from comments.importers import jobs  # readers of ten formats, which a process that serves need not hold

    if jobs.work(job, is_stopping):
        move_in.enqueue(job)


# What waits for these tasks, and shows how far they are, is told if one fails. Bulk jobs go on by themselves.
_WAITING: dict[str, Callable[[int], None]] = {
    move_in.module_path: interrupt_import,
    run_rule.module_path: interrupt_run,
}


def interrupt_what_waits(sender: object, task_result: TaskResult[Any, Any], **unused: Any) -> None:
    """Receives `task_finished`: a task that ended in an error, or was given up, does not go on by itself."""
    interrupt = _WAITING.get(task_result.task.module_path)
    if interrupt and task_result.status == TaskResultStatus.FAILED:
        interrupt(*task_result.args)
