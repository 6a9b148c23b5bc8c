"""Exports of Waline, and of Valine's comments out of LeanCloud."""

from __future__ import annotations

import json
from datetime import UTC, datetime
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
    written,
)

COMMENT: dict[str, Any] = {
    "objectId": "62c5", "nick": "Wei", "mail": "wei@kite.example", "link": "", "comment": "High *winds*",
    "url": "/kites", "ip": "192.0.2.1", "ua": "", "insertedAt": "2022-03-01T06:00:00.123Z",
    "createdAt": "2022-03-01T06:00:01.000Z",
}  # fmt: skip
HEAD = b'#filetype:JSON-streaming {"type":"Class","class":"Comment"}\n'
STREAMED = COMMENT | {"insertedAt": {"__type": "Date", "iso": "2022-03-01T06:00:00.123Z"}, "ACL": {"*": {"read": True}}}


def _file(*comments: Any, users: Any = (), **others: Any) -> dict[str, Any]:
    tables = {"Comment": list(comments), "Counter": [{"url": "/kites", "time": 9}], "Users": list(users)}
    return {
        "__version": "1.18",
        "type": "waline",
        "version": 1,
        "time": 1,
        "tables": list(tables),
        "data": tables,
        **others,
    }


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(State.SHOWN, State.HELD, State.SPAM, digits=3))
def test_an_export_comes_back_as_it_was(archive: Archive) -> None:
    comments = [_written(each) for each in archive.comments]
    for content in (_file(*comments), HEAD + lines(*comments), {"results": comments}, comments):
        if content == {"results": []}:
            continue
        found = read("waline", content)
        assert not found.broken
        assert set(found.pages) == {f"/{page}" for page in archive.pages}
        for reply, comment in zip(found.replies, archive.comments, strict=True):
            assert (reply.id, reply.page, reply.at) == (f"6f{comment.number}", f"/{comment.page}", comment.at)
            assert (reply.parent, reply.text) == (f"6f{comment.parent}" if comment.parent else "", comment.text)
            assert (reply.name, reply.state, reply.is_pinned) == (comment.name, comment.state, comment.is_pinned)
            assert (reply.up, reply.down) == (comment.up, 0)


def _written(comment: Comment) -> dict[str, Any]:
    """Without keys that have no value, as LeanCloud does it."""
    states = {State.SHOWN: "approved", State.HELD: "waiting", State.SPAM: "spam"}
    values = COMMENT | {
        "objectId": f"6f{comment.number}",
        "pid": f"6f{comment.parent}" if comment.parent and comment.is_guest else None,
        "rid": f"6f{comment.parent}" if comment.parent else None,
        "nick": comment.name,
        "comment": f"[@Wei](#6f{comment.parent}): {comment.text}" if comment.parent else comment.text,
        "url": f"/{comment.page}",
        "status": states[comment.state] if comment.is_guest or comment.state == State.HELD else None,
        "isSpam": comment.state == State.SPAM or None,
        "like": comment.up or None,
        "sticky": 1 if comment.is_pinned else None,
        "insertedAt": written(comment.at, 8),
    }
    return {key: value for key, value in values.items() if value is not None}


def test_a_comment_is_read_as_it_is_meant() -> None:
    for content in (_file(COMMENT), HEAD + lines(STREAMED), [STREAMED], {"results": [STREAMED]}):
        reply = read("waline", content).reply
        assert (reply.id, reply.page, reply.parent, reply.name, reply.person) == ("62c5", "/kites", "", "Wei", "")
        assert (reply.at, reply.state) == (datetime(2022, 3, 1, 6, 0, 0, 123_000, UTC), State.SHOWN)
        assert (reply.text, reply.markup, reply.email) == ("High *winds*", Markup.MARKDOWN, "wei@kite.example")
    later = {key: value for key, value in COMMENT.items() if key != "insertedAt"}
    assert read("waline", _file(later)).reply.at == datetime(2022, 3, 1, 6, 0, 1, tzinfo=UTC)
    numbers = read(
        "waline", _file(COMMENT | {"objectId": 5, "pid": 4, "rid": 3, "nick": "", "like": "3", "url": ""})
    ).reply
    assert (numbers.id, numbers.parent, numbers.name, numbers.up, numbers.page) == ("5", "4", "", 3, "")
    assert read("waline", _file()).replies == []


