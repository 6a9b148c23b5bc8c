"""The statements behind `reads`: discussions and their comments as rows, compiled once if they are frequent."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from accounts.access import STATEMENTS, Viewer, duties_of, somebody
from accounts.duties import Duties
from articles.access import own_articles_of
from articles.models import Article
from comments.models import Comment, Discussion, DiscussionTally, public
from newsroom.api.paging import Source
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import Frame, Prepared, found_first, many, unlike_any
from newsroom.live.outbox import at_position

FIRST_REPLIES = 3

_OWN = (
    *("id", "discussion_id", "parent_id", "root_id", "order", "version", "text", "html", "state", "created_at"),
    *("edited_at", "pinned_at", "featured_at", "locked_at", "by_author", "author_id", "author_name", "score"),
)
_BESIDE = (
    *("author__name", "author__role", "author__avatar", "author__is_hidden"),
    *("tally__reply_count", "tally__reactions", "tally__rounds"),
)
_LINE = (*_OWN, *_BESIDE)
# The columns that `discussion_json` needs.
_DISCUSSION = (
    *("title", "mode", "url", "switch", "until", "reason", "opens_at", "closes_at"),
    *("slow_mode_seconds", "slow_mode_until", "rate_slow_seconds"),
    *("article__slug", "article__language", "hours__rules", "hours__zone"),
)
_LAST = (
    *("state", "html", "created_at", "author_name"),
    *("author__name", "author__role", "author__avatar", "author__is_hidden"),
)
_LISTED = (
    *("version", "comment_count", "last_activity"),
    *(f"discussion__{name}" for name in _DISCUSSION),
    *(f"last_comment__{name}" for name in _LAST),
)
_LEAN = ("mode", "merged_into", "tally__comment_count")
_HAS = {
    "has_pinned": Exists(Comment.objects.pinned().filter(discussion=OuterRef("pk"))),
    "has_locks": Exists(Comment.objects.locked().filter(discussion=OuterRef("pk"))),
}


def head(discussion_id: int, viewer: Viewer, *, is_lean: bool = False) -> Discussion | None:
    """A discussion that `viewer` may read, with everything that its JSON needs, and its stream's position.

    `is_lean`: only what a page of its comments needs. All requests share it until it changes: it must only be read.
    """
    if discussion_id > LARGEST_ID:
        return None
    statement = _head(duties_of(viewer), is_lean=is_lean)
    found = statement.run(discussion_id, f"discussion.{discussion_id}", *own_articles_of(viewer))
    return found[0] if found else None


def head_again(discussion: Discussion) -> Discussion:
    """The discussion as it is now, without a check of rights."""
    rows = whole(Discussion.objects.filter(pk=discussion.pk))
    return rows.annotate(**_HAS, **at_position(discussion.stream)).get()


def whole(rows: QuerySet[Discussion]) -> QuerySet[Discussion]:
    return rows.select_related("article", "hours", "tally__last_comment__author").defer(
        "article__body", "article__html"
    )


def tops(discussion: Discussion) -> Source[Comment]:
    """Top-level comments, and every line of a chat: plain rows in the shape of CommentRow."""
    return Source(Comment, _tops, (discussion.pk,), is_kept=True, frame=_frame())


def below(discussion: Discussion, above: int, *, is_top: bool) -> Source[Comment]:
    """All comments below a top-level one, or the direct answers to another one."""
    relation = "root" if is_top else "parent"
    return Source(Comment, _below, (discussion.pk, above), (relation,), is_kept=True, frame=_frame())


def pinned(discussion: Discussion) -> list[Any]:
    """The lines that stand on top, by their places. Asks only if the head says that there are any."""
    return _pinned().run(discussion.pk) if getattr(discussion, "has_pinned", False) else []


def line(discussion: Discussion, pk: int) -> list[Any]:
    """The line with this id, if it is in the discussion's list or below one of it."""
    return _line().run(discussion.pk, pk) if pk <= LARGEST_ID else []


def newest(discussion: Discussion, number: int) -> list[Any]:
    """At most so many published comments, replies among them, the newest first: lines as in lists."""
    return _newest(number).run(discussion.pk)


def is_locked(discussion: Discussion, pk: int) -> bool:
    """Whether nobody can answer this comment. Asks only if the head says that there are locks."""
    return bool(getattr(discussion, "has_locks", False)) and Comment.objects.lock_above(pk) is not None


def first_replies(tops: Sequence[int]) -> list[Any]:
    """The first replies to each of these. Takes a few steps in an index for each, however many replies there are."""
    return _replies(FIRST_REPLIES).run(many(tops)) if tops else []


def tallies(mode: str | None, articles: Sequence[str]) -> Source[DiscussionTally]:
    """Public discussions by their tallies; optionally of one mode, or of the articles with these slugs."""
    values = ((mode,) if mode else ()) + tuple(articles)
    return Source(DiscussionTally, _tallies, values, (bool(mode), bool(articles)), is_kept=True)


