from __future__ import annotations

from django.db import models


class Limit(models.Model):
    """The last deeds of a key, where no Redis counts them: see newsroom.limits.

    `hits` are the times, in microseconds since 1970, oldest first; from `until` on none of them counts any more.
    """

    key = models.CharField(max_length=150, primary_key=True)
    hits = models.JSONField(default=list)
    until = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "newsroom_limit"

    def __str__(self) -> str:
        return self.key


class Worker(models.Model):
    """A process that runs background tasks, and when it last said that it lives."""

    name = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "newsroom_worker"

    def __str__(self) -> str:
        return self.name
