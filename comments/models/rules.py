"""Moderators' rules, what they have found, and what is known of an author. `comments.actions` writes rules and hits;
only `comments.folds` writes `AuthorTally`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Self

from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from articles.models import Section
from comments.models.comments import Comment, CommentRevision, Decision
from newsroom.database.columns import LineField
from newsroom.database.statements import among, is_postgresql, many

MAX_RULE_NAME = 40
MAX_DETAIL = 200


# LIMIT comes before any join.
_NEWEST_ON_POSTGRESQL = (
    "SELECT found.id FROM unnest((SELECT %s::bigint[])) AS line(id) CROSS JOIN LATERAL (SELECT id"
    " FROM comments_rulehit WHERE rule_id = line.id ORDER BY id DESC LIMIT %s) AS found"
)
_NEWEST_ON_SQLITE = (
    "SELECT found.id FROM json_each(%s) AS line CROSS JOIN comments_rulehit AS found ON found.id IN"
    " (SELECT id FROM comments_rulehit WHERE rule_id = line.value ORDER BY id DESC LIMIT %s)"
)


class RuleBook(models.Model):
    """One row. Its edition changes with every change of a rule, so that each process knows whether what it has read is
    still true.
    """

    edition = models.UUIDField(default=uuid.uuid4)

    def __str__(self) -> str:
        return str(self.edition)


class Rule(models.Model):
    """A rule for texts. In shadow its findings are stored and change nothing."""

    class Action(models.TextChoices):
        FLAG = "flag", _("Flag")
        CENSOR = "censor", _("Replace the words")
        HOLD = "hold", _("Hold")
        REFUSE = "refuse", _("Refuse")

    class Mode(models.TextChoices):
        LIVE = "live", _("Live")
        SHADOW = "shadow", _("In shadow")
        OFF = "off", _("Off")

    name = LineField(_("name"), max_length=MAX_RULE_NAME, unique=True)
    kind = models.CharField(_("kind"), max_length=20)  # of `comments.moderation.KINDS`
    settings = models.JSONField(_("settings"), default=dict)  # see `comments.moderation.settings_of`
    action = models.CharField(_("action"), max_length=6, choices=Action)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode, default=Mode.SHADOW)
    section = models.ForeignKey(  # NULL: everywhere. Without its section a rule would hold everywhere.
        Section, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("section")
    )
    until = models.DateTimeField(_("until"), null=True, blank=True)  # NULL: for good
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_by = models.ForeignKey(User, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """Its name in the record of deeds."""
        return f"rule.{self.pk}"


class RuleHitQuerySet(models.QuerySet["RuleHit"]):
    def newest_of(self, rules: Collection[int], number: int) -> Self:
        """At most so many of the newest hits of each of these rules."""
        newest = RawSQL(_NEWEST_ON_POSTGRESQL if is_postgresql() else _NEWEST_ON_SQLITE, [many(rules), number])  # noqa: S611
        return self.filter(pk__in=newest)

    def of(self, comments: Iterable[int]) -> dict[int, list[RuleHit]]:
        """By comment: what live rules have found in its present text."""
        found: dict[int, list[RuleHit]] = {}
        ids = list(comments)
        for hit in self.filter(comment__in=among(ids), revision=None, is_shadow=False).order_by("id") if ids else ():
            found.setdefault(hit.comment_id, []).append(hit)
        return found


class RuleHit(models.Model):
    """What a rule has found in a comment. Name, kind and version of the rule are those at that time; one that is built
    in has no row.
    """

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="hits")
    # NULL: of the text that the comment has now.
    revision = models.ForeignKey(CommentRevision, models.CASCADE, null=True, related_name="hits", db_index=False)
    decision = models.ForeignKey(Decision, models.SET_NULL, null=True, related_name="hits")  # NULL: it decided nothing
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="hits", db_index=False)
    name = models.CharField(max_length=MAX_RULE_NAME)
    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=7, choices=Rule.Action)  # `refuse`: in shadow alone
    spans = models.JSONField(default=list)  # [from, to] pairs, half-open, in characters of the stored text
    score = models.FloatField(default=1.0)
    detail = LineField(max_length=MAX_DETAIL, blank=True, default="")  # may quote the text
    is_shadow = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = RuleHitQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["rule", "-id"], name="hit_newest")]

    def __str__(self) -> str:
        return f"{self.name} #{self.comment_id}"


class RuleRun(models.Model):
    """What a rule would have done to the last comments. It is looked at from the newest comment back."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        STOPPED = "stopped", _("Interrupted")  # its task is given up

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="runs")
    version = models.PositiveIntegerField()  # of the rule when the run began
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    count = models.PositiveIntegerField()  # comments to look at
    done = models.PositiveIntegerField(default=0)
    hits = models.PositiveIntegerField(default=0)
    states = models.JSONField(default=dict)  # state of a comment → number of those that it has found
    samples = models.JSONField(default=list)  # [{comment, spans}], the newest first
    last = models.BigIntegerField()  # the oldest comment to look at
    after = models.BigIntegerField()  # those before this one are left
    started_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.done}/{self.count}"


class AuthorTally(models.Model):
    """The folds' counts for an author; no row means nothing yet."""

    # No constraint: a fold may count a comment while its author's account is deleted.
    author = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    published = models.PositiveIntegerField(default=0)  # comments that became public
    linked = models.PositiveIntegerField(default=0)  # of these with links
    rejected = models.PositiveIntegerField(default=0)  # by moderators
    removed = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)  # after either

    def __str__(self) -> str:
        return f"{self.author_id}: {self.published}"