@lru_cache(2 * STATEMENTS)
def _head(duties: Duties | None, *, is_lean: bool) -> Prepared[Discussion]:
    pk, stream, person = unlike_any(int, str, int)
    viewer = somebody(duties, person)

    def make(pk: int, stream: str, *_: int) -> QuerySet[Discussion]:
        rows: QuerySet[Discussion] = Discussion.objects.visible_to(viewer).filter(pk=pk)
        rows = rows.select_related("tally").only(*_LEAN) if is_lean else whole(rows)
        return rows.annotate(**_HAS, **at_position(stream))

    return Prepared(make, pk, stream, *own_articles_of(viewer), is_kept=True)


def _tops(discussion: int) -> QuerySet[Comment, Any]:
    return _lines(Comment.objects.listed().filter(discussion=discussion, root__isnull=True))


def _below(relation: str, discussion: int, above: int) -> QuerySet[Comment, Any]:
    return _lines(Comment.objects.listed().filter(discussion=discussion, **{relation: above}))


@cache
def _pinned() -> Prepared[Any]:
    (discussion,) = unlike_any(int)

    def make(discussion: int) -> QuerySet[Comment, Any]:
        return _lines(Comment.objects.listed().pinned().filter(discussion=discussion).order_by("order"))

    frame = _frame()
    return Prepared(make, discussion, is_kept=True, frame=frame and frame.ordered('line."order"'))


@cache
def _newest(number: int) -> Prepared[Any]:
    (discussion,) = unlike_any(int)

    def make(discussion: int) -> QuerySet[Comment, Any]:
        shown = Comment.objects.listed().filter(discussion=discussion, state="published")
        return _lines(shown.order_by("-order")[:number])

    frame = _frame()
    return Prepared(make, discussion, is_kept=True, frame=frame and frame.ordered('line."order" DESC'))


@cache
def _line() -> Prepared[Any]:
    discussion, pk = unlike_any(int, int)

    def make(discussion: int, pk: int) -> QuerySet[Comment, Any]:
        return _lines(Comment.objects.listed().filter(discussion=discussion, pk=pk))

    frame = _frame()
    return Prepared(make, discussion, pk, is_kept=True, frame=frame and frame.ordered('line."id"'))


def _tallies(has_mode: bool, has_articles: bool, *values: str) -> QuerySet[DiscussionTally]:
    rows = DiscussionTally.objects.select_related("discussion__article", "discussion__hours", "last_comment__author")
    rows = rows.filter(public("discussion__")).only(*_LISTED)
    if has_mode:  # as a join, SQLite would begin with all discussions of this mode, and sort them
        rows = rows.filter(Exists(Discussion.objects.filter(pk=OuterRef("discussion"), mode=values[0])))
    if has_articles:  # as a join, SQLite would go through all discussions by their activity
        articles = Article.objects.filter(slug__in=values[has_mode:]).values("pk")
        rows = rows.filter(found_first("pk", Discussion.objects.filter(found_first("article", articles)).values("pk")))
    return rows


def _lines(rows: QuerySet[Comment]) -> QuerySet[Comment, Any]:
    """Rows in the shape of CommentRow, with author and tally; with a frame only what it needs to find these."""
    shown: QuerySet[Comment, Any] = rows.values(*_OWN) if _frame() else rows.values_list(*_LINE, named=True)
    return shown


@cache
def _frame() -> Frame | None:
    """On PostgreSQL each author and tally is looked up by key after the page's comments have been chosen."""
    if connection.vendor != "postgresql":
        return None
    columns = ", ".join(f'{table}."{name}"' for table, name in map(_place, _LINE))
    found = "LEFT JOIN LATERAL (SELECT * FROM {table} AS found WHERE found.{key} = line.{own} OFFSET 0)"
    found += " AS {name} ON true"  # OFFSET keeps the planner from joining the whole table
    author = found.format(table="accounts_user", key="id", own="author_id", name="author")
    tally = found.format(table="comments_commenttally", key="comment_id", own="id", name="tally")
    sql = f"SELECT {columns} FROM ({{rows}}) AS line {author} {tally} ORDER BY {{order}}"  # noqa: S608
    return Frame(sql, lambda: Comment.objects.values_list(*_LINE, named=True))


def _place(name: str) -> tuple[str, str]:
    """A field's table and column: "tally__rounds" → ("tally", "rounds")."""
    table, _, column = name.rpartition("__")
    return table or "line", column


@cache
def _replies(most: int) -> Prepared[Any]:
    (tops,) = unlike_any(str)
    first = (_LATERAL if connection.vendor == "postgresql" else _CORRELATED) % {"most": most}

    def make(tops: str) -> QuerySet[Comment, Any]:
        return _lines(Comment.objects.filter(pk__in=RawSQL(first, [tops])).order_by("order"))  # noqa: S611

    frame = _frame()
    return Prepared(make, tops, is_kept=True, frame=frame and frame.ordered('line."order"'))


_FIRST = "SELECT id FROM comments_comment WHERE root_id = {top} "
_FIRST += 'AND "order" IS NOT NULL ORDER BY "order" LIMIT %(most)d'
# As with `each_of_many`, the array is hidden in a subquery.
_LATERAL = "SELECT first.id FROM unnest((SELECT %%s::bigint[])) AS top(id) CROSS JOIN LATERAL ("
_LATERAL += _FIRST.format(top="top.id") + ") AS first"
_CORRELATED = "SELECT first.id FROM json_each(%%s) AS top CROSS JOIN comments_comment AS first ON first.id IN ("
_CORRELATED += _FIRST.format(top="top.value") + ")"
