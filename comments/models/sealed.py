"""E-mail addresses of imported authors, sealed, by which a person proves that they are theirs."""

from __future__ import annotations

from django.db import models

from newsroom.database.columns import LineField


class SealedAddress(models.Model):
    """A keyed hash of the address under which somebody wrote elsewhere. It tells nothing without the site's key, and
    only a person with that confirmed address can be given the comments. Shown to nobody.
    """

    source = models.CharField(max_length=20)  # as in their comments, like `author_key`
    author_key = LineField(max_length=100)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "author_key"], name="one_address_an_imported_author")]
        indexes = [models.Index(fields=["digest"], name="sealed_address")]

    def __str__(self) -> str:
        return f"{self.source} {self.author_key}"
