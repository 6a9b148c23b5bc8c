"""Merges of discussions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from comments.models.discussions import Discussion


class Merge(models.Model):
    """The comments of `source` are in `target`, until the merge is undone."""

    source = models.ForeignKey(Discussion, models.CASCADE, related_name="merges", verbose_name=_("discussion"))
    target = models.ForeignKey(Discussion, models.CASCADE, related_name="+", verbose_name=_("merged into"))
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("moderator"),
    )
    comments = models.ManyToManyField(Comment, related_name="+", editable=False)  # those that were moved
    created_at = models.DateTimeField(_("merged at"), default=timezone.now, editable=False)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="merged_into_one"),
            models.CheckConstraint(condition=~Q(source=models.F("target")), name="merged_into_another"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"
