"""What one person alone has on a page of a discussion: one statement, whatever they have done elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    F,
    IntegerField,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from accounts.models import Sanction, Subscription, User
from comments.models import Comment, Discussion, Draft, Ignored, Reaction, ReadMark
from newsroom.database.statements import is_postgresql, many, prepared


@dataclass(frozen=True, slots=True)
class Personal:
    """`reactions`: comment id → names of one's own. `is_following`: what the page's button follows;
    `is_following_talk`: the discussion itself. `is_sanctioned`: a sanction is in force, or was not ended yet.
    `has_hidden`: comments here that others do not see, see `comments.hidden`. `ignored`: the ids of those whom the
    person ignores, anywhere. `read`: the `order` up to which they have read here, 0 at a first visit.
    """

    reactions: dict[int, list[str]] = field(default_factory=dict)
    draft: str = ""
    is_following: bool = False
    is_following_talk: bool = False
    is_sanctioned: bool = False
    has_hidden: bool = False
    ignored: frozenset[int] = frozenset()
    read: int = 0


def told_of_answers(person: User, number: int) -> list[Comment]:
    """The newest comments that answer or mention `person`, as far as they are published and may be read: at most so
    many, the newest first.
    """
    told = person.notifications.filter(kind__in=["comment.replied", "comment.mentioned"]).order_by("-id")
    subjects = told.values_list("subject", flat=True)[: 2 * number]
    ids = {int(subject.partition(".")[2]) for subject in subjects}
    shown = Comment.objects.visible_to(person).filter(pk__in=ids, state=Comment.State.PUBLISHED)
    shown = shown.exclude(author__in=Ignored.objects.filter(reader=person).values("person"))
    return list(
        shown.select_related("author", "discussion__article")
        .defer("discussion__article__body", "discussion__article__html")
        .order_by("-id")[:number]
    )


def personal(person: User, discussion: Discussion, *, comments: Iterable[int], follows: tuple[str, object]) -> Personal:
    """What is `person`'s among these comments of a discussion; `follows`: kind and target of the page's button."""
    kind, target = follows
    rows = sorted(_of(person.pk, discussion.pk, str(discussion.pk), kind, str(target), many(comments)))
    ignored = frozenset(-each.comment for each in rows if each.comment < 0)
    here, *given = rows[len(ignored) :] or [_NOTHING]
    reactions: dict[int, list[str]] = {}
    for each in given:
        reactions.setdefault(each.comment, []).append(each.said)
    return Personal(
        reactions,
        here.said,
        is_following=bool(here.follows),
        is_following_talk=bool(here.follows_talk),
        is_sanctioned=bool(here.sanctioned),
        has_hidden=bool(here.hidden),
        ignored=ignored,
        read=here.read or 0,
    )


def read_by(person: User, discussion: Discussion) -> int:
    """The `order` up to which `person` has read a discussion, 0 at a first visit."""
    mark = ReadMark.objects.filter(person=person, discussion=discussion).first()
    return mark.place if mark else 0


@prepared(int, int, str, str, str, str)
def _of(person: int, discussion: int, talk: str, kind: str, target: str, comments: str) -> QuerySet[User, Any]:
    """A row with `comment` 0, whose `said` is the draft; one for each of the person's reactions; and one for each whom
    they ignore, with that one's id below zero as `comment`.
    """
    draft = Draft.objects.filter(discussion=discussion, person=person, parent=None).values("text")
    follows = Subscription.objects.filter(user=person, kind=kind, target=target)
    read = ReadMark.objects.filter(person=person, discussion=discussion).values("place")
    hidden = Comment.objects.hidden().filter(author=person, discussion=discussion)
    here = (
        User.objects.filter(pk=person)
        .order_by()
        .annotate(
            comment=Value(0, IntegerField()),
            said=Coalesce(Subquery(draft), Value(""), output_field=TextField()),
            follows=Exists(follows),
            follows_talk=Exists(Subscription.objects.filter(user=person, kind="discussion", target=talk)),
            sanctioned=Exists(Sanction.objects.filter(user=person, lifted_at=None)),
            hidden=Exists(hidden),
            read=Subquery(read),
        )
    )
    no = Value(False, BooleanField())
    empty = {"follows": no, "follows_talk": no, "sanctioned": no, "hidden": no, "read": Value(0, BigIntegerField())}
    found = RawSQL(_POSTGRESQL if is_postgresql() else _SQLITE, [comments, person])  # noqa: S611
    given = Reaction.objects.filter(pk__in=found).annotate(**empty)
    shape = ("comment", "said", *empty)
    ignored = Ignored.objects.filter(reader=person).annotate(
        comment=-F("person_id"), said=Value("", TextField()), **empty
    )
    rows = here.values_list(*shape, named=True)
    reacted = given.values_list("comment_id", "name", *shape[2:])
    return rows.union(reacted, ignored.values_list(*shape), all=True).order_by()


_NOTHING: Any = SimpleNamespace(
    said="", follows=False, follows_talk=False, sanctioned=False, hidden=False, read=0
)  # whose account is erased now

# By the comments of a page, however many reactions the person has given elsewhere. OFFSET and the array in a subquery:
# see `comments.reads.statements`.
_POSTGRESQL = (
    "SELECT found.id FROM unnest((SELECT %s::bigint[])) AS line(id) CROSS JOIN LATERAL (SELECT id"
    " FROM comments_reaction WHERE person_id = %s AND comment_id = line.id OFFSET 0) AS found"
)
_SQLITE = (
    "SELECT found.id FROM json_each(%s) AS line CROSS JOIN comments_reaction AS found"
    " ON found.comment_id = line.value AND found.person_id = %s"
)
