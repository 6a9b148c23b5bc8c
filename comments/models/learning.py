"""Models that have learned from moderators' decisions. `comments.actions.learning` makes them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class LearnedModel(models.Model):
    """A version of the model for a language, with the figures that were measured on decisions it had not seen.

    Its weights hold no fragment of any text; nobody is shown them.
    """

    language = models.CharField(max_length=8)
    version = models.PositiveIntegerField()  # of this language, from 1
    weights = models.BinaryField()  # see `comments.moderation.learning.Model.packed`
    taught = models.PositiveIntegerField()  # decisions
    taught_bad = models.PositiveIntegerField()  # of these, not to publish
    held_out = models.PositiveIntegerField()  # decisions to measure by
    held_out_bad = models.PositiveIntegerField()
    points = models.JSONField(default=dict)  # percent of precision → [threshold, precision, recall]
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["language", "version"], name="one_model_a_version")]

    def __str__(self) -> str:
        return f"{self.language} {self.version}"
