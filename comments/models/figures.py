"""What was decided on which day, as the folds count it."""

from __future__ import annotations

from django.db import models

from comments.models.comments import Decision
from comments.models.rules import MAX_RULE_NAME
from newsroom.database.columns import LineField


class DayTally(models.Model):
    """The fold's number of decisions that stand, of one kind and day. Section and moderator are ids, 0 for none, and
    outlive both.
    """

    NO_WAIT = -1

    day = models.DateField()  # in the site's time zone
    section = models.BigIntegerField(default=0)
    rule = LineField(max_length=MAX_RULE_NAME, blank=True)  # that decided, or had held the comment
    moderator = models.BigIntegerField(default=0)
    action = models.CharField(max_length=9, choices=Decision.Action)
    # How long the oldest case had waited that the decision closed: a bucket of `comments.waits`.
    wait = models.SmallIntegerField(default=NO_WAIT)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "section", "rule", "moderator", "action", "wait"], name="one_tally_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.action}: {self.count}"
