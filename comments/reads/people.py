"""People as moderators see them: who is found by which words, and the record of one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Viewer, must_moderate_somewhere
from accounts.duties import EVERYWHERE, within
from accounts.models import Sanction, User
from accounts.search import people_found
from accounts.sections import every
from comments.access import sections_moderated
from comments.ladder import WINDOW, Offence, Proposal, proposals
from comments.models import AuthorTally, Comment, Decision, FormalWarning, Ignored, PersonNote, ReporterTally, public
from newsroom.api.paging import DEFAULT_LIMIT, Malformed, Page, keyset
from newsroom.database.keys import LARGEST_ID, key_number
from newsroom.database.statements import among, prepared
from newsroom.errors import NotFound

MOST_PEOPLE = 50  # that a search gives
MOST_LINES = 20  # of sanctions and of notes on a person's page; the API has them all
MOST_JUDGED = 1000  # of a person's comments, the newest, whose decisions propose a measure
LONGEST_QUESTION = 200  # characters
MOST_COUNTED = 1000  # of a person's comments, on the page that everybody sees
NUMBERS = ("published", "rejected", "removed", "restored")  # of comments
REPORTS = ("made", "upheld", "dismissed")


@dataclass(frozen=True, slots=True)
class Known:
    """A person with what the folds have counted: comments by what became of them, and reports."""

    person: User
    comments: Mapping[str, int]
    reports: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Record:
    """What a person's page shows beside their comments; the newest first. `is_own`: the viewer reads about themselves,
    and gets no notes. `sections`: id → (slug, name), all in their order.
    """

    known: Known
    sanctions: Sequence[Sanction]
    warnings: Sequence[FormalWarning]
    notes: Sequence[PersonNote]
    proposals: Sequence[Proposal]
    is_own: bool
    sections: Mapping[int, tuple[str, str]] = field(default_factory=dict)


def find_people(viewer: Viewer, words: str) -> list[Known]:
    """The people with this id, this whole e-mail address, or these words in their names; the best first, at most
    MOST_PEOPLE. Five statements. Raises Malformed, TookTooLong.
    """
    words = words.strip()
    if len(words) > LONGEST_QUESTION:
        raise Malformed(_("At most %d characters fit in here.") % LONGEST_QUESTION)
    if not words:
        return []
    number = key_number(words.removeprefix("#"))
    ids = ([number] if number else []) + people_found(words, MOST_PEOPLE, by_whole_address=True)
    ids = list(dict.fromkeys(ids))[:MOST_PEOPLE]
    rows = {row.pk: row for row in _counted(User.objects.filter(pk__in=among(ids)))} if ids else {}
    return [_known(rows[pk]) for pk in ids if pk in rows]


def record_of(viewer: User, pk: int) -> Record:
    """A person's record, six statements whatever it holds. Raises NotFound."""
    known = known_person(viewer, pk)
    is_own = known.person.pk == viewer.pk
    notes = [] if is_own else list(notes_about(pk).order_by("-id")[:MOST_LINES])
    sanctions = list(sanctions_of(viewer, pk).order_by("-id")[:MOST_LINES])
    places = {each.id: (each.slug, each.name) for each in every()}
    warnings = list(warnings_of(viewer, pk).order_by("-id")[:MOST_LINES])
    now = timezone.now()
    proposed = proposals(offences_of(viewer, pk, now), now)
    return Record(known, sanctions, warnings, notes, proposed, is_own, places)


def known_person(viewer: Viewer, pk: int) -> Known:
    """One statement. Raises NotLoggedIn, Forbidden, NotFound."""
    must_moderate_somewhere(viewer)
    found = list(_counted(User.objects.filter(pk=pk))) if pk <= LARGEST_ID else []
    if not found:
        raise NotFound(_("There is no such person."))
    return _known(found[0])


def offences_of(viewer: Viewer, person: int, now: datetime) -> list[Offence]:
    """The comments among the person's last MOST_JUDGED that moderators rejected or removed within the ladder's window,
    each once, as far as `viewer` may read them. One statement.
    """
    said = Comment.objects.told_to(viewer).filter(author=person).order_by("-id").values("pk")[:MOST_JUDGED]
    taken = [Decision.Action.REJECT, Decision.Action.REMOVE]
    rows = Decision.objects.standing().filter(comment__in=said, action__in=taken, rule="", created_at__gte=now - WINDOW)
    last = {row[0]: row for row in rows.order_by("id").values_list("comment", "reason", "created_at", "comment__state")}
    back = {Comment.State.PUBLISHED, Comment.State.HELD}
    return [Offence(reason, at, state in back) for _pk, reason, at, state in last.values()]


