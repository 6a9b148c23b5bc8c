"""Readers' reactions to comments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from comments.models.comments import Comment

MAX_NAME = 20  # characters of a reaction's name


class Reaction(models.Model):
    """One person's reaction of one kind to one comment. Counted by the fold, into `CommentTally.reactions`."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reactions", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reactions", db_index=False)
    name = models.CharField(max_length=MAX_NAME)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "name", "person"], name="one_reaction_a_kind_and_person"),
        ]
        indexes = [
            models.Index(fields=["person", "comment"], name="reaction_person"),
            models.Index(fields=["comment", "id"], name="reaction_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.comment_id}"


class ImportedVotes(models.Model):
    """The votes that a comment had where it was imported from, which names no voters: `{"like": 3}`. The fold adds them
    to those that it counts.
    """

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="imported_votes")
    counts = models.JSONField()  # {name: number}, only numbers above 0

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.counts}"
