"""Topics of Discourse: lines of the query that docs/moving.md has, the script's JSON, the converters' database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings

from comments.importers.formats import FORMATS
from comments.importers.formats.discourse import unquoted
from comments.importers.records import Broken, Markup, Notes, Options, Page, Reply, State, Unreadable
from tests.importers.archives import (
    EXAMPLES,
    Archive,
    Comment,
    archives,
    lines,
    must_be_refused_where_cut,
    read,
    reasons,
    refused,
    written,
)

URL = "https://Orchard.example/Plums--2020/"
OPENING = f"<p>Plums.</p>\n<hr>\n<small>This belongs to <a href='{URL}'>{URL}</a></small>\n"
AT = "2020-08-01T10:00:00.123456"
TOPIC = {"kind": "topic", "id": 7, "title": "Plums", "url": "https://orchard.example/plums-2020", "opening": OPENING,
         "closed": False, "created_at": AT}  # fmt: skip
POST = {"kind": "post", "id": 70, "topic_id": 7, "reply_to": None, "user_id": 5, "username": "mirabelle",
        "raw": "*Ripe*", "created_at": AT, "edited_at": None, "likes": 2, "hidden": False,
        "deleted": False}  # fmt: skip
SCHEMA = """
CREATE TABLE topics (id INTEGER PRIMARY KEY, title TEXT, created_at DATETIME, closed BOOLEAN, archived BOOLEAN,
    private_message TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, topic_id INTEGER, post_number INTEGER, raw TEXT,
    created_at DATETIME, like_count INTEGER, reply_to_post_id INTEGER, whisper BOOLEAN, small_action BOOLEAN);
CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, email TEXT, password_hash TEXT);
CREATE TABLE likes (post_id INTEGER, user_id INTEGER, created_at DATETIME);
"""


def _database(path: Path, topics: Any, posts: Any, users: Any = (), likes: Any = ()) -> Path:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(SCHEMA)
        for name, rows in (("topics", topics), ("posts", posts), ("users", users), ("likes", likes)):
            for row in rows:
                database.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        database.commit()
    return path


def _read(path: Path) -> tuple[list[Any], Notes]:
    notes = Notes()
    with path.open("rb") as file:
        return list(FORMATS["discourse"].read(file, Options(), notes)), notes


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(State.SHOWN, State.DELETED))
def test_lines_of_the_query_come_back_as_they_were(archive: Archive) -> None:
    topics = [
        TOPIC | {"id": n, "closed": shut, "url": f"https://orchard.example/{n}", "opening": None}
        for n, shut in enumerate(archive.closed)
    ]
    found = read("discourse", lines(*topics, *map(_line, archive.comments)))
    assert not found.broken
    assert [(page.addresses, page.is_closed) for (page,) in found.pages.values()] == [
        ((f"https://orchard.example/{number}",), closed) for number, closed in enumerate(archive.closed)
    ]
    for reply, comment in zip(found.replies, archive.comments, strict=True):
        assert (reply.id, reply.page, reply.at) == (str(comment.number), str(comment.page), comment.at)
        assert reply.parent == (str(comment.parent) if comment.parent else "")
        assert (reply.text, reply.name, reply.state) == (comment.text, comment.name, comment.state)
        assert (reply.up, reply.person) == (comment.up, "" if comment.is_guest else "5")


def _line(comment: Comment) -> dict[str, Any]:
    is_gone = comment.state == State.DELETED
    return POST | {
        "id": comment.number,
        "topic_id": comment.page,
        "reply_to": comment.parent or None,
        "username": comment.name,
        "user_id": -1 if comment.is_guest else 5,
        "raw": comment.text,
        "created_at": comment.at.replace(tzinfo=None).isoformat(),
        "likes": comment.up,
        "hidden": is_gone and comment.is_guest,
        "deleted": is_gone and not comment.is_guest,
    }


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(archives(State.SHOWN))
def test_the_database_and_the_script_give_the_same(archive: Archive) -> None:
    comments = sorted(archive.comments, key=lambda comment: comment.number)
    topics = [(n, "Plums", AT, shut, False, None) for n, shut in enumerate(archive.closed)]
    posts = [
        (c.number, c.number, c.page, None, c.text, c.at.isoformat(" ")[:26], c.up, c.parent or None, False, None)
        for c in comments
    ]
    users = [(c.number, c.name, None, "secret") for c in comments]
    with TemporaryDirectory() as folder:
        records, _ = _read(_database(Path(folder) / "it's 100%.db", topics, posts, users))
    pages = [record for record in records if isinstance(record, Page)]
    assert [(page.id, page.identifier, page.is_closed) for page in pages] == [
        (str(number), f"t/{number}", closed) for number, closed in enumerate(archive.closed)
    ]
    replies = [record for record in records if isinstance(record, Reply)]
    for reply, comment in zip(replies, comments, strict=True):
        assert (reply.id, reply.page, reply.at) == (str(comment.number), str(comment.page), comment.at)
        assert (reply.parent, reply.text) == (str(comment.parent or ""), comment.text)
        assert (reply.name, reply.up, reply.person) == (comment.name, comment.up, str(comment.number))
    topics_of_script = [
        {"posts": [_scripted(each) for each in comments if each.page == n], "id": n + 1, "title": "Plums"}
        for n in range(len(archive.closed))
    ]
    found = read("discourse", {"topics": topics_of_script, "users": []})
    assert [page.identifier for (page,) in found.pages.values()] == [f"t/{n + 1}" for n in range(len(archive.closed))]
    assert {(reply.id, reply.page, reply.at, reply.text, reply.name) for reply in found.replies} == {
        (str(c.number), f"topic {c.page}", c.at, c.text, c.name) for c in comments
    }


def _scripted(comment: Comment) -> dict[str, Any]:
    return {"id": comment.number, "author": comment.name, "body": comment.text, "date": written(comment.at)}


def test_a_line_is_read_as_it_is_meant() -> None:
    found = read("discourse", lines(TOPIC, POST))
    reply, (page,) = found.reply, found.pages["7"]
    assert page.addresses == (URL, "https://orchard.example/plums-2020")
    assert (reply.text, reply.markup, reply.at) == (
        "*Ripe*",
        Markup.MARKDOWN,
        datetime(2020, 8, 1, 10, 0, 0, 123_456, UTC),
    )
    edited = read("discourse", lines(POST | {"edited_at": "2020-08-02T00:00:00", "email": "m@orchard.example"})).reply
    assert (edited.edited_at, edited.email) == (datetime(2020, 8, 2, tzinfo=UTC), "m@orchard.example")
    no_article = read("discourse", lines(TOPIC | {"url": None, "opening": "Plums?"})).pages["7"][0]
    assert (no_article.addresses, no_article.identifier) == ((), "t/7")


def test_of_the_database_only_what_readers_have_written_comes_in(tmp_path: Path) -> None:
    topics = [(7, "Plums", AT, 0, 1, None), (8, "Between us", AT, 0, 0, '{"user_ids": [5]}')]
    posts = [
        (70, -1, 7, 1, OPENING, AT, 0, None, 0, 0),
        (71, 5, 7, 2, "Ripe", AT, 9, 70, 0, 0),
        (72, 5, 7, 3, "whispered", AT, 0, 71, 1, 0),
        (73, 5, 7, 4, "closed this", AT, 0, 71, 0, 1),
        (74, 5, 8, 1, "private", AT, 0, None, 0, 0),
        (75, 6, 7, 5, OPENING, AT, None, 71, None, None),
        (76, 5, 7, 6, "late", "soon", 0, 71, 0, 0),
    ]
    users = [(5, "mirabelle", "m@orchard.example", "secret")]
    path = _database(tmp_path / "intermediate.db", topics, posts, users, likes=[(71, 1, AT), (71, 2, AT)])
    (tmp_path / "intermediate.db-wal").write_bytes(b"x")
    records, notes = _read(path)
    page, *replies, broken = records
    assert (page.addresses, page.is_closed) == ((URL,), True)
    assert [(each.id, each.parent, each.name, each.up) for each in replies] == [
        ("71", "", "mirabelle", 2),
        ("75", "71", "", 0),
    ]
    assert broken == Broken("row 76 of posts", "“created_at” is no time.")
    assert "secret" not in str(records)
    assert sorted(number for number, _ in notes.counts.values()) == [1, 1, 1, 2]


def test_of_the_script_the_opening_post_that_points_at_an_article_is_none() -> None:
    post = {"id": 2, "author": "Mirabelle", "body": "<p>Ripe</p>", "date": "2020-08-01 12:00:00"}
    topic = {
        "title": "Plums",
        "posts": [post | {"id": 1, "body": OPENING}, post, post | {"body": OPENING, "date": 1}],
        "id": 7,
    }
    found = read("discourse", {"topics": [topic, {"id": [], "posts": [post]}, 7]}, zone="Europe/Berlin")
    assert [page.addresses for (page,) in found.pages.values()] == [(URL,), ()]
    assert [(each.text, each.markup, each.at.hour, each.page) for each in found.replies] == [
        ("<p>Ripe</p>", Markup.HTML, 10, "topic 0"),
        ("<p>Ripe</p>", Markup.HTML, 10, "topic 1"),
    ]
    assert [each.reason for each in found.broken] == ["“date” is no time.", "It is no topic."]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (
            '[quote="mirabelle, post:3, topic:7"]\nRipe?\nNo.\n[/quote]\nYes!',
            "> @mirabelle:\n>\n> Ripe?\n> No.\n\nYes!",
        ),
        ("a [quote]b[/quote] c", "a\n\n> b\n\n c"),
        ("[quote]a\n[quote]b[/quote]\n[/QUOTE]", "> a\n\n> > b"),
        ("[quote]never closed", "[quote]never closed"),
        ("[/quote] never opened, [poll]", "[/quote] never opened, [poll]"),
        ('[quote="O\'Hara the 2nd, post:1"]x[/quote]', "> x"),
    ],
)
def test_quotes_become_block_quotes(raw: str, text: str) -> None:
    assert unquoted(raw) == text
    assert unquoted("[quote]" * 2000 + "x" + "[/quote]" * 2000) == "> " * 8 + "x"


@pytest.fixture
def damaged(tmp_path: Path) -> Callable[..., str]:
    """`damaged(content)` is why a database with these bytes is refused."""

    def damaged(content: bytes) -> str:
        path = tmp_path / "damaged.db"
        path.write_bytes(content)
        with pytest.raises(Unreadable) as refusal:
            _read(path)
        return str(refusal.value)

    return damaged


def test_other_databases_are_refused(tmp_path: Path, damaged: Callable[..., str]) -> None:
    posts = [(number, 5, 7, number, "x" * 500, AT, 0, None, 0, 0) for number in range(1, 400)]
    whole = _database(tmp_path / "whole.db", [(7, "Plums", AT, 0, 0, None)], posts).read_bytes()
    assert "the file is cut off" in damaged(whole[:100])
    assert "the file is cut off" in damaged(whole[: len(whole) // 2])
    assert "the database is damaged" in damaged(whole[:20_000] + b"\xff" * 20_000 + whole[40_000:])
    for number, schema in enumerate(_others()):
        path = tmp_path / f"{number}.db"
        with closing(sqlite3.connect(path)) as database:
            database.executescript(schema)
        assert "is missing, so this is no database of Discourse" in damaged(path.read_bytes())


def _others() -> Iterator[str]:
    yield "CREATE TABLE comments (id);"
    yield "CREATE TABLE topics (id); CREATE TABLE posts (id, topic_id, raw);"
    yield (
        "CREATE TABLE topics (id);"
        "CREATE VIEW posts AS WITH RECURSIVE r(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM r)"
        " SELECT id, 7 AS topic_id, '' AS raw, '' AS created_at FROM r;"
    )


def test_other_files_are_refused() -> None:
    assert refused("discourse", {"users": []}) == "Line 1: this is no export of Discourse: its topics are missing."
    assert refused("discourse", b"SELECT 1").startswith("Line 1, column 1: this is no JSON")
    must_be_refused_where_cut("discourse", lines(TOPIC, POST), but=b"\n")
    must_be_refused_where_cut("discourse", json.dumps({"topics": [{"id": 1, "posts": []}]}).encode())
    assert reasons("discourse", lines(TOPIC, POST | {"kind": "like"}, POST | {"topic_id": {}}, 5)) == [
        "It is neither a topic nor a post of the query.",
        "“topic_id” is no text.",
        "It is no object.",
    ]
