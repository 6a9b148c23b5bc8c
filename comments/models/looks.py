"""Second looks: a decision that stands is judged once more, by somebody who does not know what was decided."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.duties import Duty, within
from accounts.reasons import Reason
from articles.models import Section
from comments.models.comments import Comment, Decision
from comments.models.rules import MAX_RULE_NAME

if TYPE_CHECKING:
    from accounts.models import User

OPEN_FOR = timedelta(days=14)


class SecondLookQuerySet(models.QuerySet["SecondLook"]):
    def waiting_for(self, moderator: User, now: datetime) -> Self:
        """Those that `moderator` may judge: of decisions of others that stand and were not overturned, about a text
        that is the same, and about comments of which this moderator has never decided anything.
        """
        decisions = Decision.objects.filter(comment=OuterRef("decision__comment"))
        later = decisions.filter(undone_at=None, pk__gt=OuterRef("decision"))
        known = Q(decision__moderator=moderator) | Q(decision__comment__author=moderator)
        as_it_was = Q(decision__comment__edited_at=None) | Q(decision__comment__edited_at__lt=F("decision__created_at"))
        return self.filter(
            within(moderator.sections(Duty.MODERATE), "section"),
            as_it_was,
            ~Exists(later),
            ~Exists(decisions.filter(moderator=moderator)),
            judged_at=None,
            opens_at__gt=now - OPEN_FOR,
            opens_at__lte=now,
            decision__undone_at=None,
            decision__comment__state__in=[Comment.State.PUBLISHED, Comment.State.REJECTED, Comment.State.REMOVED],
        ).exclude(known)


class SecondLook(models.Model):
    """A decision that is judged once more. What is judged here changes nothing about the comment."""

    class Verdict(models.TextChoices):
        STAND = "stand", _("Let it stand")
        DOWN = "down", _("Take it down")

    decision = models.OneToOneField(Decision, models.PROTECT, related_name="second_look")
    section = models.ForeignKey(Section, models.SET_NULL, null=True, related_name="+", db_index=False)
    rule = models.CharField(max_length=MAX_RULE_NAME, blank=True)  # that had held the comment
    opens_at = models.DateTimeField()  # when the decision can no longer be undone
    verdict = models.CharField(max_length=5, choices=Verdict, blank=True)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)  # to take it down
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    judged_at = models.DateTimeField(null=True)
    agrees = models.BooleanField(null=True)  # with what was decided
    created_at = models.DateTimeField(default=timezone.now)

    objects = SecondLookQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["opens_at", "id"], condition=Q(judged_at=None), name="look_open"),
            models.Index(fields=["judged_at", "id"], condition=Q(judged_at__isnull=False), name="look_judged"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.verdict or '–'}"
