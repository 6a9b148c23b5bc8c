"""Whose comments a reader does not want to see."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone

MOST_IGNORED = 500  # people a reader


class IgnoredQuerySet(models.QuerySet["Ignored"]):
    def ignorers(self, author: int | None, people: Iterable[int]) -> set[int]:
        """Those of `people` who ignore this author."""
        return set(self.filter(person=author, reader__in=people).values_list("reader", flat=True))


class Ignored(models.Model):
    """`reader` sees the comments of `person` folded, and is not told of them. Only the reader may learn of it."""

    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = IgnoredQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "person"], name="ignored_once")]

    def __str__(self) -> str:
        return f"{self.reader_id}: {self.person_id}"
