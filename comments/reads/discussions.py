"""Discussions as moderators see them: how lively each is, what waits and was reported there, and who writes most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _

from accounts.duties import within
from accounts.models import User
from comments import search
from comments.access import sections_moderated
from comments.models import Case, Comment, Discussion, DiscussionTally
from comments.models.discussions import DiscussionQuerySet
from newsroom.api.paging import Malformed, Page, keyset
from newsroom.database.keys import LARGEST_ID, key_number
from newsroom.database.statements import among
from newsroom.errors import NotFound

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = 24  # of the curve
MOST_OTHERS = 10  # discussions that are offered to merge into
MOST_FOUND = 200  # discussions that a search finds, the newest
LONGEST_QUESTION = 200  # characters
POSTERS = 10


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one discussion: comments of the last hour that are public, those of the last hour that wait, all that wait,
    and readers' reports of open cases.
    """

    published: int = 0
    fresh: int = 0
    waiting: int = 0
    reports: int = 0

    @property
    def an_hour(self) -> int:
        return self.published + self.fresh

    @property
    def share_held(self) -> int:
        """Percent of the comments of the last hour that wait now."""
        return round(100 * self.fresh / self.an_hour) if self.an_hour else 0


@dataclass(frozen=True, slots=True)
class Poster:
    person: int
    name: str
    comments: int


@dataclass(frozen=True, slots=True)
class Row:
    discussion: Discussion
    pace: Pace


def discussion_page(viewer: User, *, now: datetime, words: str = "", cursor: str = "", limit: int) -> Page[Any]:
    """The discussions of the viewer's sections, the last active first, each a `Row`; with `words` in their titles, if
    any are given. Three statements, and those of the search.

    Raises Malformed, UnknownCursor, TookTooLong.
    """
    if len(words) > LONGEST_QUESTION:
        raise Malformed(_("At most %d characters fit in here.") % LONGEST_QUESTION)
    here = within(sections_moderated(viewer), "discussion__article__section")
    rows = DiscussionTally.objects.filter(here, discussion__merged_into=None)
    if words.strip():
        rows = rows.filter(discussion__in=among(search.titles_found(_of(viewer), words, MOST_FOUND)))
    rows = rows.select_related("discussion__article__section", "discussion__hours").defer("discussion__article__body")
    keys = ("last_activity", "discussion_id")
    page = keyset(rows, scope=f"panel-discussions:{words}", keys=keys, limit=limit, cursor=cursor)
    paces = paces_of([tally.pk for tally in page.rows], now)
    for tally in page.rows:
        tally.discussion.tally = tally
    shown: list[Any] = [Row(tally.discussion, paces.get(tally.pk, Pace())) for tally in page.rows]
    return Page(shown, page.next, page.previous)


def find(viewer: User, pk: int) -> Discussion:
    """A discussion in one of the viewer's sections. Raises NotFound."""
    rows = _of(viewer).select_related("article__section", "hours", "tally", "merged_into").defer("article__body")
    found = rows.filter(pk=pk).first() if pk <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such discussion."))
    return found


def paces_of(discussions: Iterable[int], now: datetime) -> dict[int, Pace]:
    """Two statements. They look at the comments of the last hour and at open cases, whatever else there is."""
    ids = list(discussions)
    if not ids:
        return {}
    said = Comment.objects.filter(discussion__in=among(ids), order__gt=_order_at(now - HOUR))
    published = dict(said.order_by().values_list("discussion").annotate(n=Count("pk")))
    held = Q(kind=Case.Kind.HELD)
    cases = Case.objects.open().filter(discussion__in=among(ids)).order_by().values_list("discussion")
    counted = cases.annotate(
        fresh=Count("pk", filter=held & Q(opened_at__gt=now - HOUR)),
        waiting=Count("pk", filter=held),
        of_readers=Sum("reports"),
    )
    waits = {pk: (fresh, waiting, reports or 0) for pk, fresh, waiting, reports in counted}
    return {pk: Pace(published.get(pk, 0), *waits.get(pk, (0, 0, 0))) for pk in published.keys() | waits.keys()}


def curve(discussion: Discussion, now: datetime) -> list[tuple[datetime, int]]:
    """How many public comments each of the last HOURS has brought, the hour that is under way last. One statement."""
    last = now.replace(minute=0, second=0, microsecond=0)
    begins = [last - HOUR * n for n in reversed(range(HOURS))]
    first, step = _order_at(begins[0]), int(HOUR.total_seconds()) * 1_000_000
    said = Comment.objects.filter(discussion=discussion, order__gte=first).annotate(hour=(F("order") - first) / step)
    counted = dict(said.order_by().values_list("hour").annotate(n=Count("pk")))
    return [(at, counted.get(n, 0)) for n, at in enumerate(begins)]


def others(viewer: User, discussion: Discussion, words: str) -> list[Discussion]:
    """The discussions of the viewer's sections into which this one can be merged, by words of their titles or by their
    number. Two statements, and those of the search. Raises Malformed, TookTooLong.
    """
    if len(words) > LONGEST_QUESTION:
        raise Malformed(_("At most %d characters fit in here.") % LONGEST_QUESTION)
    number = key_number(words.strip().removeprefix("#"))
    rows = _of(viewer).listed().filter(mode=discussion.mode).exclude(pk=discussion.pk)
    found = {number} if number else set()
    found |= set(search.titles_found(rows, words, MOST_OTHERS)) if words.strip() else set()
    return list(rows.filter(pk__in=found).select_related("article").order_by("-pk")[:MOST_OTHERS])


def top_posters(discussion: Discussion, now: datetime) -> list[Poster]:
    """Those of whom the most comments of the last day are public there. One statement."""
    said = Comment.objects.filter(discussion=discussion, order__gt=_order_at(now - DAY), author__isnull=False)
    counted = said.order_by().values_list("author", "author__name").annotate(n=Count("pk")).order_by("-n", "author")
    return [Poster(*each) for each in counted[:POSTERS]]


def _of(viewer: User) -> DiscussionQuerySet:
    return Discussion.objects.filter(within(sections_moderated(viewer), "article__section"))


def _order_at(moment: datetime) -> int:
    """Places are times, in microseconds."""
    return int(moment.timestamp() * 1_000_000)