@pytest.mark.parametrize(
    "time", ["2022-03-01 14:00:00", 1646114400, 1646114400000, "1646114400000", "2022-03-01T06:00Z"]
)
def test_databases_of_other_kinds_keep_times_and_parents_otherwise(time: Any) -> None:
    row = COMMENT | {"objectId": 8, "insertedAt": None, "createdAt": time, "pid": 0, "rid": "7"}
    reply = read("waline", _file(row), zone="Asia/Shanghai").reply
    assert (reply.at, reply.parent) == (datetime(2022, 3, 1, 6, tzinfo=UTC), "7")


def test_people_have_the_name_that_they_have_now_and_no_secret_is_read() -> None:
    secret = {"password": "$2a$08$secret", "2fa": "secret", "type": "administrator", "avatar": ""}
    users = [
        secret | {"objectId": "u1", "display_name": "Wei Ming", "email": "ming@kite.example"},
        {"objectId": ["u2"]},
    ]
    found = read("waline", _file(COMMENT | {"user_id": "u1"}, COMMENT | {"user_id": "u9"}, users=users))
    assert [(each.name, each.person, each.email) for each in found.replies] == [
        ("Wei Ming", "u1", "ming@kite.example"),
        ("Wei", "u9", "wei@kite.example"),
    ]
    assert "secret" not in str(found)
    assert len(found.notes.counts) == 1


@pytest.mark.parametrize(
    ("text", "rest", "markup"),
    [
        ("[@Wei](#62c5): yes", "yes", Markup.MARKDOWN),
        ("[@Wei Ming](#62c5)，yes", "yes", Markup.MARKDOWN),
        ('<p><a href="#62c5" xlink:show="new">@Wei</a>: yes</p>\n', "<p>yes</p>\n", Markup.HTML),
        ("<a class='at' href='#62c5'>@Wei</a> , yes", "yes", Markup.MARKDOWN),
        ("[@Wei](https://kite.example/) yes", "[@Wei](https://kite.example/) yes", Markup.MARKDOWN),
        ("yes [@Wei](#62c5)", "yes [@Wei](#62c5)", Markup.MARKDOWN),
        ("[@" * 50_000, "[@" * 50_000, Markup.MARKDOWN),
        ("<a " + "href='#' " * 50_000, "<a " + "href='#' " * 50_000, Markup.MARKDOWN),
    ],
)
def test_the_mention_that_begins_a_reply_is_left_out(text: str, rest: str, markup: Markup) -> None:
    reply = read("waline", _file(COMMENT | {"comment": text, "pid": "62c5"})).reply
    assert (reply.text, reply.markup) == (rest, markup)
    assert read("waline", _file(COMMENT | {"comment": text})).reply.text == text


def test_records_that_make_no_sense_are_named() -> None:
    values = (
        {"status": "lost"},
        {"insertedAt": {"iso": "never"}},
        {"like": []},
        {"sticky": "x"},
        {"insertedAt": 7, "nick": 1},
    )
    assert reasons("waline", _file(*(COMMENT | each for each in values), None)) == [
        "The status “lost” is unknown.",
        "“iso” is no time.",
        "“like” is no integer.",
        "“sticky” is neither true nor false.",
        "“insertedAt” is no time.",
        "It is no object.",
    ]


def test_other_files_are_refused() -> None:
    assert refused("waline", _file(COMMENT, version=2)).endswith("this is version 2; only version 1 is known.")
    assert refused("waline", _file(COMMENT, type="twikoo")).endswith("the type of this export is not “waline”.")
    assert refused("waline", {"comments": [COMMENT]}).startswith("Line 1: this is no export of Waline")
    assert refused("waline", b"7").startswith("Line 1: the document is neither")
    assert refused("waline", HEAD.replace(b"Comment", b"Counter") + lines(COMMENT)).startswith(
        "Line 1: this file holds"
    )
    assert refused("waline", HEAD.replace(b"}", b"") + lines(COMMENT)).startswith("Line 1: what stands behind")
    assert refused("waline", HEAD + b"{}\n{").startswith("Line 3, column 1")
    must_be_refused_where_cut("waline", json.dumps(_file(COMMENT)).encode())
