from __future__ import annotations

from django.db import models


class Limit(models.Model):
    """A counter of `newsroom.limits` where no Redis counts: `tat` is the theoretical arrival time.

    Microseconds since 1970. Rows whose time has passed mean nothing and may be deleted.
    """

    key = models.CharField(max_length=150, primary_key=True)
    tat = models.BigIntegerField(db_index=True)

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
