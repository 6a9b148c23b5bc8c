"""Artalk's Artrans: a JSON list of comments, whose writers agree on little."""

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
)

COMMENT = {
    "id": "7", "rid": "0", "content": "Rye *bread*", "ua": "", "ip": "192.0.2.1", "is_collapsed": "false",
    "is_pending": "false", "is_pinned": "false", "vote_up": "2", "vote_down": "1", "nick": "Pia",
    "created_at": "2021-07-01 09:00:00 +0200", "updated_at": "2021-07-01 09:00:00 +0200", "email": "pia@mill.example",
    "link": "", "badge_name": "", "badge_color": "", "page_key": "/rye", "page_title": "Rye",
    "page_admin_only": "false", "site_name": "Mill", "site_urls": "https://mill.example/,http://localhost:8080",
}  # fmt: skip
PAGE = "https://mill.example/rye"


@settings(max_examples=EXAMPLES, deadline=None)
@given(archives(State.SHOWN, State.HELD, digits=0))
def test_a_file_comes_back_as_it_was(archive: Archive) -> None:
    found = read("artalk", [_written(each, closed=archive.closed[each.page]) for each in archive.comments])
    assert not found.broken
    assert set(found.pages) == {f"https://mill.example/{page}" for page in archive.pages}
    assert found.notes.site == ("https://mill.example/" if archive.comments else "")
    for page in archive.pages:
        assert found.pages[f"https://mill.example/{page}"][0].is_closed == archive.closed[page]
    for reply, comment in zip(found.replies, archive.comments, strict=True):
        assert (reply.id, reply.at, reply.state) == (str(comment.number), comment.at, comment.state)
        assert reply.page == f"https://mill.example/{comment.page}"
        assert reply.parent == (str(comment.parent) if comment.parent else "")
        assert (reply.text, reply.name, reply.is_pinned) == (comment.text, comment.name, comment.is_pinned)
        assert (reply.up, reply.down) == (comment.up, comment.down)
        assert reply.email == ("" if comment.is_guest else "pia@mill.example")


def _written(comment: Comment, *, closed: bool) -> dict[str, Any]:
    """As the exporter does it, or for guests as converters do."""
    values: dict[str, Any] = COMMENT | {
        "id": comment.number,
        "rid": comment.parent,
        "content": comment.text,
        "is_pending": comment.state == State.HELD,
        "is_pinned": comment.is_pinned,
        "vote_up": comment.up,
        "vote_down": comment.down,
        "created_at": comment.at.isoformat().replace("+00:00", "Z"),
        "updated_at": None,
        "nick": comment.name,
        "email": "",
        "page_key": f"https://mill.example/{comment.page}",
        "page_admin_only": closed,
    }
    if comment.is_guest:
        return values
    changed = {"email": "pia@mill.example", "page_key": f"/{comment.page}"}
    changed["created_at"] = changed["updated_at"] = comment.at.strftime("%Y-%m-%d %H:%M:%S +0000")
    words = {True: "true", False: "false"}
    return {key: words.get(value, str(value)) if value in (True, False) and isinstance(value, bool) else str(value)
            for key, value in (values | changed).items()}  # fmt: skip


def test_a_comment_is_read_as_it_is_meant() -> None:
    found = read("artalk", [COMMENT])
    reply = found.reply
    assert (reply.page, reply.parent, reply.text, reply.markup) == (PAGE, "", "Rye *bread*", Markup.MARKDOWN)
    assert (reply.up, reply.down, reply.person, reply.edited_at) == (2, 1, "", None)
    assert [each.title for each in found.pages[PAGE]] == ["Rye"]
    bare = read(
        "artalk", [{"id": 13, "rid": 0, "content": "<p>x</p>", "page_key": "/a", "created_at": "2021-07-01T07:00:00Z"}]
    )
    assert (bare.reply.id, bare.reply.page, bare.reply.markup) == ("13", "/a", Markup.HTML)
    edited = read(
        "artalk", [COMMENT | {"updated_at": "2021-07-02 09:00:00 +0200", "email": "Anonymous@example.org"}]
    ).reply
    assert (edited.edited_at, edited.email) == (datetime(2021, 7, 2, 7, tzinfo=UTC), "")
    folded = read("artalk", [COMMENT | {"is_collapsed": "1", "is_pending": 1, "is_pinned": True}])
    assert (folded.reply.state, folded.reply.is_pinned, len(folded.notes.counts)) == (State.HELD, True, 1)
    twins = read("artalk", [COMMENT, COMMENT])
    assert [each.id for each in twins.replies] == ["7", "7"]
    assert read("artalk", []).replies == []


