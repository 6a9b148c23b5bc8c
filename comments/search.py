"""Full-text search in published comments, and the desk's search in titles of discussions.

The index holds published comments only. The fold indexes a comment when it gets its place, and again after an edit or a
restoration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from accounts.access import Viewer
from comments.models import Comment, Discussion
from newsroom.database.statements import is_postgresql
from newsroom.search import pages
from newsroom.search.index import Index, Walk, patience
from newsroom.search.words import asked

INDEX = Index(
    name="comments_words",
    table="comments_comment",
    columns=("text",),
    shown="""{0}state = 'published' AND {0}"order" IS NOT NULL""",
)
TITLES = Index(name="discussions_words", table="comments_discussion", columns=("title",), shown="{0}title <> ''")
EARLIER = "comments_search"  # the index of an earlier release on SQLite: its processes fail without it
_walk = Walk(INDEX)


def install(**_about: Any) -> None:
    """Repair the indexes after each migration: a rebuilt table on SQLite has lost its triggers."""
    INDEX.mend()
    TITLES.mend()


def catch_up() -> int:
    """Once in each process, a step every second: index what an earlier release has written after the migration, then
    drop that release's index.
    """
    steps = _walk()
    if steps and _walk.is_over:
        forget_earlier()
    return steps


def forget_earlier() -> None:
    """Drop the earlier index on SQLite; on PostgreSQL the migration has done it."""
    if is_postgresql():
        return
    with connection.cursor() as cursor:
        for name in ("in", "out", "change"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {EARLIER}_{name}")
        cursor.execute(f"DROP TABLE IF EXISTS {EARLIER}")


def learn(comments: Iterable[Comment]) -> None:
    """Index those of the comments that are published and have places, or index them again."""
    INDEX.learn((comment.pk, comment.text) for comment in comments if comment.state == Comment.State.PUBLISHED)


def titles_found(rows: QuerySet[Discussion], words: str, most: int) -> list[int]:
    """The ids of the newest of these discussions with the words in their titles. Raises TookTooLong."""
    line = pages.Line(rows=rows, seen=rows, keys=("id",), moment="created_at")
    question = TITLES.ask(words, beginnings=True)
    with patience():
        return pages.found_page(line, question, scope="titles", sort="newest", limit=most).rows


def found_page(
    viewer: Viewer, query: str, *, sort: str, discussion_id: int | None = None, cursor: str = "", limit: int
) -> pages.Found[int]:
    """A page of the published comments with all words of `query` that `viewer` may read. Raises UnknownCursor."""
    there = Exists(Discussion.objects.visible_to(viewer).filter(pk=OuterRef("discussion")))
    seen = Comment.objects.filter(there, state=Comment.State.PUBLISHED, order__isnull=False)
    line = pages.Line(rows=Comment.objects.all(), seen=seen, keys=("id",), moment="created_at")
    if discussion_id is not None:
        line = pages.Line(
            rows=Comment.objects.listed().filter(discussion=discussion_id),
            seen=seen.filter(discussion=discussion_id),
            keys=("order",),
            moment="created_at",
            glance=pages.STRETCHES[0][0],
            listed=seen.alias(place=Coalesce("discussion_id", "discussion_id")).filter(place=discussion_id),
        )
    scope = f"search:{discussion_id or ''}:{' '.join(asked(query))}"
    return pages.found_page(line, INDEX.ask(query), scope=scope, sort=sort, limit=limit, cursor=cursor)


def shown(ids: Sequence[int]) -> list[Comment]:
    """Those of these comments that are published, in this order, with everything that a list shows."""
    rows = Comment.objects.filter(state=Comment.State.PUBLISHED).select_related(
        "discussion__article", "author", "tally"
    )
    known = rows.defer("discussion__article__body").in_bulk(ids)
    return [known[pk] for pk in ids if pk in known]
