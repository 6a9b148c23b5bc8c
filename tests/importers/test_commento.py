"""Exports of Commento and Comentario: one JSON document, with people after the comments that name them."""

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
    must_be_refused_where_cut,
    read,
    reasons,
    refused,
    written,
)

COMMENT: dict[str, Any] = {
    "commentHex": "c1",
    "domain": "quarry.example",
    "url": "/granite",
    "commenterHex": "p1",
    "markdown": "Hard *and* heavy.",
    "html": "",
    "parentHex": "root",
    "score": 0,
    "state": "approved",
    "creationDate": "2020-02-29T08:00:00.5Z",
    "direction": 1,
    "deleted": False,
}
PERSON = {"commenterHex": "p1", "email": "ivo@quarry.example", "name": "Ivo", "link": "undefined", "photo": "undefined"}
NEW: dict[str, Any] = {
    "id": "0a1b", "pageId": "g1", "markdown": "Hard *and* heavy.", "html": "<p>Hard <em>and</em> heavy.</p>",
    "score": 2, "isApproved": True, "isPending": False, "isDeleted": False, "isSticky": False, "userCreated": "u1",
    "createdTime": "2020-02-29T08:00:00.500Z", "deletedTime": "0001-01-01T00:00:00.000Z",
    "editedTime": "0001-01-01T00:00:00.000Z",
}  # fmt: skip
PAGE = {"id": "g1", "domainId": "d", "path": "/granite", "title": "Granite", "isReadonly": False, "createdTime": None}
NOBODY = "00000000-0000-0000-0000-000000000000"


def _file(*comments: dict[str, Any], people: Any = (PERSON,)) -> dict[str, Any]:
    return {"version": 1, "comments": list(comments), "commenters": people and list(people)}


def _new(*comments: dict[str, Any], pages: Any = (PAGE,), people: Any = ()) -> dict[str, Any]:
    return {"version": 3, "pages": list(pages), "comments": list(comments), "commenters": list(people)}


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(State.SHOWN, State.HELD, State.DELETED))
def test_an_export_of_version_1_comes_back_as_it_was(archive: Archive) -> None:
    people = [{"commenterHex": f"p{each.name}", "name": each.name, "email": "a@b.example"} for each in archive.comments]
    content = {"version": 1, "comments": [_written(each) for each in archive.comments], "commenters": people}
    for name in ("commento", "comentario"):
        found = read(name, content)
        assert not found.broken
        assert set(found.pages) == {f"https://quarry.example/{page}" for page in archive.pages}
        for reply, comment in zip(found.replies, archive.comments, strict=True):
            assert (reply.id, reply.at, reply.state) == (f"c{comment.number}", comment.at, comment.state)
            assert reply.page == f"https://quarry.example/{comment.page}"
            assert reply.parent == (f"c{comment.parent}" if comment.parent else "")
            is_guest = comment.is_guest or comment.state == State.DELETED
            assert (reply.name, reply.person) == (("", "") if is_guest else (comment.name, f"p{comment.name}"))
            assert reply.text == ("" if comment.state == State.DELETED else comment.text)
            assert reply.up - reply.down == comment.up - comment.down


def _written(comment: Comment) -> dict[str, Any]:
    is_deleted = comment.state == State.DELETED
    return COMMENT | {
        "commentHex": f"c{comment.number}",
        "url": f"{comment.page}" if comment.is_pinned else f"/{comment.page}",
        "commenterHex": "anonymous" if comment.is_guest or is_deleted else f"p{comment.name}",
        "markdown": "[deleted]" if is_deleted else comment.text,
        "parentHex": f"c{comment.parent}" if comment.parent else "root",
        "score": comment.up - comment.down,
        "state": "approved" if comment.state != State.HELD else "flagged" if comment.is_guest else "unapproved",
        "creationDate": written(comment.at).replace("+00:00", "Z"),
    }


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(*State, digits=3))
def test_an_export_of_version_3_comes_back_as_it_was(archive: Archive) -> None:
    pages = [PAGE | {"id": f"g{n}", "path": f"/{n}", "isReadonly": closed} for n, closed in enumerate(archive.closed)]
    people = [{"id": f"u{each.name}", "name": each.name, "email": "a@b.example"} for each in archive.comments]
    found = read("comentario", _new(*map(_newly_written, archive.comments), pages=pages, people=people))
    assert not found.broken
    assert [(key, page.addresses, page.is_closed) for key, (page,) in found.pages.items()] == [
        (f"g{number}", (f"/{number}",), closed) for number, closed in enumerate(archive.closed)
    ]
    for reply, comment in zip(found.replies, archive.comments, strict=True):
        assert (reply.id, reply.page, reply.at) == (f"0a{comment.number}", f"g{comment.page}", comment.at)
        assert (reply.parent, reply.text) == (f"0a{comment.parent}" if comment.parent else "", comment.text)
        assert (reply.state, reply.is_pinned) == (comment.state, comment.is_pinned)
        assert (reply.name, reply.person) == (comment.name, "" if comment.is_guest else f"u{comment.name}")
        assert reply.up - reply.down == comment.up - comment.down


