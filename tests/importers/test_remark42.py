"""Backups of Remark42: JSON lines after one about the whole site."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

import pytest
from hypothesis import given, settings

from comments.importers.records import Markup, State
from tests.importers.archives import (
    EXAMPLES,
    Archive,
    archives,
    lines,
    must_be_refused_where_cut,
    read,
    refused,
    written,
)

HEAD = {"version": 1, "users": [], "posts": []}
URL = "https://ferry.example/timetable/"
LINE: dict[str, Any] = {
    "id": "c1",
    "pid": "",
    "text": "<p>It sails at <em>six</em>.</p>\n",
    "orig": "It sails at *six*.",
    "user": {"name": "Tove", "id": "github_1f", "picture": "", "ip": "aa", "admin": False},
    "locator": {"site": "ferry", "url": URL},
    "score": 0,
    "votes": {},
    "time": "2020-06-01T10:00:00.123456789+03:00",
}


def _line(**changes: Any) -> dict[str, Any]:
    return {**LINE, **changes}


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(State.SHOWN, State.DELETED))
def test_a_backup_comes_back_as_it_was(archive: Archive) -> None:
    head = {
        "version": 1,
        "posts": [{"url": _url(n), "read_only": True} for n, shut in enumerate(archive.closed) if shut],
    }
    found = read("remark42", lines(head, *map(_written, archive.comments)))
    assert not found.broken
    assert set(found.pages) == {_url(page) for page in archive.pages} | {post["url"] for post in head["posts"]}
    for page in archive.pages:
        assert all(each.is_closed == archive.closed[page] for each in found.pages[_url(page)])
    for reply, comment in zip(found.replies, archive.comments, strict=True):
        assert (reply.id, reply.page, reply.at) == (str(comment.number), _url(comment.page), comment.at)
        assert reply.parent == (str(comment.parent) if comment.parent else "")
        assert (reply.up, reply.down, reply.is_pinned) == (comment.up, comment.down, comment.is_pinned)
        is_deleted = comment.state == State.DELETED
        assert (reply.state, reply.text) == (comment.state, "" if is_deleted else f"<p>{comment.text}</p>")
        assert (reply.name, reply.person) == (("", "") if is_deleted else (comment.name, f"anonymous_{comment.name}"))


def _url(page: int) -> str:
    return f"{URL}{page}"


def _written(comment: Any) -> dict[str, Any]:
    is_deleted = comment.state == State.DELETED
    return {
        "id": comment.number if comment.is_guest else f"0{comment.number}",
        "pid": str(comment.parent) if comment.parent else "",
        "text": "" if is_deleted else f"<p>{comment.text}</p>",
        "orig": "",
        "user": {"name": "deleted", "id": "deleted"}
        if is_deleted
        else {"name": escape(comment.name), "id": f"anonymous_{comment.name}"},
        "locator": {"site": "ferry", "url": _url(comment.page)},
        "score": comment.up - comment.down,
        "votes": {f"v{number}": number < comment.up for number in range(comment.up + comment.down)},
        "time": written(comment.at, -5),
        **({"delete": True} if is_deleted else {}),
        **({"pin": True} if comment.is_pinned else {}),
    }


def test_a_line_is_read_as_it_is_meant() -> None:
    reply = read(
        "remark42", lines(HEAD, _line(title="Rock &amp; Roll", user=LINE["user"] | {"name": "O&#39;Neill"}))
    ).reply
    assert (reply.text, reply.markup, reply.place) == (LINE["text"], Markup.HTML, "line 2")
    assert reply.at == datetime(2020, 6, 1, 7, 0, 0, 123456, UTC)
    assert (reply.name, reply.person, reply.email, reply.edited_at) == ("O'Neill", "github_1f", "", None)
    found = read("remark42", lines(HEAD, LINE, _line(id="c2", title="Rock &amp; Roll"), _line(id="c3", title="Later")))
    assert [page.title for page in found.pages[URL]] == ["", "Rock & Roll"]
    assert found.notes.instance == "ferry"
    edited = read("remark42", lines(HEAD, _line(edit={"time": "2020-06-01T08:00:00Z", "summary": ""}))).reply
    assert edited.edited_at == datetime(2020, 6, 1, 8, tzinfo=UTC)
    old = read("remark42", lines(HEAD, _line(text="", orig="*old*"))).reply
    assert (old.text, old.markup) == ("*old*", Markup.MARKDOWN)


def test_addresses_of_people_stand_in_the_head_only() -> None:
    head = {
        "version": 1,
        "users": [
            {"id": "github_1f", "blocked": {"status": True, "until": "2030-01-01T00:00:00Z"},
             "details": {"user_id": "github_1f", "email": "tove@ferry.example", "telegram": "1"}},
        ],
    }  # fmt: skip
    found = read("remark42", lines(head, LINE))
    assert found.reply.email == "tove@ferry.example"
    assert found.notes.counts == {"People who were blocked are not blocked here": (1, "line 1")}


@pytest.mark.parametrize(
    ("values", "votes"),
    [
        ({"score": 1, "votes": {"a": True, "b": True, "c": False}}, (2, 1)),
        (
            {"score": "1", "voted_ips": {"x": {"Timestamp": "2020-01-01T00:00:00Z", "Value": True}}, "votes": None},
            (1, 0),
        ),
        ({"score": -2, "votes": {"a": False}, "voted_ips": {"x": {"Value": False}}}, (0, 2)),
        ({"score": 12, "votes": {"a": True}}, (12, 0)),
        ({"score": -3}, (0, 3)),
        ({"score": 0, "votes": {"a": True, "b": False}}, (1, 1)),
    ],
)
def test_votes_are_counted_or_else_the_score_is_taken(values: dict[str, Any], votes: tuple[int, int]) -> None:
    reply = read("remark42", lines(HEAD, _line(**values))).reply
    assert (reply.up, reply.down) == votes


def test_records_that_make_no_sense_are_named_with_their_line() -> None:
    odd = [
        _line(user={"id": ["a", "b"], "name": "x"}),
        _line(time="yesterday"),
        _line(time=""),
        _line(score=1.5),
        _line(votes=[1]),
        _line(locator="ferry"),
        ["no object"],
        _line(text=7, time="2020-13-01T00:00:00Z"),
        _line(id="x" * 201),
    ]
    found = read("remark42", lines(HEAD, *odd, LINE))
    assert [(each.place, each.reason) for each in found.broken] == [
        ("line 2", "“id” is no text."),
        ("line 3", "“time” is no time."),
        ("line 4", "“time” is missing."),
        ("line 5", "“score” is no integer."),
        ("line 6", "“votes” is no object."),
        ("line 7", "“locator” is no object."),
        ("line 8", "It is no object."),
        ("line 9", "“time” is no time."),
        ("line 10", "“id” is too long for an id."),
    ]
    assert len(found.replies) == 1
    nowhere = read("remark42", lines(HEAD, _line(locator={"site": "ferry", "url": ""})))
    assert (nowhere.reply.page, nowhere.pages) == ("", {})


def test_other_files_are_refused() -> None:
    assert refused("remark42", lines({"version": 2, "users": []}, LINE)) == (
        "Line 1: This is version 2 of the backup; only version 1 is known."
    )
    assert "begins with a line about its version" in refused("remark42", lines(LINE))
    assert "begins with a line about its version" in refused("remark42", lines({"a": 1}))
    assert refused("remark42", lines([])) == "Line 1: It is no object."
    assert refused("remark42", lines(HEAD, LINE)[:-40] + lines(LINE)).startswith("Line 2, column ")
    must_be_refused_where_cut("remark42", lines(HEAD, LINE, _line(id="c2")), but=b"\n")
