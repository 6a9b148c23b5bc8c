from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.utils import timezone


class Limit(models.Model):
    """The recent hits of a key under a limit, if Redis does not count them: see newsroom.limits.

    `hits` are times in microseconds since 1970, oldest first. From `until` on none of them counts any more.
    """

    key = models.CharField(max_length=150, primary_key=True)
    hits = models.JSONField(default=list)
    until = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "newsroom_limit"

    def __str__(self) -> str:
        return self.key


class Worker(models.Model):
    """A process that runs background tasks, and its last sign of life."""

    name = models.CharField(max_length=64, primary_key=True)
    seen_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "newsroom_worker"

    def __str__(self) -> str:
        return self.name


class ChoreQuerySet(models.QuerySet["Chore"]):
    def begin(self: Self, name: str, every: timedelta) -> bool:
        """Claim the chore if it is due. Returns whether the caller has it; then nobody else gets it until `every` has
        passed.

        A row and no advisory lock: that would be lost behind a PgBouncer, and SQLite has none.
        """
        now: datetime = timezone.now()
        if self.get_or_create(name=name, defaults={"begun_at": now})[1]:
            return True
        return self.filter(name=name, begun_at__lte=now - every).update(begun_at=now) == 1


class Chore(models.Model):
    """A chore for one of all workers at a time, and when a worker last began it."""

    name = models.CharField(max_length=64, primary_key=True)
    begun_at = models.DateTimeField()

    objects = ChoreQuerySet.as_manager()

    class Meta:
        db_table = "newsroom_chore"

    def __str__(self) -> str:
        return self.name
