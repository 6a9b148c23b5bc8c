"""No input yields a 5xx, and what is refused leaves nothing behind."""

from __future__ import annotations

import pytest

from comments.models import Comment
from tests.comments.tools import url

DEEP = b"[" * 100_000
BODIES = {
    "nothing": (b"", 422),
    "not json": (b"{", 400),
    "a list": (b"[]", 422),
    "a number": (b"5", 422),
    "null": (b"null", 422),
    "deep": (DEEP, 400),
    "deep text": (b'{"text": ' + DEEP + b"}", 400),
    "no text": (b"{}", 422),
    "null text": (b'{"text": null}', 422),
    "a number as text": (b'{"text": {}}', 422),
    "bad utf-8": (b'{"text": "\xff"}', 400),
    "a lone surrogate": (b'{"text": "\\ud800"}', 400),
    "a huge number": (b'{"text": "x", "parent": ' + b"9" * 5000 + b"}", 400),
    "a large number": (b'{"text": "x", "parent": ' + b"9" * 30 + b"}", 422),
    "infinity": (b'{"text": "x", "parent": Infinity}', 400),
    "a parent of words": (b'{"text": "x", "parent": "x"}', 422),
    "a parent of lists": (b'{"text": "x", "parent": [1]}', 422),
    "a fraction": (b'{"text": "x", "parent": 1.5}', 422),
    "too much": (b'{"text": "' + b"x" * 1_100_000 + b'"}', 413),
    "much": (b'{"text": "' + b"x" * 900_000 + b'"}', 422),
}
SIGNS = [
    "*",
    "_",
    "`",
    ">",
    "[",
    "](",
    "![",
    "~~",
    "- ",
    "1. ",
    "<",
    "&",
    "\\",
    "|",
    "(",
    "http://",
    "a@b.c ",
    "\u0301",
    "**a",
    "> - ",
]


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=list(BODIES))
def test_a_strange_body_is_refused(api, alice, discussion, body, status):
    answer = api(alice).post(url(discussion), body, content_type="application/json")

    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not Comment.objects.exists()


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "nonsense"])
def test_another_media_type_is_refused(api, alice, discussion, kind):
    assert api(alice).post(url(discussion), b"text=x", content_type=kind).status_code == 415


@pytest.mark.parametrize("note", ["\x00\x07", "x" * 1001, None, {}, ["x"], 5])
def test_strange_notes_are_cleaned_or_refused(api, mo, comment, note):
    body = {"action": "remove", "reason": "spam", "note": note}

    assert api(mo).post(f"/api/v1/comments/{comment.pk}/decisions/", body).status_code in (201, 422)


@pytest.mark.parametrize(
    "path", ["comments/0/", f"comments/{2**63}/", f"discussions/{2**63}/mine/", "comments/0/history/"]
)
def test_a_number_that_names_nothing_is_not_found(api, mo, path):
    assert api(mo).get(f"/api/v1/{path}").status_code == 404


@pytest.mark.timeout(30, func_only=True)  # work that grows with the square of the length would not end
@pytest.mark.parametrize("sign", SIGNS)
def test_hostile_markdown_of_full_size_is_drawn(api, alice, discussion, sign):
    text = (sign * 5000)[:4990] + " Ende"

    answer = api(alice).post(url(discussion), {"text": text})

    assert answer.status_code in (201, 202, 422), answer.content
