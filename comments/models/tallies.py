"""Tallies of discussions, written only by `comments.folds`; and idempotency keys, written by posting."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from comments.models.comments import Comment
from comments.models.discussions import Discussion


class DiscussionTally(models.Model):
    """The fold's counts for a discussion up to its stream's top."""

    discussion = models.OneToOneField(Discussion, models.CASCADE, primary_key=True, related_name="tally")
    comment_count = models.PositiveIntegerField(default=0)  # published, replies included
    # The time of the last comment, otherwise of the discussion itself.
    last_activity = models.DateTimeField(default=timezone.now)
    last_comment = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="+", db_index=False)
    last_order = models.BigIntegerField(default=0)  # the highest order given so far
    version = models.PositiveBigIntegerField(default=0)  # of the discussion as a public object: rises with each event
    announced = models.PositiveBigIntegerField(default=0)  # the version last published on `chats`
    announced_at = models.DateTimeField(null=True)
    followers_told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-last_activity", "-discussion"], name="discussion_active"),
            models.Index(fields=["discussion"], condition=Q(version__gt=F("announced")), name="discussion_unannounced"),
        ]

    def __str__(self) -> str:
        return f"{self.discussion_id}: {self.comment_count}"


class CommentTally(models.Model):
    """The fold's counts for one comment; no row means nothing yet."""

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="tally")
    reply_count = models.PositiveIntegerField(default=0)  # published; for a top-level comment all below it
    is_out = models.BooleanField(default=False)  # taken down, hence no longer counted above
    reactions = models.JSONField(default=dict)  # {name: number of people}, only numbers above 0
    rounds = models.PositiveIntegerField(default=0)  # how often reactions were counted

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.reply_count}"


class IdempotencyKey(models.Model):
    """The first answer to an idempotency key; a repeated request gets the same status. Kept for 48 hours."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")  # NULL: not committed yet
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return str(self.key)
