"""An import that is killed at any moment, as often as may be, and then comes to its end: all is as after one run."""

from __future__ import annotations

import random
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from comments.models import Comment, Discussion
from tests.importers.disqus import SITE, Post, Thread, write
from tests.support.product import Process, environment, manage
from tests.support.services import wait_for

THREADS, POSTS = 12, 1_500
HERE = ("--site", SITE, "--json")
type Rows = list[tuple[object, ...]]
_COUNT = "SELECT count(*) FROM comments_comment WHERE source = 'disqus'"
_SHOWN = """SELECT (SELECT count(*) FROM comments_comment WHERE source = 'disqus' AND state = 'published'),
(SELECT coalesce(sum(comment_count), 0) FROM comments_discussiontally JOIN comments_discussion ON id = discussion_id
WHERE url IS NOT NULL)"""
_COMMENTS = """SELECT c.source_id, p.source_id, r.source_id, c."order", c.state, c.text, c.version, c.author_name,
coalesce(t.reply_count, 0), coalesce(t.is_out, false), d.url
FROM comments_comment c JOIN comments_discussion d ON d.id = c.discussion_id
LEFT JOIN comments_comment p ON p.id = c.parent_id LEFT JOIN comments_comment r ON r.id = c.root_id
LEFT JOIN comments_commenttally t ON t.comment_id = c.id WHERE c.source = 'disqus'"""
_DISCUSSIONS = """SELECT d.url, d.title, d.switch, t.comment_count, t.last_order, c.source_id,
(SELECT count(*) FROM comments_alias a WHERE a.discussion_id = d.id)
FROM comments_discussion d JOIN comments_discussiontally t ON t.discussion_id = d.id
LEFT JOIN comments_comment c ON c.id = t.last_comment_id WHERE d.url IS NOT NULL"""


def _export(path: Path) -> Path:
    chance = random.Random(7)
    records: list[Thread | Post] = []
    for thread in range(THREADS):
        records += [
            Thread(f"{thread}", link=f"{SITE}/{thread}/"),
            Thread(f"9{thread}", link=f"{SITE}/{thread}/?utm_id=1"),
        ]
    for number in range(1, POSTS + 1):
        records.append(
            Post(
                str(number),
                thread=str(number % THREADS),
                parent=str(max(0, number - THREADS * chance.randrange(4)) or ""),
                at=f"2020-01-02T03:{number // 120:02}:{number // 2 % 60:02}Z",
                text=f"<p>Satz {number}</p>",
                is_deleted=chance.random() < 0.1,
            )
        )
    return write(path, records)


@pytest.fixture
def base(tmp_path: Path) -> tuple[dict[str, str], Callable[[str], Rows]]:
    """The environment of commands, and a function that asks their database: a copy on SQLite, else the tests' own."""
    if connection.vendor == "sqlite":
        copy = tmp_path / "site.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        env = environment(DATABASE_URL=f"sqlite:///{copy}", NEWSROOM_DATA=str(tmp_path))

        def ask(question: str) -> Rows:
            with closing(sqlite3.connect(copy)) as here:
                return here.execute(question).fetchall()

        return env, ask
    known = connection.settings_dict
    url = f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"

    def ask_server(question: str) -> Rows:
        with psycopg.connect(url) as here:
            return here.execute(question).fetchall()

    return environment(DATABASE_URL=url, NEWSROOM_DATA=str(tmp_path)), ask_server


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_moment_it_comes_to_the_same_end(base, move, tmp_path, pytestconfig):
    env, ask = base
    path = _export(tmp_path / "export.xml")
    chance = random.Random()
    kills = 20 if pytestconfig.getoption("--full") else 2

    for turn in range(kills):
        before = ask(_COUNT)[0][0]
        wanted = before + chance.randrange(0, max(1, (POSTS - before) // (kills - turn)))
        with Process("import_comments", "disqus", str(path), *HERE, env=env) as process:
            wait_for(
                lambda wanted=wanted: ask(_COUNT)[0][0] >= wanted or process.popen.poll() is not None, what="comments"
            )
            process.stop(signal.SIGKILL)
        ((told, tallied),) = ask(_SHOWN)
        assert told == tallied  # whole comments, all of them counted
    last, again = (manage("import_comments", "disqus", str(path), *HERE, env=env) for _ in range(2))
    killed = [sorted(ask(question), key=repr) for question in (_COMMENTS, _DISCUSSIONS)]

    assert (last.returncode, again.returncode) == (0, 0), last.stderr + again.stderr
    Comment.objects.all().delete()
    Discussion.objects.all().delete()
    numbers = move("disqus", path, "--site", SITE)
    with connection.cursor() as cursor:
        at_once = []
        for question in (_COMMENTS, _DISCUSSIONS):
            cursor.execute(question)
            at_once.append(sorted(cursor.fetchall(), key=repr))
    assert numbers["new"] + numbers["tombstone"] == len(at_once[0]) == len(killed[0])
    assert f'"known": {len(killed[0])}' in again.stdout
    assert killed == at_once
