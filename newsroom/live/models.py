from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q

NAME_LENGTH = 80


def new_epoch() -> str:
    return secrets.token_hex(6)


class Stream(models.Model):
    """The head of one stream. `top` is the offset of its newest event; a stream without a row is at 0.

    `redactions` counts how often events of this stream were redacted. Caches of events compare it to notice that.
    """

    name = models.CharField(max_length=NAME_LENGTH, primary_key=True)
    top = models.BigIntegerField(default=0)
    redactions = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """A fact of a stream. It gets its `offset` (1, 2, 3 … without gaps) after its transaction has committed.

    `stream` is a name and not a foreign key: the key share lock on the stream would make writers wait for the
    numbering. `data` is NULL once redacted; such an event is delivered as `void`. `key` is the request's idempotency
    key.
    """

    stream = models.CharField(max_length=NAME_LENGTH)
    offset = models.BigIntegerField(null=True, editable=False)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    data = models.JSONField(null=True)
    key = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["stream", "id"], name="event_unnumbered", condition=Q(offset=None)),
            models.Index(fields=["subject"], name="event_subject"),
        ]
        constraints = [models.UniqueConstraint(fields=["stream", "offset"], name="event_position")]

    def __str__(self) -> str:
        return f"{self.stream}@{self.offset} {self.kind}"


class Epoch(models.Model):
    """One row for the whole log. On PostgreSQL the table is unlogged: a crash, a promotion or a restore empties it.

    In these cases offsets may be given twice. A process that finds no row writes a new one, with a new name. `origin`
    is the database that the epoch was made in: a copy of it gets a new epoch, too. See `newsroom.live.epoch`.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.CharField(max_length=24, default=new_epoch)
    origin = models.CharField(max_length=80, default="", db_default="")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="epoch_is_one")]

    def __str__(self) -> str:
        return self.value
