"""Drafts of comments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from comments.models.comments import Comment
from comments.models.discussions import MAX_TEXT, Discussion
from newsroom.database.columns import ProseField


class Draft(models.Model):
    """A person's only draft in a discussion, on all devices."""

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="drafts", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    parent = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="+")
    text = ProseField(max_length=MAX_TEXT)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["discussion", "person"], name="one_draft_a_discussion_and_person"),
            models.CheckConstraint(condition=~Q(text=""), name="draft_has_text"),
        ]

    def __str__(self) -> str:
        return self.text[:40]
