"""How the shift goes: which discussions heat up, and who is at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.access import Viewer
from accounts.duties import within
from accounts.models import User
from comments.access import sections_moderated
from comments.models import Case, Comment, Decision, Discussion, DiscussionTally, Report

LATELY = timedelta(minutes=10)
_MINUTES = LATELY / timedelta(minutes=1)
LIVELIEST = 40  # discussions that are looked at, those with the last comments
MOST = 5
LEAST = 3  # comments, held ones included, without which nothing heats up
_REPORT = 3  # as many comments count as much


@dataclass(frozen=True, slots=True)
class Heat:
    """A discussion of the last minutes. `reports`: those that wait for a decision; `fresh`: of these the last ones."""

    discussion: Discussion
    public: int
    held: int
    reports: int
    fresh: int

    @property
    def a_minute(self) -> float:
        """Comments, also those that are held."""
        return (self.public + self.held) / _MINUTES

    @property
    def reports_a_minute(self) -> float:
        return self.fresh / _MINUTES

    @property
    def share_held(self) -> int:
        """In percent."""
        return round(100 * self.held / (self.public + self.held)) if self.public + self.held else 0


def heating(viewer: Viewer, now: datetime) -> Sequence[Heat]:
    """The liveliest discussions of the sections that `viewer` moderates, the hottest first. One statement."""
    since = now - LATELY
    mine = within(sections_moderated(viewer), "discussion__article__section")
    liveliest = DiscussionTally.objects.filter(mine, last_activity__gte=since).order_by("-last_activity", "-discussion")
    cases = Case.objects.open().filter(discussion=OuterRef("pk")).order_by().values("discussion")
    held = cases.filter(kind=Case.Kind.HELD, opened_at__gte=since).annotate(n=Count("pk")).values("n")
    reports = cases.filter(kind=Case.Kind.REPORTED).annotate(n=Sum("reports")).values("n")
    lately = Report.objects.filter(case__discussion=OuterRef("pk"), case__closed_at=None, created_at__gte=since)
    fresh = lately.order_by().values("case__discussion").annotate(n=Count("pk")).values("n")
    said = Comment.objects.filter(discussion=OuterRef("pk"), order__gte=int(since.timestamp() * 1_000_000))
    public = said.filter(state=Comment.State.PUBLISHED).order_by().values("discussion").annotate(n=Count("pk"))
    numbers: Any = {"public_n": public.values("n"), "held_n": held, "reports_n": reports, "fresh_n": fresh}
    rows: Any = (
        Discussion.objects.filter(pk__in=liveliest.values("pk")[:LIVELIEST])
        .select_related("article", "hours")
        .annotate(
            **{name: Coalesce(Subquery(each), Value(0), output_field=IntegerField()) for name, each in numbers.items()}
        )
    )
    heat = F("public_n") + F("held_n") + _REPORT * F("reports_n")
    found = rows.filter(Q(reports_n__gt=0) | Q(public_n__gte=LEAST - F("held_n"))).order_by(heat.desc(), "-pk")[:MOST]
    return [Heat(each, each.public_n, each.held_n, each.reports_n, each.fresh_n) for each in found]


def at_work(viewer: Viewer, now: datetime) -> Sequence[User]:
    """Who has lately read a case or decided in the sections that `viewer` moderates. One statement."""
    here = within(sections_moderated(viewer), "section")
    read = Case.objects.filter(here, claimed_until__gt=now - LATELY, claimed_by__isnull=False)
    decided = Decision.objects.filter(here, created_at__gt=now - LATELY, moderator__isnull=False)
    busy = read.order_by().values("claimed_by").union(decided.order_by().values("moderator"))
    return list(User.objects.filter(pk__in=busy).order_by("name"))  # of two IN, one would have all people looked at
