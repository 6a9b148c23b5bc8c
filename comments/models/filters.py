"""Filters of the queue that moderators keep under a name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from newsroom.database.columns import LineField

MAX_FILTER_NAME = 60  # characters
MAX_QUERY = 500


class SavedFilter(models.Model):
    """A moderator's own name for a choice of cases. It goes with the account."""

    person: Any = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    name = LineField(_("name"), max_length=MAX_FILTER_NAME)
    query = models.CharField(max_length=MAX_QUERY, blank=True)  # of the queue's address, as `Choice.query` writes it

    class Meta:
        verbose_name = _("saved filter")
        verbose_name_plural = _("saved filters")
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="one_filter_of_a_name")]

    def __str__(self) -> str:
        return self.name
