"""Cases for moderators: how many, which, and what stands around one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Case as Choose
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.access import Viewer
from accounts.duties import EVERYWHERE, Duty
from accounts.models import Sanction, User
from articles.models import Section
from comments.access import cases_of, may_decide_about, sections_moderated
from comments.events import MODERATION, NEWEST_REPORTS
from comments.models import AuthorTally, Case, Comment, Decision, QueueTally, Report, RuleHit
from comments.models.cases import CaseQuerySet
from comments.reads.pages import List, history
from comments.representations import Json, case_json, comment_json
from comments.verdicts import hits_json
from newsroom.api.paging import DEFAULT_LIMIT, Malformed, UnknownSort, keyset, number_of
from newsroom.api.renderers import iso
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import among
from newsroom.errors import NotFound
from newsroom.live.outbox import Position, at_position, position, positions
from newsroom.text import clean_line

# Name → keys and whether the highest comes first. What is urgent comes first, among equals what waits longest.
ORDERS: Mapping[str, tuple[Sequence[str], bool]] = {
    "urgent": (("rank", "id"), False),
    "oldest": (("id",), False),
    "newest": (("id",), True),
}
DEFAULT = ("order", "urgent")
type Counts = dict[str, int]
NUMBERS = ("published", "rejected", "removed")
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
    cases: tuple[int, ...] = ()  # these alone

    @property
    def query(self) -> str:
        """Of the queue's address, with what was chosen alone."""
        named = {name: getattr(self, name) for name in ("kind", "section", "rule", "author", "discussion", "order")}
        return urlencode({name: value for name, value in named.items() if value and (name, value) != DEFAULT})

    @property
    def scope(self) -> str:
        """The name of the list, for cursors."""
        parts = (self.kind, self.section, self.rule, self.author or "", self.discussion or "", self.order)
        return ":".join(["cases", *map(str, parts), *map(str, self.cases)])


