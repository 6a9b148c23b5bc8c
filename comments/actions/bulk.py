"""One decision about many comments. A background task makes it step by step, each like a single decision, and unmakes
it if asked to within ten minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import acting, must_head, must_somewhere
from accounts.duties import EVERYWHERE, Duty
from accounts.models import User
from comments import events
from comments.actions.deciding import checked, checked_words, decide
from comments.actions.undoing import undo_decision
from comments.errors import AlreadyUndone, Busy, CountDiffers, TooLate
from comments.models import BULK_UNDO_WINDOW, BulkItem, BulkJob, Comment, Decision
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import among
from newsroom.errors import Conflict, Invalid, NotFound, Refused

type Seen = tuple[int, int]  # a comment's id, and the version that the moderator saw

AT_ONCE = 50  # comments a step
MOST = 10_000  # comments a job
MOST_UNLED = 500  # comments about which it takes no duty `head`
STALLED = timedelta(minutes=5)  # without a step: its task is lost
_ALONE = {Decision.Action.HOLD, Decision.Action.EDIT, *Decision.MARKS}  # never about many
ACTIONS = [each for each in Decision.Action.values if each not in _ALONE]
_State, _Outcome = BulkJob.State, BulkItem.Outcome


@transaction.atomic
def start_bulk(
    chosen: Sequence[Seen],
    action: str,
    *,
    actor: User,
    reason: str = "",
    text: str = "",
    note: str = "",
    count: int | None = None,
) -> BulkJob:
    """A job that a background task has to go on with (`go_on_with_bulk`): decide as `decide` does on each comment, in
    the version that was seen.

    `count`: their number as a person has typed it in; for more than MOST_UNLED it must be there, and so must the duty
    `head` in all their sections. Raises Forbidden, Invalid, CountDiffers.
    """
    actor = must_somewhere("comments.start_bulk", acting(actor))
    action, reason, note = checked(actor, action, reason, note)
    words = checked_words(text, "", "")
    if action not in ACTIONS:
        raise Invalid(_("Some fields need another look."), errors={"action": [_("One of: %s.") % ", ".join(ACTIONS)]})
    if not 0 < len(chosen) <= MOST:
        sentence = _("Choose at most %d comments.") % MOST if chosen else _("Choose at least one comment.")
        raise Invalid(_("Some fields need another look."), errors={"ids": [sentence]})
    if len(chosen) > MOST_UNLED:
        _must_lead(actor, chosen)
    if count != len(chosen) and (count is not None or len(chosen) > MOST_UNLED):
        sentence = ngettext(
            "This is %d comment: type in this number.", "These are %d comments: type in this number.", len(chosen)
        )
        raise CountDiffers(sentence % len(chosen), count=len(chosen))
    said = {"action": action, "reason": reason, "text": words["text"], "note": note}
    job = BulkJob.objects.create(moderator=actor, count=len(chosen), **said)
    items = [BulkItem(job=job, comment_id=comment, seen=seen) for comment, seen in chosen]
    BulkItem.objects.bulk_create(items, batch_size=1000)
    return job


@transaction.atomic
def cancel_bulk(job_id: int, *, actor: User) -> BulkJob:
    """End one's own job after the step that is under way; what is decided stays. Idempotent. Raises Forbidden,
    NotFound.
    """
    job = _own(job_id, actor, "comments.cancel_bulk")
    if job.state == _State.RUNNING:
        job.state, job.finished_at = _State.CANCELLED, timezone.now()
        job.save(update_fields=["state", "finished_at"])
        events.bulk_changed(job)
    return job


@transaction.atomic
def undo_bulk(job_id: int, *, actor: User) -> BulkJob:
    """Have a background task undo the decisions of one's own job about comments that nobody has touched since.

    Raises Forbidden, NotFound, AlreadyUndone, TooLate; Conflict as long as the job goes on.
    """
    job = _own(job_id, actor, "comments.undo_bulk")
    if job.state == _State.UNDONE:
        raise AlreadyUndone(_("These decisions have been undone already."))
    if job.undoable_until is None:
        raise Conflict(_("They are still being decided: cancel that first."))
    if timezone.now() > job.undoable_until:
        raise TooLate(_("Decisions about many can be undone for ten minutes. Decide anew."))
    job.state, job.finished_at, job.stepped_at = _State.UNDONE, None, timezone.now()
    job.save(update_fields=["state", "finished_at", "stepped_at"])
    events.bulk_changed(job)
    return job


def go_on_with_bulk(job_id: int) -> bool:
    """The next step of a job, of AT_ONCE comments. Returns whether more is left.

    What is written about a comment and that it had its turn commit together. So a step may be cut off or repeated, also
    by several workers at once, and nothing is decided twice.
    """
    job = BulkJob.objects.filter(pk=job_id).first()
    if job is None or not job.is_at_work:
        return False
    return _undo_some(job) if job.state == _State.UNDONE else _decide_some(job)


def stalled(now: datetime) -> QuerySet[BulkJob]:
    """Jobs whose task is lost."""
    return BulkJob.objects.filter(finished_at=None, stepped_at__lt=now - STALLED)


@transaction.atomic
def claim_stalled() -> list[int]:
    """The ids of these jobs. For a while nobody else gets them."""
    now = timezone.now()
    found = list(stalled(now).select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)[:AT_ONCE])
    BulkJob.objects.filter(pk__in=found).update(stepped_at=now)
    return found


def undoable_until(job_id: int) -> datetime | None:
    """Until when at least the decisions of a job may be undone; None: no longer."""
    job, now = BulkJob.objects.filter(pk=job_id).first(), timezone.now()
    if job is None:
        return None
    end = now + BULK_UNDO_WINDOW if job.is_at_work else job.undoable_until
    return end if end and end >= now else None


@transaction.atomic
def _decide_some(job: BulkJob) -> bool:
    held = _hold(job)
    job = _locked(job.pk)
    if job.state != _State.RUNNING:
        return False
    if job.moderator is None:  # erased meanwhile
        job.state, job.finished_at = _State.CANCELLED, timezone.now()
        job.save(update_fields=["state", "finished_at"])
        return False
    for item in job.items.waiting().filter(comment__in=held).order_by("id"):
        _decide(job, job.moderator, item)
    is_over, job.stepped_at = not job.items.waiting().exists(), timezone.now()
    if is_over:
        job.state, job.finished_at = _State.DONE, job.stepped_at
    job.save(update_fields=["state", "done", "refused", "why", "stepped_at", "finished_at"])
    events.bulk_changed(job)
    if is_over:
        events.many_decided(job)
    return not is_over


def _hold(job: BulkJob) -> list[int]:
    """Lock the streams of the next comments, all in one order: the first step of a transaction that redacts. Returns
    the ids of these comments, without those that a merge has moved meanwhile: they have their turn later.
    """
    next_ones = list(job.items.waiting().order_by("id").values_list("comment", flat=True)[:AT_ONCE])
    rows = Comment.objects.filter(pk__in=next_ones)
    there = list(rows.only("discussion_id", "author_id"))
    events.hold_streams(*there)
    now = dict(rows.values_list("pk", "discussion_id"))
    return [comment.pk for comment in there if now.get(comment.pk) == comment.discussion_id]


def _decide(job: BulkJob, moderator: User, item: BulkItem) -> None:
    words: dict[str, Any] = {"reason": job.reason, "text": job.text, "note": job.note}
    try:
        decided = decide(item.comment_id, job.action, actor=moderator, seen={item.seen}, job=job.pk, **words)
    except Refused as refused:
        item.outcome, job.refused = _Outcome.REFUSED, job.refused + 1
        job.why[refused.code] = job.why.get(refused.code, 0) + 1
    else:
        item.outcome, item.decision, job.done = _Outcome.DONE, decided.ruling, job.done + 1
    item.save(update_fields=["outcome", "decision"])


def _undo_some(job: BulkJob) -> bool:
    """Each in a transaction of its own, since an undoing waits until all events of the discussion are counted."""
    for item in job.items.decided().order_by("id")[:AT_ONCE]:
        outcome = _undone(job, item)
        if outcome:
            job.items.decided().filter(pk=item.pk).update(outcome=outcome)
    with transaction.atomic():
        job = _locked(job.pk)
        job.stepped_at = timezone.now()
        job.undone = job.items.filter(outcome=_Outcome.UNDONE).count()
        job.left = job.items.filter(outcome=_Outcome.LEFT).count()
        is_over = not job.items.decided().exists()
        if is_over and job.is_at_work:
            job.finished_at = job.stepped_at
        job.save(update_fields=["undone", "left", "stepped_at", "finished_at"])
        events.bulk_changed(job)
    return not is_over


def _undone(job: BulkJob, item: BulkItem) -> BulkItem.Outcome | None:
    """What became of it; None: its turn comes again."""
    if job.moderator is None:  # erased meanwhile
        return _Outcome.LEFT
    try:
        undo_decision(item.decision_id or 0, actor=job.moderator, is_bulk=True)
    except AlreadyUndone:  # by hand, or by a step that was cut off
        return _Outcome.UNDONE
    except Busy:
        return None
    except Refused:
        return _Outcome.LEFT
    return _Outcome.UNDONE


def _must_lead(actor: User, chosen: Sequence[Seen]) -> None:
    if actor.sections(Duty.HEAD) == EVERYWHERE:
        return
    rows = Comment.objects.filter(pk__in=among(comment for comment, _seen in chosen))
    for section in rows.values_list("discussion__article__section", flat=True).distinct():
        must_head(actor, section)


def _locked(job_id: int) -> BulkJob:
    rows = BulkJob.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("moderator").get(pk=job_id)


def _own(job_id: int, actor: User, deed: str) -> BulkJob:
    own = BulkJob.objects.select_for_update(no_key=True).filter(pk=job_id, moderator=actor)
    job = own.first() if job_id <= LARGEST_ID else None
    must_somewhere(deed, acting(actor))
    if job is None:
        raise NotFound(_("There is no such job."))
    return job
