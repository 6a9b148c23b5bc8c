"""Cases for moderators: how many, which, and what stands around one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Case as Choose
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.duties import EVERYWHERE
from accounts.models import Sanction, User
from articles.models import Section
from comments.access import cases_of, sections_moderated
from comments.events import MODERATION, NEWEST_REPORTS
from comments.models import Case, Comment, Decision, QueueTally, Report, RuleHit
from comments.reads.pages import List, history
from comments.representations import Json, case_json, comment_json
from comments.verdicts import hits_json
from newsroom.api.paging import DEFAULT_LIMIT, Malformed, UnknownSort, keyset
from newsroom.api.renderers import iso
from newsroom.database.statements import among
from newsroom.errors import NotFound
from newsroom.live.outbox import position

# Name → keys and whether the highest comes first. What is urgent comes first, among equals what waits longest.
ORDERS: Mapping[str, tuple[Sequence[str], bool]] = {
    "urgent": (("rank", "id"), False),
    "oldest": (("id",), False),
    "newest": (("id",), True),
}
AROUND = 5  # comments above and below
LAST = 10  # of an author's comments


@dataclass(frozen=True, slots=True)
class Choice:
    """Which open cases are wanted; an empty or missing value leaves it open."""

    kind: str = ""
    section: str = ""  # a slug
    rule: str = ""
    author: int | None = None
    discussion: int | None = None
    order: str = "urgent"

    @property
    def stream(self) -> str:
        return f"{MODERATION}.{self.section}" if self.section else MODERATION

    @property
    def scope(self) -> str:
        """The name of the list, for cursors."""
        parts = (self.kind, self.section, self.rule, self.author or "", self.discussion or "", self.order)
        return ":".join(["cases", *map(str, parts)])


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case of a list with what a card shows beside it. `answered`: what its comment answers, if readers see that."""

    case: Case
    hold: Decision | None = None
    newest: Sequence[Report] = ()
    sanctions: Sequence[Sanction] = field(default_factory=list)
    hits: Sequence[RuleHit] = ()

    @property
    def answered(self) -> Comment | None:
        parent = self.case.comment.parent
        return parent if parent and parent.state == Comment.State.PUBLISHED else None

    def json(self, now: datetime) -> Json:
        return case_json(self.case, now, hits=hits_json(self.hits, self.hold), newest=self.newest)


def case_page(viewer: Viewer, choice: Choice, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> List:
    """A page of the open cases that `viewer` may see; its rows are `Waiting`, without sanctions.

    Raises Malformed, NotFound for a section that `viewer` does not moderate, UnknownSort, UnknownCursor.
    """
    if choice.order not in ORDERS:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(ORDERS))
    if choice.kind and choice.kind not in Case.Kind.values:
        raise Malformed(_("One of: %s.") % ", ".join(Case.Kind.values))
    here = position(choice.stream)
    keys, descending = ORDERS[choice.order]
    page = keyset(
        _chosen(viewer, choice), scope=choice.scope, keys=keys, limit=limit, cursor=cursor, descending=descending
    )
    return List(_with_reports(page.rows), page.next, page.previous, choice.stream, here)


def of_case(case: Case) -> Waiting:
    """A single case with what its JSON is made of."""
    return _with_reports([case])[0]


def sanctions_in_force(people: Iterable[int | None]) -> dict[int, list[Sanction]]:
    """Person → their sanctions in force. One statement."""
    found: dict[int, list[Sanction]] = {}
    ids = {pk for pk in people if pk is not None}
    for each in Sanction.objects.in_force().filter(user__in=among(ids)) if ids else ():
        found.setdefault(each.user_id, []).append(each)
    return found


def counts(viewer: Viewer) -> dict[str, int]:
    """Kind → number of the open cases that `viewer` may see. One statement."""
    here = sections_moderated(viewer)
    which = {"section": None} if here == EVERYWHERE else {"section__in": here}
    known = dict(QueueTally.objects.filter(**which).values_list("kind").annotate(number=Sum("count")).order_by())
    return {kind: known.get(kind) or 0 for kind in Case.Kind.values}


@dataclass(slots=True)
class Row:
    """A line of the shift board: open cases by kind, and since when the oldest of each waits. Without a section it is
    that of all cases.
    """

    section: Section | None
    counts: dict[str, int] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)


