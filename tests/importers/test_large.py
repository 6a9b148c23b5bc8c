"""Exports with thousands of comments under one post: whole trees, exact counts, also after an interruption."""

from __future__ import annotations

import resource
import signal
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError
from django.db import connection, transaction

from articles.models import Article
from comments.importers import wordpress
from comments.models import Comment, CommentTally, Discussion
from newsroom.live.models import Event
from tests.support.product import Process, environment, manage
from tests.support.services import wait_for

pytestmark = pytest.mark.django_db
SIZE = 1_300  # comments: more than are read, and more than are written at once
START = datetime(2019, 3, 2, 12, tzinfo=UTC)
SPAM, EMPTY, HELD, REPEATED = range(4)
_COMMENT = (
    "<wp:comment><wp:comment_id>{id}</wp:comment_id><wp:comment_author>Wer</wp:comment_author>"
    "<wp:comment_date_gmt>{at:%Y-%m-%d %H:%M:%S}</wp:comment_date_gmt><wp:comment_content>{text}</wp:comment_content>"
    "<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_parent>{parent}</wp:comment_parent></wp:comment>"
)
_ITEM = (
    "<item>{comments}<title>Ein Steg</title><wp:post_id>1</wp:post_id><wp:post_type>post</wp:post_type>"
    "<wp:status>publish</wp:status><wp:post_date_gmt>2019-03-02 10:00:00</wp:post_date_gmt></item>"
)
_HEAD = '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><wp:wxr_version>1.2</wp:wxr_version>'


