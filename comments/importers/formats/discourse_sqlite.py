"""Reads the SQLite database that Discourse's converters write: topics and posts, with the names of the query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

from comments.importers.databases import MAGIC, is_table, look_beside, must_be_sound, must_be_whole, opened
from comments.importers.fields import Fields
from comments.importers.records import Notes, Unreadable

_ALIASES = {"topics": "t", "posts": "p", "users": "u", "likes": "l"}
_NEEDED = {"topics": {"id"}, "posts": {"id", "topic_id", "raw", "created_at"}}
_TOPICS = """
WITH openings AS (
    SELECT id, topic_id, raw, row_number() OVER (
        PARTITION BY topic_id ORDER BY {p[post_number]} IS NULL, {p[post_number]}, created_at, id
    ) AS number FROM posts p
)
SELECT t.id, {t[title]} AS title, {is_t[closed]} OR {is_t[archived]} AS closed,
    {t[created_at]} AS created_at, {t[embed_url]} AS url, o.raw AS opening, o.id AS opening_id
FROM topics t LEFT JOIN openings o ON o.topic_id = t.id AND o.number = 1
WHERE NOT {is_t[private_message]} ORDER BY t.id
"""
_POSTS = """
SELECT p.id, p.topic_id, {p[reply_to_post_id]} AS reply_to, {p[user_id]} AS user_id, p.raw, p.created_at,
    {u[username]} AS username, {u[email]} AS email, coalesce({n}, {p[like_count]}) AS likes,
    {is_p[hidden]} AS hidden, {p[deleted_at]} IS NOT NULL OR {is_p[user_deleted]} AS deleted,
    {is_p[whisper]} OR {is_p[small_action]} OR coalesce({p[post_type]}, 1) <> 1 AS is_other,
    {is_t[private_message]} AS is_private
FROM posts p LEFT JOIN topics t ON t.id = p.topic_id {users} {likes} ORDER BY p.id
"""
_USERS = "LEFT JOIN users u ON u.id = p.user_id"
_LIKES = "LEFT JOIN (SELECT post_id, count(*) AS n FROM likes GROUP BY post_id) l ON l.post_id = p.id"


class _Columns(dict[str, str]):
    """Columns of a table by name, for a statement; NULL for those that this version of it does not have."""

    def __missing__(self, name: str) -> str:
        return "NULL"


class _Flags(dict[str, str]):
    """Whether a column says yes: by a boolean, or by a value such as the list of people of a private message."""

    def __init__(self, columns: _Columns) -> None:
        super().__init__(
            {name: f"(coalesce({column}, 0) NOT IN (0, '', '0', 'f', 'false'))" for name, column in columns.items()}
        )

    def __missing__(self, name: str) -> str:
        return "0"


def is_database(file: IO[bytes]) -> bool:
    file.seek(0)
    return file.read(len(MAGIC)) == MAGIC


def tables(file: IO[bytes], notes: Notes) -> tuple[Iterator[Fields], Iterator[Fields]]:
    """Topics, and posts that readers have written. Raises Unreadable, also while they are read."""
    must_be_whole(file)
    look_beside(Path(file.name), notes, "the converter")
    with closing(_opened(file)) as database:
        try:
            columns = {name: _columns(database, name, alias) for name, alias in _ALIASES.items()}
            must_be_sound(database)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"Byte 0: the database is damaged ({error}).") from error
    for name, needed in _NEEDED.items():
        if missing := needed - columns[name].keys():
            raise Unreadable(
                f"Table {name}: the column {min(missing)} is missing, so this is no database of Discourse."
            )
    t, p, u, likes = (columns[name] for name in _ALIASES)
    has_users, has_likes = "id" in u and "user_id" in p, "post_id" in likes
    names: dict[str, object] = {
        "t": t,
        "p": p,
        "is_t": _Flags(t),
        "is_p": _Flags(p),
        "u": u if has_users else _Columns(),
        "users": _USERS if has_users else "",
        "n": "l.n" if has_likes else "NULL",
        "likes": _LIKES if has_likes else "",
    }
    posts = _rows(file, _POSTS.format(**names), "posts", notes)
    return _rows(file, _TOPICS.format(**names), "topics", notes), _written(posts, notes)


def _opened(file: IO[bytes]) -> sqlite3.Connection:
    database = opened(Path(file.name))
    database.row_factory = sqlite3.Row
    return database


def _columns(database: sqlite3.Connection, table: str, alias: str) -> _Columns:
    """Of a real table only."""
    if not is_table(database, table):
        return _Columns()
    names = [row["name"] for row in database.execute("SELECT name FROM pragma_table_info(?)", [table])]
    return _Columns({name: f"{alias}.{name}" for name in names if name.isidentifier()})


def _rows(file: IO[bytes], statement: str, table: str, notes: Notes) -> Iterator[Fields]:
    number: object = 0
    with closing(_opened(file)) as database:
        try:
            for row in database.execute(statement):
                number = row["id"]
                yield Fields(dict(row), f"row {str(number)[:40]} of {table}", notes)
        except (sqlite3.DatabaseError, OverflowError, UnicodeDecodeError) as error:
            raise Unreadable(f"Row after {str(number)[:40]} of {table}: the database is damaged ({error}).") from error


def _written(posts: Iterator[Fields], notes: Notes) -> Iterator[Fields]:
    for fields in posts:
        if fields.values["is_private"]:
            notes.add("Posts in private messages, which are left out", fields.place)
        elif fields.values["is_other"]:
            notes.add("Whispers and notes of Discourse itself, which are left out", fields.place)
        else:
            yield fields
