"""Mails about what was decided. Each waits until its decision can no longer be undone, and is not sent if it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.tasks import task
from django.utils import timezone

from accounts.models import Notification, Sanction
from accounts.notifications import mails
from accounts.notifications.telling import TABLE
from accounts.reasons import Reason
from newsroom.formats.moments import in_words

WAIT = timedelta(seconds=65)  # a decision can be undone for 60
SLACK = timedelta(seconds=5)  # after what can be undone for longer
MAILED = frozenset(told.kept for deed in TABLE.values() for told in deed if told.mail)
UNDONE = "undone"  # in `details` of what was read before it was undone


_jobs: list[Callable[[int], datetime | None]] = []


def wait_for_jobs(undoable_until: Callable[[int], datetime | None]) -> None:
    """Have what is told about a job wait until `undoable_until(job)`, which may get later; None: no longer."""
    _jobs.append(undoable_until)


def undoable_until(job: int | None) -> datetime | None:
    """Until when what the job did can be undone; None: no longer, or there is no job."""
    return max((at for ask in _jobs if job and (at := ask(job))), default=None)


def announce(notifications: Iterable[Notification], job: int | None = None) -> None:
    """Queue the mails about these, as the table says. The caller's transaction holds them back until it commits.

    `job`: see `wait_for_jobs`.
    """
    of_job = () if job is None else (job,)
    if mail_about.get_backend().supports_defer:  # without delay there would be mails about what is undone
        for each in notifications:
            if each.kind in MAILED:
                mail_about.using(run_after=timezone.now() + WAIT).enqueue(each.pk, *of_job)


@task
def mail_about(notification: int, job: int | None = None) -> None:
    """Send the mail, unless the decision was undone or the person may not be written to."""
    later = undoable_until(job)
    if later is not None:
        mail_about.using(run_after=later + SLACK).enqueue(notification, job)
        return
    found = Notification.objects.select_related("user").filter(pk=notification).first()
    if found is None or found.details.get(UNDONE) or not (found.user.is_active and found.user.is_confirmed):
        return
    known = found.details
    context = {
        "user": found.user,
        "kind": found.kind,
        "title": found.title,
        "reason": Reason(known["reason"]).label if known.get("reason") in Reason.values else "",
        "norm": known.get("norm", ""),
        "text": " ".join(known.get("text", "").split()),  # a paragraph that is an address would become a link
        "scope": Sanction.Scope(known["scope"]).label if known.get("scope") in Sanction.Scope.values else "",
        "until": partial(in_words, datetime.fromisoformat(known["until"])) if known.get("until") else "",
        "place_url": found.url,
    }
    mails.send("account/email/decided", found.user.email, context)
