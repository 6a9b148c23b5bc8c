"""On SQLite the search learns a text with the place of its comment, not before, so that it learns many together."""

from typing import Any

from django.db import migrations

WITHOUT_PLACE = """ FROM comments_comment WHERE state = 'published' AND "order" IS NULL"""
FORGET = "INSERT INTO comments_search (comments_search, rowid, text) SELECT 'delete', {0}id, {0}text"
LEARN = "INSERT INTO comments_search (rowid, text) SELECT {0}id, {0}text"
PUBLISHED = "{0}.state = 'published'"
PLACED = """({0}.state = 'published' AND {0}."order" IS NOT NULL)"""
IS_KNOWN = "EXISTS (SELECT 1 FROM comments_search_docsize WHERE id = new.id)"


def with_place(_apps: Any, editor: Any) -> None:
    """What is published and waits for its place is forgotten until it has got it."""
    old, new = PLACED.format("old"), PLACED.format("new")
    forget = f"{FORGET.format('old.')} WHERE {old}"
    learn = f"{LEARN.format('new.')} WHERE {new} AND NOT {IS_KNOWN}"
    _watch(
        editor,
        FORGET.format("") + WITHOUT_PLACE,
        f"comments_search_in AFTER INSERT ON comments_comment WHEN {new} BEGIN {learn}; END",
        f"comments_search_out AFTER DELETE ON comments_comment WHEN {old} BEGIN {forget}; END",
        'comments_search_change AFTER UPDATE OF text, state, "order" ON comments_comment'
        f" WHEN {old} IS NOT {new} OR old.text IS NOT new.text BEGIN {forget}; {learn}; END",
    )


def without_place(_apps: Any, editor: Any) -> None:
    """The reverse."""
    old, new = PUBLISHED.format("old"), PUBLISHED.format("new")
    forget, learn = FORGET.format("old."), LEARN.format("new.")
    _watch(
        editor,
        LEARN.format("") + WITHOUT_PLACE,
        f"comments_search_in AFTER INSERT ON comments_comment WHEN {new} BEGIN {learn}; END",
        f"comments_search_out AFTER DELETE ON comments_comment WHEN {old} BEGIN {forget}; END",
        "comments_search_change AFTER UPDATE OF text, state ON comments_comment"
        f" BEGIN {forget} WHERE {old}; {learn} WHERE {new}; END",
    )


def _watch(editor: Any, turn: str, *triggers: str) -> None:
    """A new database has no such index yet: it is made after all migrations."""
    database = editor.connection
    if database.vendor != "sqlite" or "comments_search" not in database.introspection.table_names():
        return
    with database.cursor() as cursor:
        for name in ("in", "out", "change"):
            cursor.execute(f"DROP TRIGGER IF EXISTS comments_search_{name}")
        cursor.execute(turn)
        for each in triggers:
            cursor.execute(f"CREATE TRIGGER {each}")


class Migration(migrations.Migration):
    dependencies = [("comments", "0010_said")]

    operations = [migrations.RunPython(with_place, without_place)]
