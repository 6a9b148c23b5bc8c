"""Full-text search in what is published.

The index holds published comments alone. The fold learns a text when it gives its comment a place, and anew when it
was edited or restored.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Value

from accounts.access import Viewer
from comments.models import Comment, Discussion
from newsroom.index import Index, Walk
from newsroom.prepared import is_postgresql

INDEX = Index(
    name="comments_words",
    table="comments_comment",
    columns=("text",),
    shown="""{0}state = 'published' AND {0}"order" IS NOT NULL""",
)
EARLIER = "comments_search"  # the index of an earlier release on SQLite: its processes fail without it
_walk = Walk(INDEX)


def install(**_about: Any) -> None:
    """After each migration."""
    INDEX.mend()


def catch_up() -> int:
    """Once in each process, a piece a second: what an earlier release has written after the migration, and then its
    index goes.
    """
    steps = _walk()
    if steps and _walk.is_over:
        forget_earlier()
    return steps


def forget_earlier() -> None:
    """On PostgreSQL the migration has dropped it."""
    if is_postgresql():
        return
    with connection.cursor() as cursor:
        for name in ("in", "out", "change"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {EARLIER}_{name}")
        cursor.execute(f"DROP TABLE IF EXISTS {EARLIER}")


def learn(comments: Iterable[Comment]) -> None:
    """Index what is published of comments that have places, or index it anew."""
    INDEX.learn(
        (comment.pk, comment.text)
        for comment in comments
        if comment.state == Comment.State.PUBLISHED and comment.order is not None
    )


def found(viewer: Viewer, query: str, discussion_id: int | None = None) -> QuerySet[Comment]:
    """Published comments with all words of `query` that `viewer` may read, with nothing but their `id` and whether
    they have all words as they were asked for: `exact`, 1 or 0.

    Nothing for a query without a word. Order them by both.
    """
    rows = Comment.objects.filter(state=Comment.State.PUBLISHED, order__isnull=False)
    rows = rows.filter(Exists(Discussion.objects.visible_to(viewer).filter(pk=OuterRef("discussion")))).only("id")
    if discussion_id is not None:
        rows = rows.filter(discussion=discussion_id)
    matches = INDEX.matches(query)
    if matches is None:
        return rows.annotate(exact=Value(0)).none()
    return rows.filter(pk__in=matches).annotate(exact=INDEX.is_exact(query))


def shown(found: Iterable[Comment]) -> list[Comment]:
    """The same rows in their order, with all that a list shows."""
    ids = [comment.pk for comment in found]
    rows = Comment.objects.select_related("discussion__article", "author", "tally").defer("discussion__article__body")
    known = rows.in_bulk(ids)
    return [known[pk] for pk in ids if pk in known]
