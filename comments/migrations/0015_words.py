"""The search gets an index of words, the same on both databases, which knows spellings and writing without spaces."""

from typing import Any

from django.db import migrations

from comments.search import INDEX

LANGUAGES = ("german", "english", "russian")
VECTOR = " || ".join(f"to_tsvector('{each}', text)" for each in LANGUAGES)
OLD, NEW = (f"""({row}.state = 'published' AND {row}."order" IS NOT NULL)""" for row in ("old", "new"))
FORGET = f"INSERT INTO comments_search (comments_search, rowid, text) SELECT 'delete', old.id, old.text WHERE {OLD}"
IS_KNOWN = "EXISTS (SELECT 1 FROM comments_search_docsize WHERE id = new.id)"
LEARN = f"INSERT INTO comments_search (rowid, text) SELECT new.id, new.text WHERE {NEW} AND NOT {IS_KNOWN}"
ON_POSTGRESQL = (
    "DROP INDEX CONCURRENTLY IF EXISTS comments_search",
    f"CREATE INDEX CONCURRENTLY comments_search ON comments_comment USING gin (({VECTOR})) WHERE state = 'published'",
)
ON_SQLITE = (
    "DROP TRIGGER IF EXISTS comments_search_in",
    "DROP TRIGGER IF EXISTS comments_search_out",
    "DROP TRIGGER IF EXISTS comments_search_change",
    """CREATE VIRTUAL TABLE IF NOT EXISTS comments_search USING fts5
(text, content='comments_comment', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
    f"CREATE TRIGGER comments_search_in AFTER INSERT ON comments_comment WHEN {NEW} BEGIN {LEARN}; END",
    f"CREATE TRIGGER comments_search_out AFTER DELETE ON comments_comment WHEN {OLD} BEGIN {FORGET}; END",
    f"""CREATE TRIGGER comments_search_change AFTER UPDATE OF text, state, "order" ON comments_comment
WHEN {OLD} IS NOT {NEW} OR old.text IS NOT new.text BEGIN {FORGET}; {LEARN}; END""",
    "INSERT INTO comments_search (comments_search) VALUES ('delete-all')",
    """INSERT INTO comments_search (rowid, text)
SELECT id, text FROM comments_comment WHERE state = 'published' AND "order" IS NOT NULL""",
)


def index(_apps: Any, editor: Any) -> None:
    """Cut off, it goes on where it was. On SQLite the processes of the earlier release write into its index while
    they serve: see `comments.search.catch_up`.
    """
    INDEX.make()
    if editor.connection.vendor == "postgresql":
        editor.execute("DROP INDEX CONCURRENTLY IF EXISTS comments_search")


def index_as_before(_apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        for statement in ON_POSTGRESQL if editor.connection.vendor == "postgresql" else ON_SQLITE:
            cursor.execute(statement)
    INDEX.drop()


class Migration(migrations.Migration):
    atomic = False  # long, in many short transactions, beside writers

    dependencies = [("comments", "0014_decisions_stay")]

    operations = [migrations.RunPython(index, index_as_before)]
