"""How far people have read discussions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from comments.models.discussions import Discussion


class ReadMark(models.Model):
    """How far a person has read a discussion, on whatever device: the highest `order` of a comment that they had in a
    page. It never falls.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="+")
    place = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "discussion"], name="one_read_mark_a_discussion")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.discussion_id} → {self.place}"