def choice_of(asked: Mapping[str, str]) -> Choice:
    """The choice of an address's parameters, on pages and in the API. Raises Malformed."""
    return Choice(
        kind=asked.get("kind", ""),
        section=asked.get("section", ""),
        rule=asked.get("rule", ""),
        author=number_of(asked.get("author")),
        discussion=number_of(asked.get("discussion")),
        order=asked.get("order") or "urgent",
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case of a list with what a card shows beside it. `answered`: what its comment answers, if readers see that."""

    case: Case
    hold: Decision | None = None
    newest: Sequence[Report] = ()
    hits: Sequence[RuleHit] = ()
    numbers: Mapping[str, int] = field(default_factory=dict)  # of the author's comments, by what became of them

    @property
    def answered(self) -> Comment | None:
        parent = self.case.comment.parent
        return parent if parent and parent.state == Comment.State.PUBLISHED else None

    def json(self, now: datetime) -> Json:
        return case_json(self.case, now, hits=hits_json(self.hits, self.hold), newest=self.newest)


class Told(NamedTuple):
    """A stream that tells of a choice, where it stood before the cases were read, and how many open cases of each kind
    its events count.
    """

    stream: str
    position: Position
    counts: Counts


def as_json(places: Iterable[Told]) -> str:
    """For the script that follows them: [{stream, epoch, offset, counts}]"""
    return json.dumps([{"stream": each.stream, **asdict(each.position), "counts": each.counts} for each in places])


def case_page(
    viewer: Viewer, choice: Choice, *, cursor: str = "", limit: int = DEFAULT_LIMIT
) -> tuple[List, list[Told]]:
    """A page of the open cases that `viewer` may see, and the streams that tell of them; the page names the stream if
    there is one alone. Its rows are `Waiting`. Four statements, six for a moderator of several sections.

    Raises Malformed, UnknownSort, UnknownCursor.
    """
    must_make_sense(choice)
    told = told_of(viewer, choice)
    keys, descending = ORDERS[choice.order]
    page = keyset(
        _chosen(viewer, choice),
        scope=choice.scope,
        keys=keys,
        limit=limit,
        cursor=cursor,
        descending=descending,
    )
    stream, here = told[0][:2] if len(told) == 1 else (None, None)
    return List(with_reports(page.rows), page.next, page.previous, stream, here), told


def told_of(viewer: Viewer, choice: Choice) -> list[Told]:
    """The streams that tell of this choice: that of all sections or that of each of the viewer's."""
    here = sections_moderated(viewer)
    if choice.section:
        slugs = [choice.section]
    elif here == EVERYWHERE:
        return [Told(MODERATION, *counts_at(viewer, MODERATION)[::-1])]
    else:
        slugs = list(Section.objects.filter(pk__in=here).order_by("pk").values_list("slug", flat=True))
    if len(slugs) == 1:
        stream = f"{MODERATION}.{slugs[0]}"
        return [Told(stream, *counts_at(viewer, stream, slugs[0])[::-1])]
    places = positions(f"{MODERATION}.{slug}" for slug in slugs)
    found: dict[str, Counts] = {}
    for slug, kind, number in QueueTally.objects.filter(section__slug__in=slugs).values_list(
        "section__slug", "kind", "count"
    ):
        found.setdefault(slug, {})[kind] = number
    none = dict.fromkeys(Case.Kind.values, 0)
    return [Told(stream, where, none | found.get(stream.partition(".")[2], {})) for stream, where in places.items()]


def must_make_sense(choice: Choice) -> None:
    """Raises Malformed for a kind that is none, UnknownSort for such an order."""
    if choice.order not in ORDERS:
        raise UnknownSort(_("Sort by one of: %s.") % ", ".join(ORDERS))
    if choice.kind and choice.kind not in Case.Kind.values:
        raise Malformed(_("One of: %s.") % ", ".join(Case.Kind.values))


def find(viewer: Viewer, pk: int) -> Waiting:
    """A single case with what its card shows. Three statements. Raises NotFound."""
    return with_reports([_only(told(cases_of(viewer)), pk)])[0]


def find_case(viewer: Viewer, pk: int) -> Case:
    """The case alone, with its comment and that one's author. One statement. Raises NotFound."""
    return _only(cases_of(viewer).select_related("comment__author"), pk)


def _only(rows: Any, pk: int) -> Case:
    found: Case | None = rows.filter(pk=pk).first() if pk <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such case."))
    return found


def moderators_for(case: Case) -> list[User]:
    """The people who were given the duty to moderate there and may decide about its comment, by name. One statement."""
    found = User.objects.filter(is_active=True, role__in=set(User.Role) - {User.Role.READER}).order_by("name")
    here = [each for each in found if each.given.include(Duty.MODERATE, case.section_id)]
    return [each for each in here if may_decide_about(each, case.comment)]


def sanctions_in_force(people: Iterable[int | None]) -> dict[int, list[Sanction]]:
    """Person → their sanctions in force. One statement."""
    found: dict[int, list[Sanction]] = {}
    ids = {pk for pk in people if pk is not None}
    for each in Sanction.objects.in_force().filter(user__in=among(ids)) if ids else ():
        found.setdefault(each.user_id, []).append(each)
    return found


def counts(viewer: Viewer) -> Counts:
    """Kind → number of the open cases that `viewer` may see. One statement."""
    return counts_at(viewer, MODERATION)[0]


def counts_at(viewer: Viewer, stream: str, section: str = "") -> tuple[Counts, Position]:
    """The same, of a section alone if its slug is given, and the position of a stream. One statement, once anything
    has been counted.
    """
    here = sections_moderated(viewer)
    which: dict[str, Any] = {} if here == EVERYWHERE else {"section__in": here}
    if section:
        which["section__slug"] = section
    which = which or {"section": None}
    rows: Any = QueueTally.objects.filter(**which).annotate(**at_position(stream))
    sums = rows.values_list("kind", "live_epoch", "live_top").annotate(number=Sum("count"))
    found = list(sums.order_by())
    known = {kind: number for kind, _epoch, _top, number in found}
    where = Position(*found[0][1:3]) if found and found[0][1] else position(stream)
    return {kind: known.get(kind, 0) for kind in Case.Kind.values}, where


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


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a case. `last`: the author's other comments, the newest first; `sanctions`: in force."""

    above: Sequence[Comment]
    below: Sequence[Comment]
    author: User | None
    last: Sequence[Comment]
    sanctions: Sequence[Sanction]
    history: Json

    def json(self) -> Json:
        return {
            "above": [comment_json(each) for each in self.above],
            "below": [comment_json(each) for each in self.below],
            "author": self._standing() if self.author else None,
            **self.history,
        }

    def _standing(self) -> Json:
        sanctions = [
            {"scope": each.scope, "reason": each.reason, "until": iso(each.until), "created_at": iso(each.created_at)}
            for each in self.sanctions
        ]
        since = iso(self.author.date_joined) if self.author else None
        return {"since": since, "comments": [comment_json(each) for each in self.last], "sanctions": sanctions}


def context(case: Case) -> Context:
    """What a moderator has to know about a case. Five statements."""
    comment, author = case.comment, case.comment.author
    above, below = _around(comment)
    others = Comment.objects.filter(author=author).exclude(pk=comment.pk).order_by("-id")
    last = list(others.select_related("author", "tally", "discussion")[:LAST]) if author else []
    sanctions = sanctions_in_force([author.pk]).get(author.pk, []) if author else []
    return Context(above, below, author, last, sanctions, history(comment))


def _around(comment: Comment) -> tuple[list[Comment], list[Comment]]:
    """The published comments before and after it in its discussion; of one that has no place yet, by its time."""
    there = Comment.objects.listed().filter(discussion=comment.discussion_id)
    place = place_of(comment)
    first = there.filter(order__lt=place).order_by("-order").values("order")[AROUND - 1 : AROUND]
    rows = there.filter(order__gte=Coalesce(Subquery(first), 0)).exclude(pk=comment.pk).order_by("order")
    found = list(rows.select_related("author", "tally")[: 2 * AROUND])
    above = [each for each in found if each.order is not None and each.order < place]
    return above, found[len(above) : len(above) + AROUND]


def place_of(comment: Comment) -> int:
    """The comment's order; of one that has none yet, what its time would make of it."""
    return comment.order if comment.order is not None else int(comment.created_at.timestamp() * 1_000_000)


def _chosen(viewer: Viewer, choice: Choice) -> QuerySet[Case]:
    return narrowed(told(cases_of(viewer).open()), choice)


def narrowed(rows: Any, choice: Choice) -> QuerySet[Case]:
    """Those of the cases that were chosen, in no order."""
    if choice.kind:
        rows = rows.filter(kind=choice.kind)
    if choice.section:
        here = Section.objects.filter(slug=choice.section).values("pk")[:1]
        rows = rows.filter(section=here)  # by its id, which the index has, and not by a join
    if choice.author:
        rows = rows.filter(author=choice.author)
    if choice.discussion:
        rows = rows.filter(discussion=choice.discussion)
    if choice.cases:
        rows = rows.filter(pk__in=among(choice.cases))
    if choice.rule:
        rule = clean_line(choice.rule)
        held = Decision.objects.filter(comment=OuterRef("comment"), action=Decision.Action.HOLD, rule=rule)
        hit = RuleHit.objects.filter(comment=OuterRef("comment"), revision=None, is_shadow=False, name=rule)
        rows = rows.filter(Exists(held) | Exists(hit))
    found: QuerySet[Case] = rows
    return found


def told(cases: CaseQuerySet) -> Any:
    """Cases with all that their cards show: what holds the comment, and the numbers of its author."""
    hold = Decision.objects.filter(comment=OuterRef("comment"), action=Decision.Action.HOLD).order_by("-id")
    tally = AuthorTally.objects.filter(author=OuterRef("author"))
    rows: Any = cases.with_all()
    rows = rows.annotate(hold_rule=Subquery(hold.values("rule")[:1]), hold_note=Subquery(hold.values("note")[:1]))
    return rows.annotate(**{f"author_{name}": Subquery(tally.values(name)[:1]) for name in NUMBERS})


def with_reports(cases: Sequence[Case]) -> list[Waiting]:
    """Two statements, however many. The cases come from `told`."""
    newest = Report.objects.newest_of([case.pk for case in cases if case.reports], NEWEST_REPORTS)
    hits = RuleHit.objects.of([case.comment_id for case in cases])
    return [
        Waiting(case, _hold_of(case), newest.get(case.pk, ()), hits.get(case.comment_id, ()), _numbers(case))
        for case in cases
    ]


def _numbers(row: Any) -> dict[str, int]:
    return {name: getattr(row, f"author_{name}") or 0 for name in NUMBERS} if row.author_id else {}


def _hold_of(row: Any) -> Decision | None:
    is_held = row.kind == Case.Kind.HELD and row.hold_rule
    return Decision(action=Decision.Action.HOLD, rule=row.hold_rule, note=row.hold_note) if is_held else None