def board(viewer: Viewer) -> list[Row]:
    """A line for all cases, if `viewer` moderates everywhere, and one for each section with open cases. One
    statement.
    """
    here = sections_moderated(viewer)
    oldest = Case.objects.open().filter(kind=OuterRef("kind")).order_by("id").values("opened_at")
    in_section = Subquery(oldest.filter(section=OuterRef("section"))[:1])
    since = Choose(When(section=None, then=Subquery(oldest[:1])), default=in_section)
    tallies = QueueTally.objects.filter(count__gt=0).select_related("section").annotate(since=since)
    tallies = tallies if here == EVERYWHERE else tallies.filter(section__in=here)
    lines: dict[int | None, Row] = {None: Row(None)} if here == EVERYWHERE else {}
    for tally in tallies.order_by("section__name", "section"):
        line = lines.setdefault(tally.section_id, Row(tally.section))
        line.counts[tally.kind], line.since[tally.kind] = tally.count, tally.since
    return list(lines.values())


def context(case: Case) -> Json:
    """What a moderator has to know about a case. Five statements."""
    comment = case.comment
    above, below = _around(comment)
    author = comment.author
    return {
        "above": [comment_json(each) for each in above],
        "below": [comment_json(each) for each in below],
        "author": _standing(author, comment) if author else None,
        **history(comment),
    }


def _standing(author: User, comment: Comment) -> Json:
    last = Comment.objects.filter(author=author).exclude(pk=comment.pk).order_by("-id")
    return {
        "since": iso(author.date_joined),
        "comments": [comment_json(each) for each in last.select_related("author", "tally", "discussion")[:LAST]],
        "sanctions": [
            {"scope": each.scope, "reason": each.reason, "until": iso(each.until), "created_at": iso(each.created_at)}
            for each in sanctions_in_force([author.pk]).get(author.pk, ())
        ],
    }


def _around(comment: Comment) -> tuple[list[Comment], list[Comment]]:
    """The published comments before and after it in its discussion; of one that has no place yet, by its time."""
    there = Comment.objects.listed().filter(discussion=comment.discussion_id)
    place = comment.order if comment.order is not None else int(comment.created_at.timestamp() * 1_000_000)
    first = there.filter(order__lt=place).order_by("-order").values("order")[AROUND - 1 : AROUND]
    rows = there.filter(order__gte=Coalesce(Subquery(first), 0)).exclude(pk=comment.pk).order_by("order")
    found = list(rows.select_related("author", "tally")[: 2 * AROUND])
    above = [each for each in found if each.order is not None and each.order < place]
    return above, found[len(above) : len(above) + AROUND]


def _chosen(viewer: Viewer, choice: Choice) -> QuerySet[Case]:
    rows = cases_of(viewer).open().with_all()
    if choice.kind:
        rows = rows.filter(kind=choice.kind)
    if choice.section:
        section = _section(viewer, choice.section)
        rows = rows.filter(section=section)
    if choice.author:
        rows = rows.filter(author=choice.author)
    if choice.discussion:
        rows = rows.filter(discussion=choice.discussion)
    if choice.rule:
        held = Decision.objects.filter(comment=OuterRef("comment"), action=Decision.Action.HOLD, rule=choice.rule)
        found = RuleHit.objects.filter(comment=OuterRef("comment"), revision=None, is_shadow=False, name=choice.rule)
        rows = rows.filter(Exists(held) | Exists(found))
    return rows


def _section(viewer: Viewer, slug: str) -> Section:
    here = sections_moderated(viewer)
    sections = Section.objects.all() if here == EVERYWHERE else Section.objects.filter(pk__in=here)
    found = sections.filter(slug=slug).first()
    if found is None:
        raise NotFound(_("There is no such section."))
    return found


def _with_reports(cases: Sequence[Case]) -> list[Waiting]:
    """Three statements, however many."""
    held = [case.comment_id for case in cases if case.kind == Case.Kind.HELD]
    decisions = Decision.objects.filter(comment__in=among(held), action=Decision.Action.HOLD).order_by("id")
    holds = {each.comment_id: each for each in decisions} if held else {}  # the last one of each
    newest = Report.objects.newest_of([case.pk for case in cases if case.reports], NEWEST_REPORTS)
    hits = RuleHit.objects.of([case.comment_id for case in cases])
    return [
        Waiting(case, holds.get(case.comment_id), newest.get(case.pk, ()), hits=hits.get(case.comment_id, ()))
        for case in cases
    ]
