"""What moderators keep about people."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from articles.models import Section
from comments.models.comments import MAX_WORDS, Decision
from newsroom.database.columns import ProseField

MAX_PERSON_NOTE = 2000  # characters


class WarningQuerySet(models.QuerySet["FormalWarning"]):
    def waiting(self) -> Self:
        """Those that the person must still acknowledge."""
        return self.filter(acknowledged_at=None, withdrawn_at=None)


class FormalWarning(models.Model):
    """A moderator's warning. Its person must acknowledge it before they write the next comment. `User.warned_at` says
    since when one waits for that.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, verbose_name=_("person")
    )
    section = models.ForeignKey(Section, models.SET_NULL, null=True, related_name="+", db_index=False)  # of the duty
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="warnings")  # that it came with
    issued_by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("moderator")
    )
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    text = ProseField(_("words to the person"), max_length=MAX_WORDS, blank=True, default="")
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)
    acknowledged_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)  # by hand, or as its decision was overturned

    objects = WarningQuerySet.as_manager()

    class Meta:
        verbose_name = _("warning")
        verbose_name_plural = _("warnings")
        indexes = [
            models.Index(fields=["person", "-id"], name="warning_of"),
            models.Index(
                fields=["person", "id"],
                condition=models.Q(acknowledged_at=None, withdrawn_at=None),
                name="warning_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} #{self.pk}"

    @property
    def subject(self) -> str:
        """Its name in the log and among notifications."""
        return f"warning.{self.pk}"

    @property
    def waits(self) -> bool:
        return self.acknowledged_at is None and self.withdrawn_at is None


class PersonNote(models.Model):
    """A note of a moderator about a person, for moderators alone. It goes with the person's account."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, verbose_name=_("person")
    )
    written_by: Any = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("moderator")
    )
    text = ProseField(_("text"), max_length=MAX_PERSON_NOTE)
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("note about a person")
        verbose_name_plural = _("notes about people")
        indexes = [models.Index(fields=["person", "-id"], name="note_about")]

    def __str__(self) -> str:
        return f"#{self.pk}"