def notes_about(person: int) -> QuerySet[PersonNote]:
    return PersonNote.objects.filter(person=person).select_related("written_by")


def sanctions_of(viewer: Viewer, person: int) -> QuerySet[Sanction]:
    """Those in the viewer's sections, and those that hold everywhere."""
    here = sections_moderated(viewer)
    mine = Q() if here == EVERYWHERE else within(here, "section") | Q(section=None)
    return Sanction.objects.filter(mine, user=person).select_related("imposed_by", "lifted_by")


def warnings_of(viewer: Viewer, person: int) -> QuerySet[FormalWarning]:
    """Those that were issued for the viewer's sections, and for all."""
    here = sections_moderated(viewer)
    mine = Q() if here == EVERYWHERE else within(here, "section") | Q(section=None)
    return FormalWarning.objects.filter(mine, person=person).select_related("issued_by", "section")


def own_warnings(person: User, *, are_waiting: bool = False) -> QuerySet[FormalWarning]:
    """The person's own, without those that were taken back; the oldest first."""
    rows = FormalWarning.objects.filter(person=person, withdrawn_at=None).order_by("id")
    return rows.filter(acknowledged_at=None) if are_waiting else rows


def ignored_by(reader: User) -> list[dict[str, Any]]:
    """Whom the reader ignores, as {id, name}; the latest first."""
    return [{"id": each.person_id, "name": each.person__name} for each in _ignored_by(reader.pk)]


@prepared(int)
def _ignored_by(reader: int) -> QuerySet[Ignored, Any]:
    return Ignored.objects.filter(reader=reader).order_by("-id").values_list("person_id", "person__name", named=True)


def comments_of(
    viewer: Viewer, person: int, *, state: str = "", cursor: str = "", limit: int = DEFAULT_LIMIT
) -> Page[Comment]:
    """A page of a person's comments that `viewer` may read, of any state or of one; the newest first. One statement.

    Raises Malformed, UnknownCursor.
    """
    if state and state not in Comment.State.values:
        raise Malformed(_("One of: %s.") % ", ".join(Comment.State.values))
    rows = Comment.objects.told_to(viewer).filter(author=person)
    rows = rows.filter(state=state) if state else rows
    rows = rows.select_related("discussion", "author", "tally")
    return keyset(rows, scope=f"person.{person}:{state}", keys=["id"], limit=limit, cursor=cursor)


@dataclass(frozen=True, slots=True)
class Portrait:
    """A person as everybody sees them, with a page of their published comments in public discussions. Numbers go up to
    MOST_COUNTED + 1.
    """

    person: User
    comments: Page[Comment]
    said: int
    featured: int


def portrait_of(viewer: Viewer, pk: int, *, cursor: str = "", limit: int = DEFAULT_LIMIT) -> Portrait:
    """The person with the newest of their public comments. Four statements, whatever they have said.

    Raises NotFound for a person who hides their page, has left or has said nothing in public, unless it is the viewer;
    UnknownCursor.
    """
    person = User.objects.filter(pk=pk, is_active=True).first() if 0 < pk <= LARGEST_ID else None
    is_own = person is not None and person.pk == viewer.pk
    if person is None or (person.is_hidden and not is_own):
        raise NotFound(_("There is no such page."))
    rows = Comment.objects.filter(public("discussion__"), author=pk, state=Comment.State.PUBLISHED)
    said = _upto(rows)
    if not said and not is_own:  # nobody is on show for having registered
        raise NotFound(_("There is no such page."))
    shown = rows.select_related("discussion__article")
    page = keyset(shown, scope=f"said.{pk}", keys=["id"], limit=limit, cursor=cursor)
    return Portrait(person, page, said, _upto(rows.filter(featured_at__isnull=False)))


def _upto(rows: QuerySet[Comment]) -> int:
    return rows.values("pk")[: MOST_COUNTED + 1].count()


def _counted(people: QuerySet[User]) -> QuerySet[Any]:
    said, reported = AuthorTally.objects.filter(pk=OuterRef("pk")), ReporterTally.objects.filter(pk=OuterRef("pk"))
    rows: Any = people.annotate(**{f"said_{name}": Subquery(said.values(name)[:1]) for name in NUMBERS})
    counted: QuerySet[Any] = rows.annotate(**{f"told_{name}": Subquery(reported.values(name)[:1]) for name in REPORTS})
    return counted


def _known(row: Any) -> Known:
    comments = {name: getattr(row, f"said_{name}") or 0 for name in NUMBERS}
    return Known(row, comments, {name: getattr(row, f"told_{name}") or 0 for name in REPORTS})
