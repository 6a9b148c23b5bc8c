"""Full-text search in what is published: PostgreSQL with German, English and Russian words, SQLite with FTS5.

Both indexes hold published comments alone and change in the statement that changes the row, so a text that is taken
down cannot be found from the commit on. That of SQLite holds no text before its comment has a place, so that it
learns those together that are numbered together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from accounts.access import Viewer
from comments.models import Comment, Discussion
from newsroom.database import within
from newsroom.prepared import here, is_postgresql, many
from newsroom.words import asked as words_asked

_LANGUAGES = ("german", "english", "russian")
_VECTOR = " || ".join(f"to_tsvector('{each}', comments_comment.text)" for each in _LANGUAGES)
_QUERY = " || ".join(f"websearch_to_tsquery('{each}', %s)" for each in _LANGUAGES)
_ON_POSTGRESQL = f"""CREATE INDEX IF NOT EXISTS comments_search ON comments_comment
USING gin (({_VECTOR.replace("comments_comment.", "")})) WHERE state = 'published'"""
# Apart from the rest: to walk from the newest on and compute the words of each comment can take for ever.
_MATCHES_ON_POSTGRESQL = f"""WITH matches AS MATERIALIZED (
SELECT id FROM comments_comment WHERE state = 'published' AND ({_VECTOR}) @@ ({_QUERY})) SELECT id FROM matches"""  # noqa: S608  constant text
_MATCHES_ON_SQLITE = "SELECT rowid FROM comments_search WHERE comments_search MATCH %s"
_OLD, _NEW = (f"""({row}.state = 'published' AND {row}."order" IS NOT NULL)""" for row in ("old", "new"))
_FORGET = f"""INSERT INTO comments_search (comments_search, rowid, text)
SELECT 'delete', old.id, old.text WHERE {_OLD}"""
_LEARN = f"""INSERT INTO comments_search (rowid, text) SELECT new.id, new.text
WHERE {_NEW} AND NOT EXISTS (SELECT 1 FROM comments_search_docsize WHERE id = new.id)"""  # noqa: S608
# The rows first, by CROSS JOIN: after an ANALYZE of a small table SQLite would rather look through all comments.
_LEARN_TOGETHER = """INSERT INTO comments_search (rowid, text) SELECT comments_comment.id, text
FROM json_each(%s) CROSS JOIN comments_comment ON comments_comment.id = value WHERE state = 'published'"""
_ON_SQLITE = (
    """CREATE VIRTUAL TABLE IF NOT EXISTS comments_search USING fts5
(text, content='comments_comment', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
    f"CREATE TRIGGER comments_search_in AFTER INSERT ON comments_comment WHEN {_NEW} BEGIN {_LEARN}; END",
    f"CREATE TRIGGER comments_search_out AFTER DELETE ON comments_comment WHEN {_OLD} BEGIN {_FORGET}; END",
    f"""CREATE TRIGGER comments_search_change AFTER UPDATE OF text, state, "order" ON comments_comment
WHEN {_OLD} IS NOT {_NEW} OR old.text IS NOT new.text BEGIN {_FORGET}; {_LEARN}; END""",
    "INSERT INTO comments_search (comments_search) VALUES ('delete-all')",
    """INSERT INTO comments_search (rowid, text)
SELECT id, text FROM comments_comment WHERE state = 'published' AND "order" IS NOT NULL""",
)


def install(using: str = DEFAULT_DB_ALIAS, **_about: Any) -> None:
    """After each migration: make what is missing. On SQLite a table that was rebuilt has lost its triggers."""
    database = connections[using]
    if "comments_comment" not in database.introspection.table_names():
        return
    with database.cursor() as cursor:
        if database.vendor == "postgresql":
            cursor.execute(_ON_POSTGRESQL)
            return
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'comments_search_%'")
        if cursor.fetchone()[0] == 0:
            for statement in _ON_SQLITE:
                cursor.execute(statement)


def learn(comments: Iterable[int]) -> None:
    """Comments are about to get their places. The index of SQLite takes in together what is published of them; what
    it has not learnt that way it learns with its place, as a part by itself.
    """
    if not is_postgresql():
        here().planned_change(_LEARN_TOGETHER, [many(comments)])


@contextmanager
def patience() -> Iterator[None]:
    """Around `found`: with the memory to keep every place of a common word, and an end. Raises TookTooLong.

    Where that memory is missing, PostgreSQL keeps whole blocks instead and computes the words of each comment in them
    anew: among a million that took a minute. By its reckoning that costs as little as to ask the index.
    """
    with within(settings.SEARCH_TIMEOUT, _("That is found too often. Ask for rarer words, or for more of them.")):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL work_mem = '64MB'")
                cursor.execute("SET LOCAL enable_seqscan = off")
        yield


def found(viewer: Viewer, query: str, discussion_id: int | None = None) -> QuerySet[Comment]:
    """Published comments with all words of `query` that `viewer` may read, with nothing but their `id`.

    Nothing for a query without a word. Order them by `id`.
    """
    rows = Comment.objects.filter(state=Comment.State.PUBLISHED, order__isnull=False)
    rows = rows.filter(Exists(Discussion.objects.visible_to(viewer).filter(pk=OuterRef("discussion")))).only("id")
    if discussion_id is not None:
        rows = rows.filter(discussion=discussion_id)
    asked = _asked(query)
    if not asked:
        return rows.none()
    if connection.vendor == "postgresql":
        return rows.filter(pk__in=RawSQL(_MATCHES_ON_POSTGRESQL, [asked] * 3))  # noqa: S611  constant text
    return rows.filter(pk__in=RawSQL(_MATCHES_ON_SQLITE, [asked]))  # noqa: S611


def shown(found: Iterable[Comment]) -> list[Comment]:
    """The same rows in their order, with all that a list shows."""
    ids = [comment.pk for comment in found]
    rows = Comment.objects.select_related("discussion__article", "author", "tally").defer("discussion__article__body")
    known = rows.in_bulk(ids)
    return [known[pk] for pk in ids if pk in known]


def _asked(query: str) -> str:
    """As the database wants it; empty for a query without a word."""
    words = words_asked(query)
    if connection.vendor == "postgresql":
        return " ".join(words)
    return " ".join(f'"{word}"' for word in words)
