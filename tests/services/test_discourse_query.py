"""The query for Discourse that docs/moving.md has, on PostgreSQL with the columns that it asks for."""

from __future__ import annotations

import re

import psycopg

from comments.importers.records import State
from tests.importers.archives import lines, read
from tests.importers.test_discourse import OPENING, URL
from tests.support import services
from tests.support.product import ROOT

TABLES = """
CREATE TEMP TABLE topics (id int, title text, archetype text DEFAULT 'regular', closed bool DEFAULT false,
    archived bool DEFAULT false, category_id int,
    created_at timestamp DEFAULT '2020-01-02 03:04:05.678901', deleted_at timestamp);
CREATE TEMP TABLE categories (id int, read_restricted bool);
INSERT INTO categories VALUES (1, false), (2, true);
CREATE TEMP TABLE topic_embeds (topic_id int, post_id int, embed_url text, deleted_at timestamp);
CREATE TEMP TABLE posts (id int, topic_id int, user_id int DEFAULT 5, post_number int, reply_to_post_number int,
    raw text, created_at timestamp DEFAULT '2020-01-02 03:04:05.5', version int DEFAULT 1,
    last_version_at timestamp DEFAULT '2020-02-02 03:04:05', like_count int DEFAULT 0, hidden bool DEFAULT false,
    deleted_at timestamp, user_deleted bool DEFAULT false, post_type int DEFAULT 1);
CREATE TEMP TABLE users (id int, username text);
INSERT INTO users VALUES (5, 'mirabelle');
INSERT INTO topics (id, title, category_id) VALUES (7, 'Plums', 1), (8, 'Talk', NULL), (10, 'Staff', 2);
INSERT INTO topics (id, title, archetype) VALUES (9, 'Us', 'private_message');
INSERT INTO topic_embeds VALUES (7, 70, 'https://orchard.example/plums-2020');
INSERT INTO posts (id, topic_id, post_number, reply_to_post_number, raw, version, like_count) VALUES
    (71, 7, 2, 1, E'Line 1\nline \\\\ 2 "q"', 2, 3), (72, 7, 3, 2, 'answer', 1, 0), (80, 8, 1, NULL, 'talk', 1, 0),
    (81, 8, 2, 1, 'about it', 1, 0), (90, 9, 1, NULL, 'secret', 1, 0),
    (100, 10, 1, NULL, 'staff', 1, 0);
INSERT INTO posts (id, topic_id, post_number, raw, post_type) VALUES (73, 7, 4, 'whisper', 4);
INSERT INTO posts (id, topic_id, post_number, raw, user_deleted) VALUES (74, 7, 5, 'gone', true);
"""


def test_the_query_gives_what_is_read(postgres_server: services.Postgres) -> None:
    found = re.search(r"```sql\n(.*?)```", (ROOT / "docs/moving.md").read_text(encoding="utf-8"), re.DOTALL)
    assert found
    with psycopg.connect(f"{postgres_server.url}postgres") as connection:
        connection.execute(TABLES)
        connection.execute("INSERT INTO posts (id, topic_id, post_number, raw) VALUES (70, 7, 1, %s)", [OPENING])
        records = [row for query in found[1].split(";")[:2] for (row,) in connection.execute(query)]
    archive = read("discourse", lines(*records))
    assert [(page.id, page.addresses, page.identifier) for (page,) in archive.pages.values()] == [
        ("7", (URL, "https://orchard.example/plums-2020"), ""),
        ("8", (), "t/8"),
    ]
    assert [(each.id, each.parent, each.text, each.up, each.state) for each in archive.replies] == [
        ("71", "", 'Line 1\nline \\ 2 "q"', 3, State.SHOWN),
        ("72", "71", "answer", 0, State.SHOWN),
        ("74", "", "gone", 0, State.DELETED),
        ("80", "", "talk", 0, State.SHOWN),
        ("81", "80", "about it", 0, State.SHOWN),
    ]
    assert [each.edited_at is not None for each in archive.replies] == [True, False, False, False, False]
    assert {each.name for each in archive.replies} == {"mirabelle"}
