"""Coral's collections as mongoexport writes them, Talk 4's, and the CSV files of Coral's importer, in one file each."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from hypothesis import given, settings

from comments.importers.records import Markup, State
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
)

AT = {"$date": "2021-05-01T12:00:00.250Z"}
STORY: dict[str, Any] = {
    "_id": {"$oid": "6090"}, "id": "s1", "siteID": "x", "url": "https://tide.example/moon", "closedAt": False,
    "metadata": {"title": "The moon"}, "settings": {"mode": "COMMENTS"}, "createdAt": AT,
}  # fmt: skip
USER: dict[str, Any] = {
    "id": "u1", "username": "Lena", "email": "lena@tide.example", "role": "ADMIN", "status": {"ban": {"active": True}},
    "profiles": [{"type": "local", "id": "lena@tide.example", "password": "$2a$secret"}],
}  # fmt: skip
COMMENT: dict[str, Any] = {
    "id": "c1", "storyID": "s1", "authorID": "u1", "parentID": None, "status": "NONE", "createdAt": AT,
    "revisions": [{"id": "r1", "body": "<div>High tide</div>", "createdAt": AT}], "tags": [],
    "actionCounts": {"REACTION": {"$numberInt": "3"}, "FLAG": 2, "FLAG__COMMENT_REPORTED_SPAM": 2, "DONT_AGREE": 1},
}  # fmt: skip
ACTION = {"id": "a1", "actionType": "REACTION", "commentID": "c1", "storyID": "s1", "userID": "u2"}
OLD: dict[str, Any] = {
    "id": "c1", "asset_id": "s1", "author_id": "u1", "parent_id": None, "status": "ACCEPTED", "body": "5 < 6 *plain*",
    "created_at": AT, "tags": [{"tag": {"name": "FEATURED"}}], "action_counts": {"respect": 2, "like": 1, "flag": 9},
}  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(*State, digits=3))
def test_collections_come_back_as_they_were(archive: Archive) -> None:
    closed = {"$date": {"$numberLong": "1600000000000"}}
    stories = [
        STORY | {"id": f"s{n}", "url": f"https://tide.example/{n}", "closedAt": closed if shut else None}
        for n, shut in enumerate(archive.closed)
    ]
    comments = [_written(each) for each in archive.comments]
    actions = [ACTION | {"commentID": f"c{each.number}"} for each in archive.comments for _ in range(each.up)]
    users = [USER | {"id": f"u{each.name}", "username": each.name} for each in archive.comments]
    arrays = "\n".join(json.dumps(part) for part in (comments, users, actions, stories)).encode()
    for content in (lines(*stories, *comments, *users, *actions, ACTION | {"actionType": "FLAG"}), arrays):
        found = read("coral", content)
        assert not found.broken
        assert [page.is_closed for (page,) in found.pages.values()] == archive.closed
        for reply, comment in zip(found.replies, archive.comments, strict=True):
            assert (reply.id, reply.page, reply.at) == (f"c{comment.number}", f"s{comment.page}", comment.at)
            assert reply.parent == (f"c{comment.parent}" if comment.parent else "")
            assert (reply.state, reply.is_pinned) == (comment.state, comment.is_pinned)
            has_actions = bool(actions) or content is not arrays  # otherwise the document's own count is taken
            assert reply.up == (comment.up if has_actions else 3)
            is_erased = comment.state == State.DELETED
            assert (reply.text, reply.name) == (("", "") if is_erased else (comment.text, comment.name))


def _written(comment: Comment) -> dict[str, Any]:
    statuses = {State.HELD: ("PREMOD", "SYSTEM_WITHHELD"), State.SPAM: ("REJECTED", "REJECTED")}
    is_erased = comment.state == State.DELETED
    milliseconds = str(round(comment.at.timestamp() * 1000))
    return COMMENT | {
        "id": f"c{comment.number}",
        "storyID": f"s{comment.page}",
        "authorID": None if is_erased else f"u{comment.name}",
        "parentID": f"c{comment.parent}" if comment.parent else None,
        "status": statuses.get(comment.state, ("NONE", "APPROVED"))[comment.is_guest],
        "createdAt": {"$date": {"$numberLong": milliseconds} if comment.is_guest else int(milliseconds)},
        "revisions": [] if is_erased else [{"body": "old", "createdAt": AT}, {"body": comment.text, "createdAt": AT}],
        "tags": [{"type": "FEATURED", "createdAt": AT}] if comment.is_pinned else None,
        **({"deletedAt": AT} if is_erased and comment.is_guest else {}),
    }


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(State.SHOWN, State.HELD, State.SPAM, digits=3))
def test_csv_files_come_back_as_they_were(archive: Archive) -> None:
    rows = [[f"u{c.name}", f"{c.name}@tide.example", c.name, "COMMENTER", "false", ""] for c in archive.comments]
    for number, closed in enumerate(archive.closed):
        rows.append([f"s{number}", f"https://tide.example/{number}", "T", "", "", "2020-01-01T00:00:00Z" * closed, ""])
    words = {State.SHOWN: "APPROVED", State.HELD: "PREMOD", State.SPAM: "REJECTED"}
    for each in archive.comments:
        parent = f"c{each.parent}" if each.parent else ""
        at = each.at.isoformat().replace("+00:00", "Z")
        status = words[each.state]
        rows.append([f"c{each.number}", f"u{each.name}", f"s{each.page}", at, each.text, parent, status, ""])
    found = read("coral", _csv(*rows))
    assert not found.broken
    assert [page.is_closed for (page,) in found.pages.values()] == archive.closed
    for reply, comment in zip(found.replies, archive.comments, strict=True):
        assert (reply.id, reply.page, reply.at) == (f"c{comment.number}", f"s{comment.page}", comment.at)
        assert (reply.parent, reply.text) == (f"c{comment.parent}" if comment.parent else "", comment.text)
        assert (reply.name, reply.email) == (comment.name, f"{comment.name}@tide.example")
        assert (reply.state, reply.person) == (comment.state, f"u{comment.name}")


def _csv(*rows: list[str]) -> bytes:
    file = StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def test_a_document_is_read_as_it_is_meant() -> None:
    found = read("coral", lines(STORY, COMMENT, USER))
    reply, (page,) = found.reply, found.pages["s1"]
    assert (page.addresses, page.title, page.is_closed) == (("https://tide.example/moon",), "The moon", False)
    assert (reply.text, reply.markup, reply.state) == ("<div>High tide</div>", Markup.HTML, State.SHOWN)
    assert (reply.at, reply.edited_at) == (datetime(2021, 5, 1, 12, 0, 0, 250_000, UTC), None)
    assert (reply.name, reply.person, reply.email, reply.up) == ("Lena", "u1", "lena@tide.example", 3)
    assert "secret" not in str(found)
    edited = {
        "revisions": [*COMMENT["revisions"], {"body": "<b>Low</b>", "createdAt": {"$date": "2021-05-02T00:00:00Z"}}]
    }
    reply = read("coral", lines(COMMENT | edited)).reply
    assert (reply.text, reply.edited_at) == ("<b>Low</b>", datetime(2021, 5, 2, tzinfo=UTC))
    later = {"closedAt": {"$date": "2999-01-01T00:00:00Z"}}
    open_still = read("coral", lines(STORY | later, STORY | {"id": "s2", "closedAt": True}))
    assert [page.is_closed for (page,) in open_still.pages.values()] == [False, True]


def test_reactions_are_counted_if_the_file_has_them() -> None:
    flags = [ACTION | {"actionType": kind} for kind in ("FLAG", "ILLEGAL", "DONT_AGREE")]
    assert read("coral", lines(COMMENT, ACTION, ACTION | {"id": "a2"}, *flags)).reply.up == 2
    assert read("coral", lines(COMMENT, *flags)).reply.up == 0
    old = {"action_type": "RESPECT", "item_type": "COMMENTS", "item_id": "c1"}
    assert read("coral", lines(OLD, old, old | {"item_type": "USERS"}, old | {"action_type": "FLAG"})).reply.up == 1


def test_talk_4_has_plain_texts() -> None:
    asset = {"id": "s1", "url": "https://tide.example/moon", "title": "The moon", "closedAt": None, "created_at": AT}
    user = {"id": "u1", "username": "Lena", "roles": [], "profiles": [{"id": "lena@tide.example", "provider": "local"}]}
    found = read("coral", lines(asset, user, OLD))
    assert found.pages["s1"][0].title == "The moon"
    assert (found.reply.text, found.reply.markup, found.reply.up) == ("5 < 6 *plain*", Markup.PLAIN, 3)
    assert (found.reply.name, found.reply.email, found.reply.is_pinned) == ("Lena", "lena@tide.example", True)
    history = [{"body": "a", "created_at": AT}, {"body": "b", "created_at": {"$date": "2021-05-02T00:00:00Z"}}]
    changed = read("coral", lines(OLD | {"metadata": {"richTextBody": "<b>x</b>"}, "body_history": history})).reply
    assert (changed.text, changed.markup, changed.edited_at) == (
        "<b>x</b>",
        Markup.HTML,
        datetime(2021, 5, 2, tzinfo=UTC),
    )
    assert read("coral", lines(OLD | {"deleted_at": AT, "author_id": None, "body": None})).reply.state == State.DELETED
    assert read("coral", lines(OLD | {"status": "REJECTED"})).reply.state == State.SPAM


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"status": "LOST"}, "The status “LOST” is unknown."),
        ({"revisions": ["x"]}, "It is no object."),
        ({"revisions": {}}, "“revisions” is no list."),
        ({"createdAt": None}, "“createdAt” is missing."),
        ({"createdAt": {"$date": {"$numberLong": "9" * 25}}}, "“createdAt” is no time."),
        ({"createdAt": {"$date": []}}, "“createdAt” is no time."),
        ({"authorID": ["u1"]}, "“authorID” is no text."),
        ({"actionCounts": {"REACTION": "many"}}, "“REACTION” is no integer."),
    ],
)
def test_documents_that_make_no_sense_are_named(values: dict[str, Any], reason: str) -> None:
    assert reasons("coral", lines(COMMENT | values, STORY)) == [reason]
    assert reasons("coral", lines({"id": 1}, 7)) == [
        "It is no story, comment, user or action of Coral.",
        "It is no object.",
    ]


def test_rows_that_make_no_sense_are_named() -> None:
    good = ["c1", "u1", "s1", "2020-01-01T00:00:00Z", "<p>x</p>", "", "WITHDRAWN", "5"]
    head = ["id", "author_id", "story_id", "created_at", "body", "parent_id", "status", "rating"]
    late = ["c1", "u1", "s1", "", "", "", "", ""]
    found = read("coral", _csv(head, good, good[:5], [*good[:3], "soon", *good[4:]], late))
    assert [(each.place, each.reason) for each in found.broken] == [
        ("row 3", "It has 5 columns; users have 6, stories 7 and comments 8."),
        ("row 4", "“created_at” is no time."),
        ("row 5", "“created_at” is missing."),
    ]
    assert [each.state for each in found.replies] == [State.SHOWN]
    assert sorted(found.notes.counts.values()) == [(1, "row 2"), (1, "row 2")]


def test_other_files_are_refused() -> None:
    assert refused("coral", b"a,b\nc,d\n").startswith("Row 1: no row has the columns")
    assert refused("coral", b'c1,u1,s1,2020,"a,"",,\n') == "Row 1: this is no CSV (unexpected end of data)."
    assert refused("coral", b'a,b,c,d,e,f\n"' + b"x" * 200_000).startswith("Row 2: this is no CSV (unexpected end")
    assert refused("coral", b"\n".join([b'"",' * 1000] * 5000).replace(b'"",\n', b'"\n",')).endswith("characters).")
    assert "utf-8" in refused("coral", b"a,b,c,d,e,\xff\n")
    assert refused("coral", json.dumps([STORY]).encode() + lines(STORY)).startswith("Line 1, column ")
    assert refused("coral", b"") == "Row 1: no row has the columns of Coral's users (6), stories (7) or comments (8)."
    must_be_refused_where_cut("coral", lines(STORY, COMMENT, USER), but=b"\n")
    must_be_refused_where_cut("coral", json.dumps([STORY, COMMENT]).encode())
