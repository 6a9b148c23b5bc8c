"""The statements behind `reads`: heads of discussions and their lines, as rows, compiled once where everybody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import Expression, F, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.access import Viewer
from accounts.models import User
from articles.models import Article
from comments.access import LARGEST_ID
from comments.models import Comment, Discussion, DiscussionTally
from newsroom.api.paging import Source
from newsroom.kept import Beside, Kept
from newsroom.live.outbox import SITE, at_position
from newsroom.prepared import Prepared, many, unlike_any

FIRST_REPLIES = 3

_FIELDS = ("id", "discussion_id", "parent_id", "root_id", "order", "version", "text", "html", "state")
_LINE = (*_FIELDS, "created_at", "edited_at", "author_id", "author_name", "author__name", "author__role")
# What `discussion_json` looks at.
_DISCUSSION = (
    *("title", "mode", "url", "switch", "until", "reason", "opens_at", "closes_at"),
    *("slow_mode_seconds", "rate_slow_seconds", "article__slug", "article__language", "hours__rules", "hours__zone"),
)
_LAST = ("state", "html", "created_at", "author_name", "author__name", "author__role")
_LISTED = (
    *("version", "comment_count", "last_activity"),
    *(f"discussion__{name}" for name in _DISCUSSION),
    *(f"last_comment__{name}" for name in _LAST),
)
_LEAN = ("mode", "merged_into", "tally__comment_count")
_TALLIED = (*_LINE, "score", "tally__reply_count", "tally__reactions", "tally__rounds", "tally__touched")
_LINES = Kept(
    Comment, _TALLIED, [Beside("comments_commenttally", "comment_id", "id"), Beside("accounts_user", "id", "author_id")]
)
_KEPT = partial(Prepared, is_kept=True)


def head(discussion_id: int, viewer: Viewer, *, is_lean: bool = False) -> Discussion | None:
    """A discussion that `viewer` may read, with all that its JSON needs, and its stream's position.

    `is_lean`: with no more than a page of its comments needs.
    """
    if discussion_id > LARGEST_ID:
        return None
    kind = _kind(viewer)
    person: list[int] = [viewer.pk or 0] if kind == "person" else []
    found = _head(kind, is_lean=is_lean).run(discussion_id, f"discussion.{discussion_id}", *person)
    return found[0] if found else None


def head_again(discussion: Discussion) -> Discussion:
    """The same as it is now, whoever may read it."""
    return whole(Discussion.objects.filter(pk=discussion.pk)).annotate(**_places(discussion.stream)).get()


def whole(rows: QuerySet[Discussion]) -> QuerySet[Discussion]:
    return rows.select_related("article", "hours", "tally__last_comment__author").defer(
        "article__body", "article__html"
    )


def tops(discussion: Discussion) -> Source[Comment]:
    """Top-level lines, and every line of a chat: plain rows in the shape of CommentRow."""
    return Source(Comment, _tops, (discussion.pk,), prepare=_LINES.prepared)


def below(discussion: Discussion, above: int, *, is_top: bool) -> Source[Comment]:
    """All lines below a top-level comment, or the direct answers to another one."""
    return Source(Comment, _below, (discussion.pk, above), ("root" if is_top else "parent",), prepare=_LINES.prepared)


def first_replies(tops: Sequence[int]) -> list[Any]:
    """The first replies to each of these: a few steps in an index, however many there are."""
    return _replies(FIRST_REPLIES).run(many(tops)) if tops else []


def tallies(mode: str | None, articles: Sequence[str]) -> Source[DiscussionTally]:
    """Public discussions by their tallies: of one mode; of the articles with these slugs."""
    values = ((mode,) if mode else ()) + tuple(articles)
    return Source(DiscussionTally, _tallies, values, (bool(mode), bool(articles)), prepare=_KEPT)


def _kind(viewer: Viewer) -> str:
    """What decides which articles somebody may read."""
    if not viewer.is_authenticated:
        return "nobody"
    return "editor" if viewer.edits else "person"


@cache
def _head(kind: str, *, is_lean: bool) -> Prepared[Discussion]:
    pk, stream, person = unlike_any(int, str, int)
    viewers: dict[str, Viewer] = {
        "nobody": AnonymousUser(),
        "editor": User(pk=person, role=User.Role.EDITOR),
        "person": User(pk=person),
    }

    def make(pk: int, stream: str, *_: int) -> QuerySet[Discussion]:
        rows: QuerySet[Discussion] = Discussion.objects.visible_to(viewers[kind]).filter(pk=pk)
        rows = rows.select_related("tally").only(*_LEAN) if is_lean else whole(rows)
        return rows.annotate(**_places(stream))

    return Prepared(make, pk, stream, *([person] if kind == "person" else []))


def _places(stream: str) -> dict[str, Expression]:
    """Where the discussion's stream stands, and as `site_top` the one that tells of new names and roles."""
    return {**at_position(stream), "site_top": at_position(SITE)["live_top"]}


def _tops(discussion: int) -> QuerySet[Comment]:
    return Comment.objects.listed().filter(discussion=discussion, root__isnull=True)


def _below(relation: str, discussion: int, above: int) -> QuerySet[Comment]:
    return Comment.objects.listed().filter(discussion=discussion, **{relation: above})


def _tallies(has_mode: bool, has_articles: bool, *values: str) -> QuerySet[DiscussionTally]:
    rows = DiscussionTally.objects.select_related("discussion__article", "discussion__hours", "last_comment__author")
    public = Q(discussion__article=None) | Q(discussion__article__state=Article.State.PUBLISHED)
    rows = rows.filter(public, discussion__merged_into=None).only(*_LISTED)
    if has_mode:
        rows = rows.filter(discussion__mode=values[0])
    return rows.filter(discussion__article__slug__in=values[has_mode:]) if has_articles else rows


@cache
def _replies(most: int) -> Prepared[Any]:
    (tops,) = unlike_any(str)
    if connection.vendor == "postgresql":
        return _LINES.found_by(_LATERAL % {"most": most}, "order", tops)

    def make(tops: str) -> QuerySet[Comment]:
        return Comment.objects.filter(pk__in=RawSQL(_CORRELATED % {"most": most}, [tops])).order_by(F("order"))  # noqa: S611

    return _LINES.prepared(make, tops)


_FIRST = "SELECT {what} FROM comments_comment WHERE root_id = {top} "
_FIRST += 'AND "order" IS NOT NULL ORDER BY "order" LIMIT %(most)d'
# As with `each_of_many`, the array is seen through a subquery.
_LATERAL = "SELECT first.* FROM unnest((SELECT %%s::bigint[])) AS top(id) CROSS JOIN LATERAL ("
_LATERAL += _FIRST.format(what='id, author_id, "order", ctid AS place, xmin AS made', top="top.id") + ") AS first"
_CORRELATED = "SELECT first.id FROM json_each(%%s) AS top CROSS JOIN comments_comment AS first ON first.id IN ("
_CORRELATED += _FIRST.format(what="id", top="top.value") + ")"
