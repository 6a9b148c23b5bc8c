"""`import_comments` with a file of each system: every record ends in one counter, and what came in is what was."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from articles.importers import documents
from comments.models import Comment, CommentTally, Discussion
from tests.importers.archives import lines, read
from tests.importers.test_artalk import COMMENT as ARTALK
from tests.importers.test_commento import COMMENT as COMMENTO
from tests.importers.test_commento import NEW as COMENTARIO
from tests.importers.test_commento import PAGE as COMENTARIO_PAGE
from tests.importers.test_coral import ACTION as CORAL_ACTION
from tests.importers.test_coral import COMMENT as CORAL
from tests.importers.test_coral import OLD as TALK
from tests.importers.test_coral import STORY as CORAL_STORY
from tests.importers.test_coral import USER as CORAL_USER
from tests.importers.test_discourse import POST, TOPIC
from tests.importers.test_remark42 import HEAD, LINE
from tests.importers.test_waline import COMMENT as WALINE

type Move = Callable[..., dict[str, Any]]
pytestmark = pytest.mark.django_db
SITE = "https://quay.example"
LEFT = ("deleted", "spam", "foreign_host", "no_thread", "empty", "repeated", "broken")


def _remark42() -> bytes:
    def line(number: int, parent: object = "", path: str = "/a", **values: Any) -> dict[str, Any]:
        return LINE | {"id": f"r{number}", "pid": f"r{parent}" if parent else "", **values,
                       "locator": {"site": "quay", "url": f"{SITE}{path}" if path else ""}}  # fmt: skip

    head = HEAD | {"posts": [{"url": f"{SITE}/a", "read_only": True}]}
    gone = {"text": "", "orig": "", "delete": True, "votes": {}, "user": {"id": "deleted", "name": "deleted"}}
    return lines(
        head,
        line(2, 1, votes={"a": True, "b": False}, pin=True),
        line(1, **gone),
        line(3, 2, **gone),
        line(4, 99),
        line(5, 1, "/b"),
        line(6, path=""),
        line(7, text=" ", orig=""),
        line(2),
        line(8, time="never"),
    )


def _commento() -> dict[str, Any]:
    def comment(number: int, parent: object = "root", **values: Any) -> dict[str, Any]:
        return COMMENTO | {"domain": "quay.example", "commentHex": f"r{number}", "parentHex": parent, **values}

    gone = {"markdown": "[deleted]", "commenterHex": "anonymous"}
    people = [{"commenterHex": "p1", "name": "Tove", "email": "tove@quay.example"}] * 2
    comments = [
        comment(2, "r1", score=-3),
        comment(1, **gone),
        comment(3, "r2", **gone),
        comment(4, state="flagged"),
        comment(5, "r2", domain="localhost:8080"),
        comment(6, markdown=" "),
        comment(7, state="?"),
    ]
    return {"version": 1, "comments": comments, "commenters": people}


def _comentario() -> dict[str, Any]:
    def comment(number: int, parent: str = "", **values: Any) -> dict[str, Any]:
        return COMENTARIO | {"id": f"r{number}", "parentId": parent, "score": 0, **values}

    comments = [
        comment(2, "r1", isSticky=True, score=4),
        comment(1, isDeleted=True),
        comment(3, isApproved=False),
        comment(4, isPending=True),
        comment(5, pageId="unknown"),
        comment(6, userCreated="00000000-0000-0000-0000-000000000000", authorName="Tove"),
    ]
    return {
        "version": 3,
        "pages": [COMENTARIO_PAGE],
        "comments": comments,
        "commenters": [{"id": "u1", "name": "Tove"}],
    }


def _artalk() -> list[Any]:
    def comment(number: int, parent: int = 0, **values: Any) -> dict[str, Any]:
        return ARTALK | {"id": str(number), "rid": str(parent), "nick": "Tove", "site_urls": SITE, **values}

    return [
        comment(2, 1),
        comment(1, is_pending="true", vote_up="0", vote_down="0"),
        comment(3, 2, page_key="/b"),
        comment(2),
        comment(4, site_urls="http://127.0.0.1:1313"),
        comment(5, content="<p> </p>"),
        comment(6, page_key=""),
        7,
    ]


def _waline() -> dict[str, Any]:
    def comment(number: int, parent: str = "", **values: Any) -> dict[str, Any]:
        return WALINE | {"objectId": f"r{number}", "pid": parent, "nick": "Tove", **values}

    comments = [
        comment(2, "r1", comment="<p><a href='#r1'>@Wei</a>: yes</p>", like=5),
        comment(1, status="waiting"),
        comment(3, isSpam=True),
        comment(4, comment="[@Wei](#r1) ", pid="r1"),
        comment(5, "r2", url="/other"),
        comment(6, insertedAt=None, createdAt=None),
    ]
    return {"type": "waline", "version": 1, "data": {"Comment": comments, "Users": []}}


def _coral() -> bytes:
    def comment(number: int, parent: object = None, **values: Any) -> dict[str, Any]:
        return CORAL | {"id": f"r{number}", "parentID": parent, **values}

    erased = {"authorID": None, "revisions": [], "deletedAt": CORAL["createdAt"]}
    page = CORAL_STORY | {"url": f"{SITE}/a"}
    return lines(
        *(page, CORAL_STORY | {"id": "s2", "url": "https://cdn.example/amp/a"}, CORAL_USER | {"username": "Tove"}),
        *(comment(2, "r1"), comment(1, **erased), comment(3, "r2", status="REJECTED"), comment(4, status="PREMOD")),
        *(comment(5, storyID="s2"), comment(6, status="X"), TALK | {"id": "r7", "asset_id": "s1", "parent_id": "r2"}),
        *(CORAL_ACTION | {"commentID": "r2"}, CORAL_ACTION | {"id": "a2", "commentID": "r2", "actionType": "FLAG"}),
    )


def _coral_csv() -> bytes:
    at = "2020-05-05T05:05:05Z"
    file = StringIO()
    csv.writer(file).writerows([
        ["r1", "u1", "s1", at, "<p>One</p>", "", "NONE", ""],
        ["r2", "u1", "s1", at, "<p>Two</p>", "r1", "REJECTED", ""],
        ["r3", "u2", "s1", at, "", "", "APPROVED", "4"],
        ["u1", "tove@quay.example", "Tove", "COMMENTER", "", ""],
        ["s1", f"{SITE}/a", "A", "", "", at, "COMMENTS"],
        ["s1"],
    ])  # fmt: skip
    return file.getvalue().encode()


def _discourse() -> bytes:
    def post(number: int, reply_to: object = None, **values: Any) -> dict[str, Any]:
        return POST | {"id": number, "reply_to": reply_to, "username": "Tove", **values}

    topic = TOPIC | {"url": f"{SITE}/a", "opening": None}
    return lines(
        topic,
        post(71, 70),
        post(72, 71, deleted=True),
        post(73, 72, likes=0),
        post(74, hidden=True),
        post(75, topic_id=9),
    )


SYSTEMS: dict[str, tuple[str, Callable[[], Any], dict[str, Any]]] = {
    "remark42": ("remark42", _remark42, {
        "comments": 9, "threads": 2, "new": 3, "tombstone": 1, "rerooted": 2, "votes": 2,
        "left": {"deleted": 1, "no_thread": 1, "empty": 1, "repeated": 1, "broken": 1},
    }),
    "commento": ("commento", _commento, {
        "comments": 7, "threads": 2, "new": 1, "held": 1, "tombstone": 1, "votes": 3,
        "left": {"deleted": 1, "foreign_host": 1, "empty": 1, "broken": 1},
    }),
    "comentario": ("comentario", _comentario, {
        "comments": 6, "threads": 1, "new": 2, "held": 1, "tombstone": 1, "votes": 4,
        "left": {"spam": 1, "no_thread": 1},
    }),
    "artalk": ("artalk", _artalk, {
        "comments": 8, "threads": 3, "new": 2, "held": 1, "rerooted": 1, "votes": 6,
        "left": {"foreign_host": 1, "no_thread": 1, "empty": 1, "repeated": 1, "broken": 1},
    }),
    "waline": ("waline", _waline, {
        "comments": 6, "threads": 2, "new": 2, "held": 1, "rerooted": 1, "votes": 5,
        "left": {"spam": 1, "empty": 1, "broken": 1},
    }),
    "coral": ("coral", _coral, {
        "comments": 7, "threads": 2, "new": 2, "held": 1, "tombstone": 1, "votes": 1,
        "left": {"spam": 1, "foreign_host": 1, "broken": 1},
    }),
    "coral's CSV": ("coral", _coral_csv, {
        "comments": 4, "threads": 1, "new": 1, "left": {"spam": 1, "empty": 1, "broken": 1},
    }),
    "discourse": ("discourse", _discourse, {
        "comments": 5, "threads": 1, "new": 2, "tombstone": 1, "rerooted": 1, "votes": 4,
        "left": {"deleted": 1, "no_thread": 1},
    }),
}  # fmt: skip


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_record_ends_in_one_counter(system: str, move: Move, tmp_path: Path) -> None:
    name, content, expected = SYSTEMS[system]
    data = content()
    path = tmp_path / "archive.gz"
    path.write_bytes(gzip.compress(data if isinstance(data, bytes) else json.dumps(data).encode()))
    dry = move(name, path, "--site", SITE, "--dry-run")
    assert not Comment.objects.exists()
    found = move(name, path, "--site", SITE)
    assert found == dry
    left = dict.fromkeys(LEFT, 0) | expected["left"]
    kept = {key: expected.get(key, 0) for key in ("new", "held", "tombstone", "rerooted", "votes")}
    assert found | kept | {"left": left} == found
    assert found["read"] == {"threads": expected["threads"], "comments": expected["comments"]}
    assert sum(found[key] for key in ("new", "known", "held", "tombstone")) + sum(left.values()) == expected["comments"]
    published = Comment.objects.filter(state=Comment.State.PUBLISHED)
    assert published.count() == expected["new"]
    assert set(published.values_list("author_name", flat=True)) == {"Tove"}
    again = move(name, path, "--site", SITE)
    assert (again["new"], again["known"]) == (0, sum(found[key] for key in ("new", "held", "tombstone")))
    assert Comment.objects.count() == again["known"]


def test_votes_states_and_times_are_those_of_the_file(move: Move, tmp_path: Path) -> None:
    path = tmp_path / "backup.json"
    path.write_bytes(_remark42())
    move("remark42", path, "--site", SITE)
    comment = Comment.objects.get(source_id__endswith=":r2")
    assert comment.created_at == datetime(2020, 6, 1, 7, 0, 0, 123_456, UTC)
    assert comment.parent is not None
    assert comment.parent.source_id.endswith(":r1")
    assert comment.pinned_at is not None
    assert comment.html == '<p dir="auto">It sails at <em>six</em>.</p>'
    assert sum(CommentTally.objects.get(comment=comment).reactions.values()) == 2
    assert Discussion.objects.get(url=f"{SITE}/a").switch == Discussion.Switch.CLOSED


def test_a_file_that_names_no_host_needs_the_site(move: Move, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    for name, content in (("comentario", _comentario()), ("waline", _waline())):
        path.write_text(json.dumps(content))
        with pytest.raises(CommandError, match="--site") as refusal:
            call_command("import_comments", name, str(path))
        assert refusal.value.returncode == 2
    assert not Comment.objects.exists()
    path.write_text(json.dumps(_commento()))  # Comentario's first version is Commento's, which names it
    assert move("comentario", path)["left"]["foreign_host"] == move("commento", path)["left"]["foreign_host"] > 0


def test_a_file_that_is_cut_off_or_foreign_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "archive"
    for name, content, _ in SYSTEMS.values():
        data = content()
        whole = data if isinstance(data, bytes) else json.dumps(data).encode()
        half = [] if content is _coral_csv else [whole[: len(whole) // 2]]  # each row stands for itself
        for part in (*half, b"<rss/>", b"\x00\x01", b""):
            path.write_bytes(part)
            with pytest.raises(CommandError, match=r": (?:Line|Row) \d+") as refusal:
                call_command("import_comments", name, str(path), "--site", SITE)
            assert refusal.value.returncode == 1
    assert not Comment.objects.exists()
    assert not Discussion.objects.exists()


@pytest.mark.parametrize("name", ["commento", "comentario", "artalk", "waline", "coral", "discourse", "remark42"])
def test_no_part_of_a_file_is_too_long_because_it_has_many_records(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST", 2000)  # a record has some hundred characters
    monkeypatch.setattr(documents, "_PIECE", 500)
    content: dict[str, Any] = {
        "commento": {"version": 1, "comments": [COMMENTO] * 50, "commenters": [{"commenterHex": "p1"}] * 99},
        "comentario": {"version": 3, "pages": [COMENTARIO_PAGE] * 50, "comments": [COMENTARIO] * 50,
                       "commenters": [{"id": "u1", "name": "T"}] * 99, "later": [{}] * 2000},
        "artalk": [ARTALK] * 50,
        "waline": {"type": "waline", "data": {"Comment": [WALINE] * 50, "Counter": [{}] * 999, "Users": [{}] * 999}},
        "coral": [*([CORAL] * 50), *([CORAL_ACTION] * 50)],
        "discourse": {"users": [{}] * 2000, "topics": [{"id": 1, "posts": [{"date": "2020-01-01", "body": "x"}] * 50}]},
        "remark42": lines(HEAD, *[LINE] * 50),
    }  # fmt: skip
    assert len(read(name, content[name]).replies) == 50