@pytest.mark.parametrize(
    "time",
    [
        "2021-07-01 09:00:00 +0200",
        "2021-07-01 09:00:00 +0200 +0200",
        "2021-07-01 09:00:00 +0200 CEST",
        "2021-07-01 15:00:00 +0800 +08",
        "2021-07-01T09:00:00+02:00",
        "2021-07-01T07:00:00.000Z",
        "2021-07-01 15:00:00",
        "2021/07/01 15:00",
    ],
)
def test_times_without_a_zone_are_of_the_zone_that_is_named(time: str) -> None:
    at = datetime(2021, 7, 1, 7, tzinfo=UTC)
    assert read("artalk", [COMMENT | {"created_at": time}], zone="Asia/Shanghai").reply.at == at


def test_a_page_is_one_whether_named_by_path_or_address() -> None:
    keys = ["/rye", "https://mill.example/rye#at", "/rye", "rye"]
    found = read("artalk", [COMMENT | {"page_key": key, "page_title": "https://mill.example/"} for key in keys])
    assert set(found.pages) == {PAGE}
    assert [page.addresses for page in found.pages[PAGE]] == [("/rye",), (PAGE,), ("rye",)]
    assert found.pages[PAGE][0].title == ""


def test_a_path_is_on_our_site_unless_the_file_names_ours_and_others() -> None:
    weir = COMMENT | {"site_name": "Weir", "site_urls": "http://weir.example, https://weir.example:81"}
    other = "http://weir.example/rye"
    for site, addresses in (
        ("https://www.mill.example", [(PAGE,), (other, "https://weir.example:81/rye")]),
        ("http://weir.example", [(PAGE, "http://localhost:8080/rye"), (other,)]),
        ("https://baker.example", [("/rye",), ("/rye",)]),
    ):
        found = read("artalk", [COMMENT, weir, COMMENT | {"site_urls": 7}], sites=(site,))
        assert [page.addresses for id_ in (PAGE, other) for page in found.pages[id_]] == addresses
        assert (len(found.replies), len(found.broken)) == (3, 0)


def test_a_comment_without_a_page_is_read() -> None:
    nowhere = read("artalk", [COMMENT | {"page_key": ""}])
    assert (nowhere.reply.page, nowhere.pages) == ("", {})


def test_records_that_make_no_sense_are_named_and_move_no_parent() -> None:
    values = ({"vote_up": "2.5"}, {"created_at": "0000-00-00 00:00:00"}, {"is_pending": "maybe"}, {"id": [7]})
    odd = [*(COMMENT | each for each in values), {"comment": "of another system"}, None]
    assert reasons("artalk", odd) == [
        "“vote_up” is no integer.",
        "“created_at” is no time.",
        "“is_pending” is neither true nor false.",
        "“id” is no text.",
        "It is no comment of Artalk.",
        "It is no object.",
    ]
    found = read("artalk", [COMMENT, *odd, COMMENT | {"id": "8", "rid": "07"}])
    assert [each.parent for each in found.replies] == ["", "7"]


def test_text_that_no_database_takes_is_mended_and_said() -> None:
    content = json.dumps([COMMENT | {"content": "a\0b\ud800c😀", "nick": "Pia\ud83d"}]).encode()
    found = read("artalk", content)
    assert (found.reply.text, found.reply.name) == ("ab\ufffdc😀", "Pia\ufffd")
    assert found.notes.counts == {"Characters that no text may have were left out or replaced": (2, "line 1, column 2")}


def test_other_files_are_refused() -> None:
    assert refused("artalk", {"comments": [COMMENT]}).startswith("Line 1")
    assert refused("artalk", 7) == "Line 1: an Artrans file is a list of comments, which begins with “[”."
    must_be_refused_where_cut("artalk", json.dumps([COMMENT, COMMENT], indent=1).encode())
