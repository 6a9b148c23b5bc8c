"""Keyset pages: whoever walks a list meets every row once, in either direction, while the list grows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from accounts.models import User
from newsroom.api.paging import Malformed, UnknownCursor, UnknownSort, cursor_after, keyset, limit_of, links, sort_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEYS = ("date_joined", "id")


def people(count: int, *, joined: datetime = NOON, prefix: str = "p") -> None:
    """Three people share each moment, so that the second key decides among them."""
    User.objects.bulk_create(
        User(
            email=f"{prefix}{n}@example.org",
            name=f"{prefix}{n}",
            name_key=f"{prefix}{n}",
            date_joined=joined + timedelta(seconds=n // 3),
        )
        for n in range(count)
    )


def page(cursor: str = "", *, descending: bool = True, limit: int = 4, scope: str = "people"):
    return keyset(User.objects.all(), scope=scope, keys=KEYS, limit=limit, cursor=cursor, descending=descending)


def walk(*, descending: bool, between=lambda: None) -> list[int]:
    seen, here = [], page(descending=descending)
    while True:
        seen += [row.pk for row in here.rows]
        if here.next is None:
            return seen
        between()
        here = page(here.next, descending=descending)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 23])
def test_a_walk_meets_every_row_once(db, count, descending):
    people(count)

    seen = walk(descending=descending)

    order = ["-date_joined", "-id"] if descending else ["date_joined", "id"]
    assert seen == list(User.objects.order_by(*order).values_list("pk", flat=True))


def test_rows_that_come_at_the_head_meanwhile_move_nothing(db):
    people(20)
    before = set(User.objects.values_list("pk", flat=True))
    arrivals = iter(range(100))

    seen = walk(
        descending=True,
        between=lambda: people(1, joined=NOON + timedelta(hours=1), prefix=f"late{next(arrivals)}-"),
    )

    assert len(seen) == len(set(seen)) == 20
    assert set(seen) == before


def test_the_way_back_shows_the_same_pages(db):
    people(11)
    first = page()
    second = page(first.next)
    third = page(second.next)

    assert page(third.previous).rows == second.rows
    assert page(second.previous).rows == first.rows
    assert first.previous is None
    assert page(second.previous).previous is None
    assert third.next is None


@pytest.mark.parametrize("cursor", ["x", "!!!!", "AAAA", "k" * 3000, "\x00", "🙂", "gaFu"])
def test_junk_is_no_cursor(db, cursor):
    with pytest.raises(UnknownCursor):
        page(cursor)


@pytest.mark.parametrize("key", [[0, 1], [True, 1], [NOON, True], [NOON, NOON], [NOON, 1.5], [NOON, 2**63], [1]])
def test_whoever_forges_a_cursor_is_refused(db, client, key):
    """Its form is no secret; values of the wrong kind must not reach the database."""
    forged = cursor_after("articles:newest", key)

    answer = client.get("/api/v1/articles/", {"cursor": forged})

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_cursor")
    assert client.get("/api/v1/articles/", {"cursor": cursor_after("articles:newest", [NOON, 1])}).status_code == 200


def test_a_page_begins_beside_a_row_whose_number_is_known(db):
    people(9)
    rows = User.objects.order_by("id")
    ids = list(rows.values_list("pk", flat=True))
    beside = lambda cursor: keyset(rows, scope="", keys=["id"], limit=3, cursor=cursor, descending=False).rows  # noqa: E731

    assert [row.pk for row in beside(f"after-{ids[3]}")] == ids[4:7]
    assert [row.pk for row in beside(f"before-{ids[3]}")] == ids[:3]
    for junk in ("after-", "after-x", f"after-{2**63}", "beside-3", f"after-{ids[3]} "):
        with pytest.raises(UnknownCursor):
            beside(junk)
    with pytest.raises(UnknownCursor):
        page(f"after-{ids[3]}")  # of a list that times order, too


def test_a_cursor_belongs_to_its_list(db):
    people(9)
    cursor = page(scope="people:newest").next

    assert page(cursor, scope="people:newest").rows
    with pytest.raises(UnknownCursor):
        page(cursor, scope="people:oldest")


@pytest.mark.parametrize(("raw", "expected"), [("", 50), ("1", 1), ("200", 200), ("999999999999999999999", 200)])
def test_a_limit_is_kept_in_bounds(raw, expected):
    assert limit_of({"limit": raw}) == expected


@pytest.mark.parametrize("raw", ["0", "-1", "x", "1.5", "١", " 3", "000000000"])
def test_a_limit_that_is_no_number_is_refused(raw):
    with pytest.raises(Malformed):
        limit_of({"limit": raw})


def test_a_sort_is_one_of_the_known(db):
    assert sort_of({}, ["newest", "oldest"]) == "newest"
    assert sort_of({"sort": "oldest"}, ["newest", "oldest"]) == "oldest"
    with pytest.raises(UnknownSort):
        sort_of({"sort": "random"}, ["newest", "oldest"])


def test_a_link_keeps_the_other_parameters_and_stays_on_the_site():
    request = RequestFactory().get("/api/v1/things/?sort=oldest&cursor=old&limit=3", headers={"host": "localhost"})

    assert links(request, "new", None) == ["http://testserver/api/v1/things/?limit=3&sort=oldest&cursor=new", None]
