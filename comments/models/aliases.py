"""Other addresses of a foreign page."""

from __future__ import annotations

from django.db import models

from comments.addresses import MAX_URL
from comments.models.discussions import Discussion


class Alias(models.Model):
    """Another canonical address by which a discussion is found."""

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="aliases")
    url = models.URLField(max_length=MAX_URL, unique=True)

    def __str__(self) -> str:
        return self.url
