"""Files that nobody expected: what they hold neither stops an import half-way nor reaches readers and terminals."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from gzip import compress
from io import BytesIO, StringIO
from pathlib import Path
from threading import Thread as Task
from typing import Any
from zipfile import ZIP_LZMA, ZipFile

import pytest
from django.core.management import CommandError, call_command

from articles.importers import documents, elements
from articles.models import Article
from comments.importers import spool
from comments.models import Comment
from newsroom.live.models import Event
from tests.importers.archives import lines
from tests.importers.disqus import Post, Thread, write
from tests.importers.test_coral import COMMENT as CORAL
from tests.importers.test_coral import STORY
from tests.importers.test_discourse import POST, TOPIC
from tests.importers.test_feeds import RSS
from tests.importers.test_feeds import SOURCES as FEEDS
from tests.importers.test_remark42 import HEAD, LINE
from tests.importers.test_systems import SYSTEMS

type Move = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.django_db
BLOG = Path(__file__).parent / "blog.xml"
SITES = ("--site", "https://ferry.example", "--site", "https://coral.example", "--site", "https://blatt.example")


def refusal(command: str, name: str, path: Path, *options: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command(command, name, str(path), *options, stdout=StringIO(), stderr=StringIO())
    assert refused.value.returncode == 1
    assert not Comment.objects.exists()
    assert not Article.objects.exists()
    return str(refused.value).removeprefix(f"{path}: ")


def table(name: str, path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_comments", name, str(path), *SITES, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def put(path: Path, content: Any) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def others(tmp_path: Path) -> dict[str, Path]:
    """Command and format → a file of it."""
    files = {f"import_comments {name}": put(tmp_path / name, content()) for name, content, _ in SYSTEMS.values()
             if name != "coral" or content.__name__ == "_coral"}  # fmt: skip
    files["import_comments disqus"] = write(tmp_path / "disqus.xml", [Thread("1"), Post("1")])
    files["import_comments wordpress"] = BLOG
    files["import_comments newsroom"] = tmp_path / "newsroom.jsonl"
    call_command("export_comments", str(files["import_comments newsroom"]), stdout=StringIO())
    files["import_articles newsroom"] = tmp_path / "articles.jsonl"
    call_command("export_articles", str(files["import_articles newsroom"]), stdout=StringIO())
    for name, content in FEEDS.items():
        files[f"import_articles {name.partition(' ')[0]}"] = put(tmp_path / f"articles {name}", content)
    for name, tables in (("isso", ("threads", "comments")), ("discourse", ("topics", "posts"))):
        files[f"import_comments {name}"] = tmp_path / f"{name}.db"
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as base:
            for each in tables:
                base.execute(f"CREATE TABLE {each} (id INTEGER)")
    return files


@pytest.mark.django_db(transaction=True)
def test_a_file_of_another_system_names_the_command_for_it(tmp_path: Path) -> None:
    files = others(tmp_path)
    assert len(files) == 15
    alike = {("import_comments comentario", "import_comments commento"),
             ("import_articles wordpress", "import_comments wordpress"),
             ("import_articles feed", "import_comments wordpress"),
             ("import_comments wordpress", "import_articles feed"),
             ("import_articles wordpress", "import_articles feed")}  # fmt: skip
    for named in (*files, "import_articles wordpress"):
        command, name = named.split()
        for told, path in files.items():
            if told != named and (named, told) not in alike:
                assert f"no file for {name}; it looks like one for {told}." in refusal(command, name, path)


def test_texts_that_name_other_formats_do_not_mislead(move: Move, tmp_path: Path) -> None:
    text = 'Write {"page_key": 1}, {"kind":"newsroom"} or <disqus>.'
    backup = put(tmp_path / "backup", lines(HEAD, LINE | {"text": "", "orig": text}))
    assert move("remark42", backup)["left"]["foreign_host"] == 1


def test_a_damaged_archive_is_refused(move: Move, tmp_path: Path) -> None:
    backup = lines(HEAD, LINE)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_LZMA) as archive:
        archive.writestr("backup", backup)
    whole = packed.getvalue()
    assert move("remark42", put(tmp_path / "whole", whole), *SITES)["new"] == 1
    Comment.objects.all().delete()
    damaged = put(tmp_path / "damaged", whole[:50] + b"\xff" * 20 + whole[70:])
    assert "damaged" in refusal("import_comments", "remark42", damaged)
    twice = put(tmp_path / "twice", compress(compress(backup)))
    assert "packed twice" in refusal("import_comments", "remark42", twice)


@pytest.mark.parametrize(("command", "name"), [("import_comments", "remark42"), ("import_articles", "feed")])
def test_a_pipe_is_no_file(command: str, name: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = Task(target=lambda: pipe.open("wb").close(), daemon=True)
    writer.start()
    assert "save it as a file first" in refusal(command, name, pipe)


def test_a_report_shows_no_control_characters_of_the_file(tmp_path: Path) -> None:
    key = "\ud800\x1b[2J\r\nnew: 99\u202e"
    backup = put(tmp_path / "backup", "\n".join(map(json.dumps, (HEAD, LINE | {"votes": {key: 1.5}}))).encode())
    said = table("remark42", backup)
    assert "Broken, line 2: “[2J new: 99” is neither true nor false." in said.splitlines()
    waline = put(tmp_path / "waline", {"type": "waline", "version": key, "data": {"Comment": []}})
    with pytest.raises(CommandError, match=r"this is version \[2J new: 99;"):
        call_command("import_comments", "waline", str(waline), "--site", "https://ferry.example")


@pytest.mark.parametrize("sign", ["\u202e", "\x1b", "&#8238;", "&#x1b;", "&#xe000;", "\u2060"])
def test_hidden_signs_of_a_file_reach_no_reader(sign: str, move: Move, tmp_path: Path) -> None:
    backup = lines(HEAD, LINE | {"text": f"<p>do{sign}ck</p>"}, LINE | {"id": "c2", "text": f"<p>{sign}\u200d</p>"})
    assert move("remark42", put(tmp_path / "backup", backup), *SITES)["left"]["empty"] == 1
    comment = Comment.objects.get()
    assert (comment.html, comment.text) == ('<p dir="auto">dock</p>', "dock")
    call_command("import_articles", "feed", str(put(tmp_path / "feed", RSS.replace("blooms", f"bloo{sign}ms")
                 .replace("\x1b", "").encode())), stdout=StringIO())  # fmt: skip
    assert all("blooms" in article.html for article in Article.objects.filter(html__contains="Heather"))


@pytest.mark.parametrize("address", ["http://[", "https://exa mple.org", "https://a.example:99999"])
def test_the_address_of_a_blog_may_be_none(address: str, tmp_path: Path, run: Callable[..., list[str]]) -> None:
    text = BLOG.read_text(encoding="utf-8")
    link = text[text.index("<link>") : text.index("</link>")]
    blog = put(tmp_path / "blog.xml", text.replace(link, f"<link>{address}", 1).replace(
        "<wp:base_blog_url>", f"<wp:base_blog_url>{address}</wp:base_blog_url><wp:other>", 1).replace(
        "</wp:base_blog_url>\n", "</wp:other>\n", 1).encode())  # fmt: skip
    assert run(blog, "--dry-run") == run(blog)
    assert Article.objects.exists()
    feed = put(tmp_path / "feed.xml", RSS.replace("https://heath.example/</link>", f"{address}</link>", 1).encode())
    call_command("import_articles", "feed", str(feed), stdout=StringIO())


def test_times_at_the_ends_of_the_calendar_can_be_shifted(move: Move, tmp_path: Path) -> None:
    ends = write(tmp_path / "ends.xml", [Thread("1"), Post("1", at="9999-12-31T23:59:59Z"), Post("2"),
                                         Post("3", at="0001-01-01T00:00:00Z")])  # fmt: skip
    for shift in ("--shift=02:00", "--shift=-02:00"):
        found = move("disqus", ends, "--site", "https://blatt.example", shift)
        assert (found["new"] + found["known"], found["left"]["broken"]) == (2, 1)
    revisions = [{"body": "Then", "createdAt": "2020-01-01"}, {"body": "Now", "createdAt": "9999-12-31T23:59:59Z"}]
    coral = put(tmp_path / "coral", lines(STORY, CORAL | {"revisions": revisions}))
    assert move("coral", coral, "--site", STORY["url"], "--shift=02:00")["new"] == 1


def test_what_is_wrong_with_one_record_does_not_spoil_the_others(move: Move, tmp_path: Path) -> None:
    site = ("--site", STORY["url"])
    counts = {"REACTION": 2**31 - 1, "REACTION_again": 1}
    coral = lines(STORY, STORY | {"id": "s2", "url": [1]}, CORAL, CORAL | {"id": "c2", "actionCounts": counts})
    found = move("coral", put(tmp_path / "coral", coral), *site)
    assert (found["read"], found["new"]) == ({"threads": 1, "comments": 2}, 1)
    topics = lines(TOPIC, TOPIC | {"id": 8, "closed": []}, POST)
    found = move("discourse", put(tmp_path / "topics", topics), "--site", TOPIC["url"])
    assert (found["read"], found["new"]) == ({"threads": 1, "comments": 1}, 1)
    head = HEAD | {"users": [{"id": [1], "details": {"email": "a@b.example"}}, 5], "posts": ["x"]}
    said = table("remark42", put(tmp_path / "backup", lines(head, LINE)))
    assert "Entries of “users” in the first line that cannot be understood: “id” is no text.: 1" in said


def test_a_long_text_in_csv_is_one_of_many(move: Move, tmp_path: Path) -> None:
    row = "c1,u1,s1,2020-01-01T00:00:00Z,{},,NONE,\n"
    rows = (
        f"s1,{STORY['url']},T,,,,COMMENTS\n{row.format('x' * 150_000)}{row.replace('c1', 'c2').format('y' * 210_000)}"
    )
    found = move("coral", put(tmp_path / "coral.csv", rows.encode()), "--site", STORY["url"])
    assert (found["new"], found["left"]["broken"]) == (1, 1)


def test_a_database_may_have_anything_in_its_columns(move: Move, tmp_path: Path) -> None:
    path = tmp_path / "comments.db"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE threads (id, uri, title)")
        base.execute("CREATE TABLE comments (tid, id, parent, created, modified, mode, text, author, email, likes,"
                     " dislikes)")  # fmt: skip
        base.execute("INSERT INTO threads VALUES (1, '/a', char(0, 27) || 'A')")
        for number in ("1", "'a' || char(0) || 'b'", "x'00ff'"):
            base.execute(
                f"INSERT INTO comments VALUES (1, {number}, char(0), 1.7e9, 'x', 1, 'Hi', char(0, 27), 0, 'x', -1)"
            )
        base.execute("INSERT INTO comments VALUES (1, 9, 0, -6e10, 0, 1, 'Hi', '', '', 0, 0)")
        base.commit()
    found = move("isso", path, *SITES)
    assert (found["new"], found["left"]["broken"]) == (3, 1)
    assert "\0" not in "".join(Comment.objects.values_list("source_id", flat=True))
    with closing(sqlite3.connect(path)) as base:
        base.executescript("DROP TABLE comments; CREATE VIRTUAL TABLE comments USING fts5 (tid, text)")
    with pytest.raises(CommandError, match="no database of Isso"):
        call_command("import_comments", "isso", str(path), *SITES)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["comments", "articles"])
def test_lines_of_ours_are_refused_if_no_database_takes_them(
    kind: str, tmp_path: Path, imported: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "export.jsonl"
    call_command(f"export_{kind}", str(path), stdout=StringIO())
    whole = path.read_bytes()
    events = Event.objects.count()
    out = StringIO()
    call_command(f"import_{kind}", "newsroom", str(path), stdout=out)  # all of it is known
    assert "Nothing new." in out.getvalue().splitlines()
    assert Event.objects.count() == events
    year = whole.index(b'"created_at":"') + len(b'"created_at":"')
    for spoiled, reason in (
        (whole.replace(b'"language":"de"', b'"language":"\\u0000"').replace(b'"text":"', b'"text":"\\u0000'), "NUL"),
        (b"\xef\xbb\xbf" + whole, "byte order mark"),
        (whole[:year] + b"0001-01-01T00:00:00+05:00" + whole[year + 27 :], "time"),
    ):
        assert spoiled != whole
        with pytest.raises(CommandError, match=rf": Line \d+: .*{reason}"):
            call_command(f"import_{kind}", "newsroom", str(put(path, spoiled)))
    monkeypatch.setattr(documents, "LONGEST_LINE", 100)
    with pytest.raises(CommandError, match=r": Line \d+: it is longer than 100 bytes"):
        call_command(f"import_{kind}", "newsroom", str(put(path, whole)))


@pytest.mark.parametrize("word", ["true", "True", "1", " yes "])
def test_nothing_deleted_or_spam_is_shown_however_the_file_says_so(word: str, move: Move, tmp_path: Path) -> None:
    path = write(tmp_path / "posts.xml", [Thread("1"), Post("1", is_deleted=True), Post("2", is_spam=True)])
    path.write_text(path.read_text().replace(">true<", f">{word}<"))
    found = move("disqus", path, "--site", "https://blatt.example")
    assert (found["new"], found["left"]["deleted"], found["left"]["spam"]) == (0, 1, 1)


def test_an_element_without_end_needs_no_memory(move: Move, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "posts.xml", [Thread("1"), *[Post(str(number)) for number in range(3000)]])
    monkeypatch.setattr(elements, "LONGEST", 200_000)  # the whole file has more
    monkeypatch.setattr(elements, "_LONGEST_TAG", 100_000)
    assert move("disqus", path, "--site", "https://blatt.example", "--dry-run")["new"] == 3000
    start, end = path.read_text().split("<post ", 1)[0], "</disqus>"
    for inner, reason in (
        (f"<post><message><![CDATA[{'x' * 400_000}]]></message></post>", "what ends here is longer"),
        (f"<post dsq:id='{'x' * 300_000}'/>", "the tag that begins here is longer"),
        (f"<!-- {'x' * 300_000} -->", "the tag that begins here is longer"),
        (f"<post>{'<a/>' * 100_001}</post>", "what ends here is longer|elements are in one"),
    ):
        path.write_text(f"{start}{inner}{end}")
        with pytest.raises(CommandError, match=rf": Line \d+, column \d+: .*(?:{reason})"):
            call_command("import_comments", "disqus", str(path), "--site", "https://blatt.example")


def test_thousands_of_one_day_stand_close_together_before_the_next(
    move: Move, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "AT_ONCE", 10)  # the places of many batches are looked for one after another
    posts = [Post(str(number), at="2020-01-02T00:00:00Z") for number in range(1, 801)]
    later = Post("4000", at="2020-01-02T00:00:01Z")
    site = ("--site", "https://blatt.example")
    move("disqus", write(tmp_path / "some.xml", [Thread("1"), *posts[:400], later]), *site)
    assert move("disqus", write(tmp_path / "all.xml", [Thread("1"), *posts, later]), *site)["new"] == 400
    orders = dict(Comment.objects.values_list("source_id", "order"))
    assert len(set(orders.values())) == 801
    assert max(orders, key=lambda key: orders[key] or 0) == "blatt.example:4000"


@pytest.mark.parametrize(("name", "tables"), [("isso", "threads comments"), ("discourse", "topics posts")])
def test_a_damaged_scheme_is_refused_though_sqlite_cannot_say_it(name: str, tables: str, tmp_path: Path) -> None:
    path = tmp_path / "base.db"
    with closing(sqlite3.connect(path)) as base:
        for each in tables.split():
            base.execute(f"CREATE TABLE {each} (id INTEGER)")
    path.write_bytes(path.read_bytes().replace(b"(id INTEGER)", b"(id \xc7NTEGER("))
    assert refusal("import_comments", name, path, *SITES).startswith("Byte 0: the database is damaged")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "x", "https://"])
def test_a_discussion_of_ours_has_an_address_of_a_page(address: str, move: Move, tmp_path: Path) -> None:
    move("disqus", write(tmp_path / "posts.xml", [Thread("1"), Post("1")]), "--site", "https://blatt.example")
    path = tmp_path / "export.jsonl"
    call_command("export_comments", str(path), stdout=StringIO())
    assert move("newsroom", path)["known"] == 1
    path.write_text(path.read_text().replace('"url":"https://blatt.example/eins"', f'"url":"{address}"'))
    with pytest.raises(CommandError, match=r": Line 2: “.*” is no address of a page"):
        call_command("import_comments", "newsroom", str(path))
