"""What waits in one discussion, for the moderators who see it at its place there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from accounts.models import User
from articles.models import Section
from comments.access import cases_of
from comments.events import MODERATION
from comments.models import Case, Discussion
from comments.reads.cases import Told, Waiting, as_json, told, with_reports
from newsroom.database.statements import among, prepared
from newsroom.live.outbox import Position, at_position, position, position_with

MOST = 25  # of one discussion, the newest


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a discussion is moderated: its section, if it has one, and the stream that tells of its cases, with the
    position.
    """

    section: Section | None
    stream: str
    position: Position

    @property
    def streams(self) -> str:
        """For the script that follows it; it shows no counts."""
        return as_json([Told(self.stream, self.position, {})])


def ground_of(discussion: Discussion) -> Ground:
    """One statement. Ask for it before the cases: a page that follows from its position misses none."""
    found = list(_section(discussion.section_id)) if discussion.section_id else []
    if not found:
        return Ground(None, MODERATION, position(MODERATION))
    return Ground(found[0], f"{MODERATION}.{found[0].slug}", position_with(found[0]))


@prepared(int)
def _section(pk: int) -> QuerySet[Section]:
    stream = Concat(Value(f"{MODERATION}."), OuterRef("slug"))
    return Section.objects.filter(pk=pk).annotate(**at_position(stream))


def held_in(discussion: Discussion, viewer: User, *, only: Collection[int] = ()) -> list[Waiting]:
    """The cases of comments that wait there, as far as `viewer` sees them, the newest first; with `only`, those of
    these cases. One statement, and another if there are any.
    """
    rows = told(cases_of(viewer).open()).filter(kind=Case.Kind.HELD, discussion=discussion)
    if only:
        rows = rows.filter(pk__in=among(only))
    return with_reports(list(rows.order_by("-id")[:MOST]))
