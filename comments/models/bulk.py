"""One decision about many comments, made in the background: `comments.actions.bulk` alone writes these rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from comments.models.comments import MAX_NOTE, MAX_WORDS, Comment, Decision
from newsroom.database.columns import LineField, ProseField

BULK_UNDO_WINDOW = timedelta(minutes=10)  # from the end of a job


class BulkJob(models.Model):
    """A moderator's decision about many comments, how far it is, and what became of it."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        UNDONE = "undone", _("Undone")  # as long as `finished_at` is NULL, its decisions are being undone

    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    moderator = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="bulk_jobs")
    action = models.CharField(max_length=9, choices=Decision.Action)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default="")
    text = ProseField(max_length=MAX_WORDS, blank=True, default="")  # to the authors
    note = LineField(max_length=MAX_NOTE, blank=True, default="")
    count = models.PositiveIntegerField()  # comments that were chosen
    done = models.PositiveIntegerField(default=0)  # of these, decided
    refused = models.PositiveIntegerField(default=0)  # of these, not decided
    why = models.JSONField(default=dict)  # code of a refusal → number
    undone = models.PositiveIntegerField(default=0)  # of the decided, undone
    left = models.PositiveIntegerField(default=0)  # of the decided, left alone by the undoing
    created_at = models.DateTimeField(default=timezone.now)
    stepped_at = models.DateTimeField(default=timezone.now)  # when its task last did something
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["stepped_at"], condition=Q(finished_at=None), name="bulk_at_work")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.done}/{self.count}"

    @property
    def subject(self) -> str:
        """Its name in the log."""
        return f"bulk.{self.pk}"

    @property
    def is_at_work(self) -> bool:
        return self.finished_at is None

    @property
    def undoable_until(self) -> datetime | None:
        """None: it is at work, or undone."""
        is_over = self.state in {self.State.DONE, self.State.CANCELLED}
        return self.finished_at + BULK_UNDO_WINDOW if is_over and self.finished_at else None


class BulkItemQuerySet(models.QuerySet["BulkItem"]):
    def waiting(self) -> Self:
        """Those that have not had their turn."""
        return self.filter(outcome="")

    def decided(self) -> Self:
        """Those whose decision has not had its turn to be undone."""
        return self.filter(outcome="done")


class BulkItem(models.Model):
    """One of the comments of a job, in the version in which it was chosen."""

    class Outcome(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"
        UNDONE = "undone"
        LEFT = "left"

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items", db_index=False)
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="+", db_index=False)
    seen = models.PositiveIntegerField()
    outcome = models.CharField(max_length=7, choices=Outcome, blank=True, default="")
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="bulk_item")

    objects = BulkItemQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "comment"], name="a_comment_once_a_job")]
        indexes = [
            models.Index(fields=["job", "id"], condition=Q(outcome=""), name="bulk_waiting"),
            models.Index(fields=["job", "id"], condition=Q(outcome="done"), name="bulk_done"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: #{self.comment_id}"
