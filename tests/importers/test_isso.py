"""Databases of Isso: states, votes without voters, edits, and what is no database of it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from comments import actions
from comments.models import Comment, Discussion, SealedAddress
from tests.comments.tools import kinds, page

pytestmark = pytest.mark.django_db
SITE = "https://blatt.example"
_SCHEMA = """
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR, author VARCHAR, email VARCHAR, website VARCHAR,
likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL DEFAULT '');
CREATE TABLE comment_votes (comment_id INTEGER, vote INTEGER);
PRAGMA user_version = 3;
"""
_ROWS = [  # thread, id, parent, created, modified, mode, text, author, likes, dislikes
    (1, 1, None, 1_700_000_000.25, None, 1, "**Fett** und <b>kein</b> ![Bild](https://x.example/b.png)", "Ada", 3, 1),
    (1, 2, 1, 1_700_000_100.5, 1_700_000_200.5, 1, "Geändert", None, 0, 0),
    (1, 3, None, 1_700_000_300.5, None, 4, "", None, 0, 0),
    (1, 4, 3, 1_700_000_400.5, None, 1, "Unter dem Gelöschten", "", 0, 0),
    (1, 5, None, 1_700_000_500.5, None, 2, "Wartet", "Bo", 2, 0),
    (2, 6, None, 1_700_000_600.0, None, 1, "<p>Von <b>Disqus</b> her</p>", "Cy", 0, 0),
    (2, 7, None, 1_700_000_700.0, None, 8, "Ein Zustand, den es nicht gibt", "Cy", 0, 0),
]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "comments.db"
    made = sqlite3.connect(path)
    made.executescript(_SCHEMA)
    made.executemany("INSERT INTO threads VALUES (?, ?, ?)", [(1, "/eins/", "Eins & zwei"), (2, "mt_2", None)])
    columns = "tid, id, parent, created, modified, mode, text, author, likes, dislikes"
    made.executemany(f"INSERT INTO comments ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _ROWS)
    made.commit()
    made.close()
    return path


def _comment(number: int) -> Comment:
    return Comment.objects.get(source="isso", source_id=f"blatt.example:{number}")


def test_a_database_comes_in_with_its_votes(move, base, api, alice, client):
    dry = move("isso", base, "--site", SITE, "--dry-run")
    numbers = move("isso", base, "--site", SITE)

    assert dry == numbers
    assert (numbers["new"], numbers["held"], numbers["tombstone"], numbers["votes"]) == (4, 1, 1, 6)
    assert (numbers["left"]["broken"], numbers["read"]) == (1, {"threads": 2, "comments": 7})
    first, edited = _comment(1), _comment(2)
    assert first.created_at == datetime(2023, 11, 14, 22, 13, 20, 250_000, tzinfo=UTC)
    assert "<strong>Fett</strong> und &lt;b&gt;kein&lt;/b&gt;" in first.html
    assert 'href="https://x.example/b.png"' in first.html
    assert "<img" not in first.html
    assert edited.edited_at == datetime(2023, 11, 14, 22, 16, 40, 500_000, tzinfo=UTC)
    assert (_comment(3).state, _comment(4).parent_id) == ("erased", _comment(3).pk)
    assert "<strong>Disqus</strong>" in _comment(6).html
    assert Discussion.objects.get(url=f"{SITE}/mt_2") == _comment(6).discussion

    said = client.get(f"/chats/{_comment(4).discussion_id}/").content.decode()
    assert "Dieser Kommentar wurde gelöscht." in said  # nobody had an account here

    shown = page(api(), f"/api/v1/comments/{first.pk}/")
    assert shown["reactions"] == {"like": 3, "dislike": 1}
    actions.react(first.pk, "like", actor=alice)
    assert page(api(), f"/api/v1/comments/{first.pk}/")["reactions"] == {"dislike": 1, "like": 4}
    actions.take_back(first.pk, "like", actor=alice)
    assert page(api(), f"/api/v1/comments/{first.pk}/")["reactions"] == {"dislike": 1, "like": 3}
    first.refresh_from_db()
    assert first.score > 0


def test_what_is_no_database_of_isso_is_refused(move, base, tmp_path):
    data = base.read_bytes()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as made:
        made.executescript("CREATE TABLE threads (id); CREATE VIEW comments AS SELECT 1")
    bad = [data[:-5000], data[:50], data[:4096] + b"\0" * (len(data) - 4096), b"[]", other.read_bytes()]

    for number, each in enumerate(bad):
        path = tmp_path / f"bad{number}.db"
        path.write_bytes(each)
        with pytest.raises(CommandError, match=r"(Byte|Row) \d") as refused:
            move("isso", path, "--site", SITE)
        assert refused.value.returncode == 1
    with pytest.raises(CommandError, match="--site") as refused:
        move("isso", base)

    assert refused.value.returncode == 2
    assert not Comment.objects.exists()


def test_whoever_has_confirmed_an_address_can_have_the_comments_under_it(move, base, api, alice, bob):
    with closing(sqlite3.connect(base)) as made:
        made.execute("UPDATE comments SET email = ? WHERE id IN (1, 3, 6)", [alice.email.upper()])
        made.execute("UPDATE comments SET email = 'cy@anders.example' WHERE id = 4")
        made.commit()
    move("isso", base, "--site", SITE, "--instance", "ohne")
    assert not SealedAddress.objects.exists()  # off unless asked for
    move("isso", base, "--site", SITE, "--keep-addresses")
    mine = _comment(1)
    assert mine.author_key == _comment(6).author_key != _comment(4).author_key
    assert SealedAddress.objects.count() == 2  # not that of a deleted comment
    assert not any(alice.email.lower() in str(row).lower() for row in SealedAddress.objects.values())
    User.objects.filter(pk=bob.pk).update(is_confirmed=False, email=alice.email.replace("@", "2@"))

    out = StringIO()
    call_command("return_comments", alice.email, stdout=out)
    call_command("return_comments", alice.email, stdout=out)
    with pytest.raises(CommandError, match="not confirmed"):
        call_command("return_comments", alice.email.replace("@", "2@"))

    assert out.getvalue().splitlines() == ["Comments that are theirs now: 2", "Comments that are theirs now: 0"]
    shown = page(api(), f"/api/v1/comments/{mine.pk}/")
    assert (shown["author"]["name"], shown["version"]) == (alice.name, 2)
    assert _comment(4).author is None
    assert kinds(mine.discussion.stream) == ["discussion.rebuilt"] * 2  # by the second import, and by this
    assert SealedAddress.objects.count() == 1
