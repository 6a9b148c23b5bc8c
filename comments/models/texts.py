"""Words to authors that moderators keep ready."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from comments.models.comments import MAX_WORDS
from newsroom.database.columns import ProseField


class CannedText(models.Model):
    """What a decision for this reason may say to an author who reads this language."""

    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    text = ProseField(_("words to the author"), max_length=MAX_WORDS)
    changed_by: Any = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    changed_at = models.DateTimeField(_("changed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("text that is kept ready")
        verbose_name_plural = _("texts that are kept ready")
        indexes = [models.Index(fields=["language", "reason", "id"], name="text_for")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} ({self.language}) #{self.pk}"

    @property
    def subject(self) -> str:
        """Its name in the record of deeds."""
        return f"text.{self.pk}"
