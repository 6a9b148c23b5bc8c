"""What moderators keep about people."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsroom.database.columns import ProseField

MAX_PERSON_NOTE = 2000  # characters


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
