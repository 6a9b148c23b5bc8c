"""Discussions of pages that are not ours: one page, one discussion, however it was reached."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from comments import actions
from comments.addresses import canonical
from tests.comments.tools import in_parallel, page

HERE = "/api/v1/discussions/by-url/"
COUNTS = "/api/v1/discussions/counts/"
PAGE = "https://blatt.example/2026/faehre"


def put(client, url, **fields):
    return client.put(f"{HERE}?url={quote(url, safe='')}", {"title": "Die Fähre", **fields})


@pytest.mark.parametrize(
    "url",
    [
        "http://blatt.example/2026/faehre",
        "https://BLATT.example:443/2026/faehre/",
        "https://blatt.example./2026/faehre#kommentare",
        "https://blatt.example/2026/f%61ehre?utm_source=x&fbclid=1",
        " https://blatt.example/2026/faehre//\n",
    ],
)
def test_one_page_has_one_address(url):
    assert canonical(url) == PAGE


def test_what_names_another_page_stays():
    assert canonical("https://a.example/?b=2&a=1&utm_id=3") == "https://a.example?a=1&b=2"
    assert canonical("http://bücher.example:8080/a%2fb/ü") == "https://xn--bcher-kva.example:8080/a%2Fb/%C3%BC"
    for wrong in (
        "",
        "blatt.example",
        "ftp://a.example/",
        "https://me@a.example/",
        "https:///x",
        "javascript:alert(1)",
    ):
        with pytest.raises(ValueError):  # noqa: PT011  UnicodeError and our own
            canonical(wrong)
    with pytest.raises(ValueError, match=r"(?i)port"):
        canonical("https://a.example:99999/")


@given(
    st.sampled_from(["http", "HTTPS"]),
    st.from_regex(r"[a-zA-Z0-9]{1,10}(\.[a-z]{2,5}){1,2}(:[1-9][0-9]{0,3})?", fullmatch=True),
    st.text(st.characters(codec="utf-8", min_codepoint=33), max_size=30),
)
def test_the_canonical_address_is_its_own(scheme, host, rest):
    try:
        once = canonical(f"{scheme}://{host}/{rest}")
    except ValueError:
        return
    assert canonical(once) == once


def test_it_is_started_once_and_found_under_every_name(api, mo):
    first, again = put(api(mo), PAGE), put(api(mo), f"{PAGE}/?utm_source=brief", title="Die neue Fähre")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    found = page(api(), HERE, url=f"http://BLATT.example/2026/faehre/#c{1}")
    assert (found["id"], found["url"], found["title"], found["mode"]) == (
        first.json()["id"],
        PAGE,
        "Die neue Fähre",
        "thread",
    )
    assert api().get(HERE, {"url": "https://blatt.example/anderes"}).status_code == 404
    assert api().get(HERE, {"url": "nichts"}).json()["code"] == "invalid"


def test_another_address_leads_to_it_unless_it_is_anothers(api, mo):
    old = "https://blatt.example/alt/faehre"
    first = put(api(mo), PAGE, aliases=[old, PAGE]).json()
    put(api(mo), PAGE, aliases=[old])
    other = put(api(mo), "https://blatt.example/bruecke").json()

    assert page(api(), HERE, url=f"{old}?fbclid=2")["id"] == first["id"] != other["id"]
    taken = put(api(mo), "https://blatt.example/bruecke", aliases=[old])
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    assert put(api(mo), old).json()["id"] == first["id"]


def test_only_those_who_run_discussions_start_them(api, alice, eddy):
    assert put(api(), PAGE).status_code == 401
    assert put(api(alice), PAGE).status_code == 403
    assert put(api(eddy), PAGE, title="").status_code == 422
    assert put(api(eddy), "ftp://x").status_code == 422
    assert put(api(eddy), PAGE).status_code == 201


def test_a_hundred_pages_are_counted_in_one_request(api, mo, alice):
    made = [actions.discuss_page(f"{PAGE}/{number}", actor=mo, title=f"Nr. {number}")[0] for number in range(3)]
    actions.discuss_page(f"{PAGE}/2", actor=mo, title="Nr. 2", aliases=["https://kurz.example/2"])
    actions.post(made[2].pk, author=alice, text="Hallo")
    asked = [f"{PAGE}/{number}?utm_source=x" for number in range(97)] + ["https://kurz.example/2", "kein", PAGE]

    with CaptureQueriesContext(connection) as queries:
        results = page(api(), COUNTS, url=asked)["results"]

    assert len(queries) == 2
    assert [each["url"] for each in results] == asked
    assert [each["comment_count"] for each in results] == [0, 0, 1, *[0] * 94, 1, 0, 0]
    assert [each["discussion"] for each in results[:4]] == [*[each.pk for each in made], None]


def test_started_by_many_at_once_it_is_one(mo, many_connections):
    ids = in_parallel(6, lambda _: actions.discuss_page(PAGE, actor=mo, title="Die Fähre")[0].pk)

    assert len(set(ids)) == 1
