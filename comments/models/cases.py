"""What waits for moderators: cases, readers' reports, and how many there are. `comments.actions.cases` opens and closes
them; only `comments.folds` writes `QueueTally`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from articles.models import Section
from comments.models.comments import MAX_NOTE, Comment, Decision
from comments.models.discussions import Discussion
from newsroom.database.columns import ProseField
from newsroom.database.statements import is_postgresql, many

MAX_REPORT = 1000  # characters of a reporter's own words
# The newest reports of each of several cases, however many a case has. LIMIT comes before any join.
_NEWEST_ON_POSTGRESQL = (
    "SELECT found.id FROM unnest((SELECT %s::bigint[])) AS line(id) CROSS JOIN LATERAL (SELECT id"
    " FROM comments_report WHERE case_id = line.id ORDER BY id DESC LIMIT %s) AS found"
)
_NEWEST_ON_SQLITE = (
    "SELECT found.id FROM json_each(%s) AS line CROSS JOIN comments_report AS found ON found.id IN"
    " (SELECT id FROM comments_report WHERE case_id = line.value ORDER BY id DESC LIMIT %s)"
)


class CaseQuerySet(models.QuerySet["Case"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def with_all(self) -> Self:
        """With all rows that its JSON is made of."""
        beside = ("comment__author", "comment__tally", "comment__parent__author", "section", "claimed_by", "decision")
        rows = self.select_related(*beside, *Case.HANDS, "comment__discussion__article")
        return rows.defer("comment__discussion__article__body", "comment__parent__html")


class Case(models.Model):
    """Something about a comment that a moderator has to decide. A comment has at most one open case of each kind.

    A case outlives comment and discussion: neither is ever deleted while there is one.
    """

    class Kind(models.TextChoices):
        HELD = "held", _("Held")
        REPORTED = "reported", _("Reported")
        APPEALS = "appeals", _("Appeals")
        NOTICES = "notices", _("Notices")

    HANDS = ("handed_by", "handed_to")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    comment = models.ForeignKey(Comment, models.PROTECT, related_name="cases", verbose_name=_("comment"))
    discussion = models.ForeignKey(Discussion, models.PROTECT, related_name="+", db_index=False)
    section = models.ForeignKey(Section, models.SET_NULL, null=True, related_name="+", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )  # of the comment
    rank = models.IntegerField(default=0)  # the lowest comes first
    reports = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict)  # Reason code → number of reports
    opened_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    claimed_until = models.DateTimeField(null=True)
    # Who has asked whom to decide, the last time that somebody did.
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    handed_note = ProseField(max_length=MAX_NOTE, blank=True, default="", db_default="")  # for moderators only
    handed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="cases", db_index=False)
    # Where the fold counts it: in the number of all cases, and in that of the section with this id.
    is_tallied = models.BooleanField(default=False, editable=False)
    tallied_section = models.BigIntegerField(null=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(fields=["comment", "kind"], condition=Q(closed_at=None), name="one_open_case"),
        ]
        indexes = [
            models.Index(fields=["kind", "rank", "id"], condition=Q(closed_at=None), name="case_kind"),
            models.Index(fields=["section", "kind", "rank", "id"], condition=Q(closed_at=None), name="case_section"),
            models.Index(fields=["author"], condition=Q(closed_at=None), name="case_author"),
            models.Index(fields=["discussion"], condition=Q(closed_at=None), name="case_discussion"),
            models.Index(fields=["kind", "id"], condition=Q(closed_at=None), name="case_age"),
            models.Index(fields=["rank", "id"], condition=Q(closed_at=None), name="case_of_any_kind"),
            models.Index(fields=["id"], condition=Q(closed_at=None), name="case_open"),
            models.Index(fields=["claimed_until"], condition=Q(claimed_until__isnull=False), name="case_claimed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def weight(self) -> int:
        """The heaviest comes first."""
        return -self.rank

    @property
    def subject(self) -> str:
        """Its name in the record of deeds. In the log it has the comment's, so it is redacted together with that."""
        return f"case.{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def claim_at(self, now: datetime) -> Any:
        """The moderator who reads it now; None if nobody does."""
        return self.claimed_by if self.claimed_until and self.claimed_until > now and self.is_open else None


class ReportQuerySet(models.QuerySet["Report"]):
    def waiting(self) -> Self:
        """Those of which no moderator has decided anything yet."""
        return self.filter(outcome="")

    def newest_of(self, cases: Collection[int], number: int) -> dict[int, list[Report]]:
        """Case → at most so many of its reports, the newest first, with reporters and their tallies."""
        if not cases:
            return {}
        newest = RawSQL(_NEWEST_ON_POSTGRESQL if is_postgresql() else _NEWEST_ON_SQLITE, [many(cases), number])  # noqa: S611
        found: dict[int, list[Report]] = {}
        for each in self.filter(pk__in=newest).select_related("reporter__reporter_tally").order_by("-id"):
            found.setdefault(each.case_id or 0, []).append(each)
        return found


class Report(models.Model):
    """A reader's word that a comment breaks the rules; one for each person and comment."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Not upheld")
        GONE = "gone", _("Withdrawn by its author")

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="reports")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="reported", db_index=False)  # NULL: none yet
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="reports")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    text = ProseField(_("text"), max_length=MAX_REPORT, blank=True, default="")
    version = models.PositiveIntegerField()  # of the comment, as readers see it
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reporter"], condition=Q(reporter__isnull=False), name="one_report_a_person"
            ),
        ]
        indexes = [models.Index(fields=["case", "-id"], condition=Q(case__isnull=False), name="report_newest")]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} #{self.comment_id}"


class ReporterTally(models.Model):
    """How many of a person's reports were upheld and how many were not, for moderators only."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="reporter_tally"
    )
    made = models.PositiveIntegerField(default=0)
    upheld = models.PositiveIntegerField(default=0)
    dismissed = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.person_id}: {self.upheld}/{self.made}"


class QueueTally(models.Model):
    """The fold's number of open cases of a kind, of a section or (NULL) of all, up to the stream's top."""

    section = models.ForeignKey(Section, models.CASCADE, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Case.Kind)
    count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["section", "kind"], name="one_tally_a_section"),
            models.UniqueConstraint(fields=["kind"], condition=Q(section=None), name="one_tally_of_all"),
        ]

    def __str__(self) -> str:
        return f"{self.section_id or 'all'} {self.kind}: {self.count}"