def _newly_written(comment: Comment) -> dict[str, Any]:
    values = NEW | {
        "id": f"0a{comment.number}",
        "pageId": f"g{comment.page}",
        "markdown": comment.text,
        "score": comment.up - comment.down,
        "isApproved": comment.state == State.SHOWN,
        "isPending": comment.state == State.HELD,
        "isDeleted": comment.state == State.DELETED,
        "isSticky": comment.is_pinned,
        "userCreated": NOBODY if comment.is_guest else f"u{comment.name}",
        "authorName": comment.name if comment.is_guest else "",
        "createdTime": written(comment.at, 2),
    }
    return values | ({"parentId": f"0a{comment.parent}"} if comment.parent else {})


def test_a_comment_is_read_as_it_is_meant() -> None:
    found = read("commento", _file(COMMENT))
    reply = found.reply
    assert (reply.name, reply.person, reply.email) == ("Ivo", "p1", "ivo@quarry.example")
    assert (reply.at, reply.markup) == (datetime(2020, 2, 29, 8, 0, 0, 500_000, UTC), Markup.MARKDOWN)
    assert found.notes.instance == "quarry.example"
    assert read("commento", _file(COMMENT | {"html": "<p>a</p>", "markdown": ""})).reply.markup == Markup.HTML
    assert read("commento", _file(COMMENT, people=None)).reply.name == ""
    assert read("commento", {"version": "1", "comments": None, "commenters": None}).replies == []
    new = read(
        "comentario", _new(NEW | {"editedTime": "2020-03-01T00:00:00Z"}, people=[{"id": "u1", "name": " Ivo "}])
    ).reply
    assert (new.name, new.email, new.edited_at) == ("Ivo", "", datetime(2020, 3, 1, tzinfo=UTC))
    assert read("comentario", _new(NEW)).reply.edited_at is None
    only_html = read("comentario", _new(NEW | {"markdown": ""})).reply
    assert (only_html.text, only_html.markup) == (NEW["html"], Markup.HTML)


@pytest.mark.parametrize(
    ("values", "address"),
    [
        ({"url": "granite?a=1"}, "https://quarry.example/granite?a=1"),
        ({"url": ""}, "https://quarry.example/"),
        ({"url": "http://quarry.example/granite#commento"}, "http://quarry.example/granite"),
        ({"domain": "Quarry.example:8080"}, "http://quarry.example:8080/granite"),
        ({"domain": None, "host": "quarry.example", "url": None, "path": "/p"}, "https://quarry.example/p"),
        ({"domain": ""}, "/granite"),
        ({"domain": "", "url": ""}, ""),
        ({"domain": "[", "url": "/a"}, "/a"),
    ],
)
def test_an_address_is_made_of_host_and_path(values: dict[str, Any], address: str) -> None:
    found = read("commento", _file(COMMENT | values), sites=("http://quarry.example:8080",))
    assert found.reply.page == address
    assert set(found.pages) == ({address} if address else set())


def test_people_come_once_for_each_comment_and_guests_are_nobody() -> None:
    """A person without an address is not everybody without an address; somebody may write “[deleted]” themselves."""
    people = [PERSON, PERSON, {"commenterHex": "p2", "name": "Ada", "email": ""}, {"commenterHex": ["p3"]}, 7]
    content = _file(
        COMMENT,
        COMMENT | {"commenterHex": "p2", "markdown": "[deleted]"},
        COMMENT | {"commenterHex": "0" * 64},
        COMMENT | {"commenterHex": "anonymous"},
        COMMENT | {"commenterHex": "anonymous", "markdown": "[deleted]"},
        COMMENT | {"commenterHex": "p9"},
        people=people,
    )
    found = read("commento", content)
    assert [(each.name, each.person, each.email) for each in found.replies] == [
        ("Ivo", "p1", "ivo@quarry.example"),
        ("Ada", "p2", ""),
        *[("", "", "")] * 3,
        ("", "p9", ""),
    ]
    assert [each.state for each in found.replies] == [*[State.SHOWN] * 4, State.DELETED, State.SHOWN]
    assert [number for number, _ in found.notes.counts.values()] == [2]


def test_records_that_make_no_sense_are_named() -> None:
    odd = [
        COMMENT | values for values in ({"state": "lost"}, {"creationDate": "0001-01-01T00:00:00Z"}, {"score": "many"})
    ]
    assert reasons("commento", _file(*odd, {}, "no")) == [
        "The state “lost” is unknown.",
        "“creationDate” is missing.",
        "“score” is no integer.",
        "The state “” is unknown.",
        "It is no object.",
    ]
    assert reasons("comentario", _new(NEW | {"isPending": "perhaps"}, NEW | {"id": 1.5}, 7)) == [
        "“isPending” is neither true nor false.",
        "“id” is no id.",
        "It is no object.",
    ]
    assert len(read("comentario", _new(NEW, pages=[PAGE | {"title": []}])).notes.counts) == 1


def test_other_files_are_refused() -> None:
    for name, content in (("commento", _file(COMMENT, COMMENT)), ("comentario", _new(NEW, people=[PERSON]))):
        assert refused(name, content | {"version": 2}).startswith(
            "Line 1: this is an export of version 2; only version"
        )
        assert refused(name, {"comments": [COMMENT]}) == (
            "Line 1: an export of Commento or Comentario names its version, which is missing."
        )
        assert refused(name, content | {"version": "new"}).endswith("“version” is no integer.")
        assert refused(name, [content]).endswith("version, which is missing.")
        assert refused(name, 7) == "Line 1: the document is no object."
        must_be_refused_where_cut(name, json.dumps(content).encode())
    assert refused("commento", _new(NEW)).endswith("Import it with the format comentario.")
