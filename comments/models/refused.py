"""Texts that a rule did not let in, for moderators alone. `comments.actions.refusing` keeps and forgets them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.duties import Duty, within
from comments.models.comments import Comment
from comments.models.discussions import MAX_TEXT, Discussion
from newsroom.database.columns import LineField, ProseField

if TYPE_CHECKING:
    from accounts.models import User

KEPT = timedelta(days=7)


class RefusedTextQuerySet(models.QuerySet["RefusedText"]):
    def kept(self) -> Self:
        """Those that moderators may still read."""
        return self.filter(created_at__gt=timezone.now() - KEPT)

    def moderated_by(self, viewer: User) -> Self:
        """Those in the sections that `viewer` moderates."""
        return self.filter(within(viewer.sections(Duty.MODERATE), "discussion__article__section"))


class RefusedText(models.Model):
    """A text that was never published, nor stored as a comment. It goes with its author's account."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="+")
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")  # that it would have changed
    text = ProseField(max_length=MAX_TEXT)
    rule = LineField(max_length=40)  # the name that the deciding rule had
    kind = models.CharField(max_length=20)
    hits = models.JSONField(default=list)  # all verdicts, see `comments.verdicts.verdict_json`
    created_at = models.DateTimeField(default=timezone.now)

    objects = RefusedTextQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="refused_age"),
            models.Index(fields=["author", "-id"], name="refused_by"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} #{self.pk}"