class _Told:
    """What a file says of a comment, and what has to become of it."""

    def __init__(self, number: int, chance: Random) -> None:
        self.id = number
        self.at = START + timedelta(seconds=number // 3)  # three at once
        self.parent = chance.randrange(max(1, number - 700), number) if number > 1 and chance.random() < 0.6 else 0
        self.kind = chance.randrange(20)
        self.is_in = self.kind not in {SPAM, EMPTY}
        self.is_seen = self.is_in and self.kind != HELD

    def xml(self) -> str:
        approved = {SPAM: "spam", HELD: "0"}.get(self.kind, "1")
        text = "" if self.kind == EMPTY else f"Satz {self.id}."
        xml = _COMMENT.format(id=self.id, at=self.at, text=text, approved=approved, parent=self.parent)
        return xml + xml.replace("Satz", "Noch einmal") * (self.kind == REPEATED)


@pytest.fixture(scope="module")
def told() -> dict[int, _Told]:
    chance = Random(4)
    return {number: _Told(number, chance) for number in range(1, SIZE + 1)}


@pytest.fixture
def export(told: dict[int, _Told], tmp_path: Path) -> Path:
    """In no order: answers before what they answer, and before their post's title."""
    some = list(told.values())
    Random(5).shuffle(some)
    path = tmp_path / "large.xml"
    item = _ITEM.format(comments="".join(each.xml() for each in some))
    path.write_text(f"{_HEAD}{item}</channel></rss>", encoding="utf-8")
    return path


def _above(told: dict[int, _Told], number: int) -> int:
    """The next comment above that readers see, or 0."""
    above = told[number].parent
    while above and not told[above].is_seen:
        above = told[above].parent
    return above


def _must_be_whole(told: dict[int, _Told]) -> None:
    rows = {int(each.source_id.rpartition(":")[2]): each for each in Comment.objects.select_related("parent", "root")}
    assert rows.keys() == {number for number, each in told.items() if each.is_in}
    for number, row in rows.items():
        above = _above(told, number)
        assert row.parent == rows.get(above)
        assert row.root == (rows[above].root or rows[above] if above else None)
        assert row.text == f"Satz {number}."
        assert (row.state, row.created_at) == ("published" if told[number].is_seen else "held", told[number].at)
    _must_be_counted()


def _must_be_counted() -> None:
    seen = Comment.objects.exclude(order=None).order_by("order")
    answers: Counter[int] = Counter()
    for parent, root in seen.values_list("parent", "root"):
        answers.update({parent, root} - {None})
    tally = Discussion.objects.get().tally
    assert [each.created_at for each in seen] == sorted(each.created_at for each in seen)
    assert dict(CommentTally.objects.values_list("pk", "reply_count")) == dict(answers)
    assert (tally.comment_count, tally.last_comment) == (seen.count(), seen.last())
    assert (tally.last_order, tally.last_activity) == (seen.last().order, seen.last().created_at)


def test_a_large_tree_in_no_order_comes_in_whole(run, export, told, api):
    counted = run(export, "--dry-run")
    said = run(export)

    assert said == counted
    assert f"Comments published: {sum(each.is_seen for each in told.values())}" in said
    _must_be_whole(told)
    last = max(number for number, each in told.items() if each.is_seen)
    found = api().get(f"/api/v1/search/?q=Satz+{last}").json()
    assert [each["text"] for each in found["results"]] == [f"Satz {last}."]


def test_after_an_interruption_the_next_run_adds_the_rest(run, export, told):
    def interrupt(share: float, _done: int) -> None:
        if share > 0.5 and Comment.objects.exists():
            raise KeyboardInterrupt

    with export.open("rb") as file, pytest.raises(KeyboardInterrupt):
        wordpress.run(file, dry_run=False, progress=interrupt)
    some = Comment.objects.count()
    _must_be_counted()
    held = Event.objects.filter(kind="queue.entered").count()
    run(export)

    assert 0 < some < sum(each.is_in for each in told.values())
    assert 0 < held < Event.objects.filter(kind="queue.entered").count()
    _must_be_whole(told)
    events = Event.objects.count()
    assert "Nothing new." in run(export)
    assert Event.objects.count() == events


def test_its_questions_are_answered_from_indexes(run, blog, db):
    """However many comments there are: on PostgreSQL small tables are read whole unless it is told otherwise."""
    asked: dict[str, object] = {}

    def note(execute, sql, params, many, context):
        if sql.startswith("SELECT") and ("comments_comment" in sql or "articles_article" in sql):
            asked[sql] = params
        return execute(sql, params, many, context)

    run()
    with connection.execute_wrapper(note):
        run(blog("<wp:comment_id>103<", "<wp:comment_id>203<"))
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        plans = {sql: _plan(cursor, sql, params) for sql, params in asked.items()}

    assert len(plans) > 5
    assert not [sql for sql, plan in plans.items() if "SCAN comments_comment" in plan or "SCAN articles_art" in plan]
    assert not [sql for sql, plan in plans.items() if "Seq Scan on comments_comment" in plan]


def _plan(cursor, sql, params) -> str:
    how = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    cursor.execute(f"{how} {sql}", params)
    return "\n".join(str(row) for row in cursor.fetchall())


def test_comments_that_answer_each_other_in_a_long_circle_come_in_once(run, tmp_path):
    size = 900
    comments = "".join(
        _COMMENT.format(id=each, at=START + timedelta(seconds=each), text="Ei", approved=1, parent=each % size + 1)
        for each in range(1, size + 1)
    )
    path = tmp_path / "circle.xml"
    path.write_text(f"{_HEAD}{_ITEM.format(comments=comments)}</channel></rss>", encoding="utf-8")

    assert f"Comments published: {size}" in run(path)
    assert [each.source_id for each in Comment.objects.filter(parent=None)] == [":1"]
    _must_be_counted()


def _many(path: Path, size: int, text: str) -> Path:
    """An export with so many comments under one post, every second an answer to the one before."""
    comments = "".join(
        _COMMENT.format(
            id=each, at=START + timedelta(seconds=each), text=text, approved=1, parent=each - 1 if each % 2 == 0 else 0
        )
        for each in range(1, size + 1)
    )
    path.write_text(f"{_HEAD}{_ITEM.format(comments=comments)}</channel></rss>", encoding="utf-8")
    return path


def test_a_full_disk_is_named_and_nothing_is_imported(run, tmp_path):
    """No file of this process may grow beyond a mebibyte; what is read needs three."""
    path = _many(tmp_path / "long.xml", 300, "Ein langer Satz. " * 600)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, hard))
    try:
        with pytest.raises(
            CommandError, match=r"temporary database could not be written \(.+\); is the disk full"
        ) as no:
            run(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert no.value.returncode == 1
    assert "\n" not in str(no.value)
    assert not Article.objects.exists()
    assert "Comments published: 300" in run(path)


@pytest.mark.django_db(transaction=True)
def test_after_it_was_killed_the_next_run_adds_the_rest(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("a server's transactions outlive no client")
    size, base = 3_000, tmp_path / "site.sqlite3"
    path = _many(tmp_path / "many.xml", size, "Ein Satz.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(base)])
    env = environment(DATABASE_URL=f"sqlite:///{base}", NEWSROOM_DATA=str(tmp_path))

    def ask(question: str) -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(base)) as here:
            return here.execute(question).fetchall()

    counted = "SELECT comment_count, (SELECT count(*) FROM comments_comment), (SELECT sum(reply_count) FROM "
    counted += "comments_commenttally), (SELECT count(parent_id) FROM comments_comment) FROM comments_discussiontally"
    with Process("import_articles", "wordpress", str(path), env=env) as process:
        wait_for(lambda: ask("SELECT 1 FROM comments_comment LIMIT 1") != [], what="the first comments")
        process.stop(signal.SIGKILL)
    ((tally, some, answers, told),) = ask(counted)
    assert 0 < tally == some < size
    assert answers == told

    again = [manage("import_articles", "wordpress", str(path), env=env) for _ in range(2)]

    assert [each.returncode for each in again] == [0, 0], again
    assert f"Comments known already: {some}" in again[0].stdout
    assert "Nothing new." in again[1].stdout
    assert ask(counted) == [(size, size, size // 2, size // 2)]
    assert ask("PRAGMA integrity_check") == [("ok",)]
