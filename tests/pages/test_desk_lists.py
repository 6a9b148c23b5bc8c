"""Lists of the admin cost the same however long they grow: each order has an index, and no row costs a statement."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions import impose_sanction
from accounts.models import User
from articles import actions as office
from articles.models import Photo, Section, Ticker
from comments import actions
from comments.models import Discussion, OpeningHours
from newsroom.desk.lists import ListAdmin

SMALL = {"section", "legalpage", "openinghours", "ticker", "dbtaskresult"}  # few on any site, or kept for days only
LISTS = {
    model._meta.label_lower: reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    for model in admin.site._registry
}
GROWING = {label: path for label, path in LISTS.items() if label.partition(".")[2] not in SMALL}


@pytest.fixture
def desk(ada):
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def grow(ada, mo, eddy, person, section):
    """Add so many rows to each list."""

    def grow(count: int) -> None:
        for _ in range(count):
            number = Discussion.objects.count()
            written = office.draft_article(actor=eddy, section=section, headline=f"Nummer {number}")
            article = office.publish_article(written.pk, actor=eddy)
            thread = Discussion.objects.get(article=article)
            reader = person(f"Leserin {number}")
            said = actions.post(thread.pk, author=reader, text=f"Nummer {number}").comment
            actions.react(said.pk, "like", actor=ada)
            actions.remove(said.pk, actor=mo, reason="spam")
            name = OpeningHours.objects.create(name=f"{number}", rules="daily 23:00-07:00 closed")
            Discussion.objects.filter(pk=thread.pk).update(hours=name)
            impose_sanction(reader.pk, actor=mo, scope="react", reason="spam", until=timezone.now() + timedelta(days=1))
            ticker = Ticker.objects.create(title=f"T{number}", slug=f"t{number}", article=article)
            office.publish_item(ticker, actor=eddy, headline=f"Nummer {number}", article=article)
            Photo.objects.create(file=f"photos/{number}/8.jpg", width=8, height=6, widths=[8], caption=f"{number}")
            Section.objects.create(name=f"Ressort {number}", slug=f"r-{number}")

    return grow


def statements(client: Client, path: str) -> list[tuple[str, object]]:
    met = []

    def note(execute, sql, params, many, context):
        met.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        assert client.get(path).status_code == 200
    return met


def sorts(client: Client, path: str) -> list[int]:
    """The columns that the list offers to sort by."""
    links = map(html.unescape, re.findall(r'href="\?([^"]*)"', client.get(path).text))
    return sorted({int(number) for link in links for number in re.findall(r"^o=-?(\d+)", link)})


def is_sorted_by_hand(sql: str, params: object) -> bool:
    """Whether the database has to sort all rows. PostgreSQL is told to avoid that if it can."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return any("TEMP B-TREE FOR ORDER BY" in row[3] for row in cursor.fetchall())
        cursor.execute("SET enable_sort = off; SET enable_seqscan = off; SET enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_sort; RESET enable_seqscan; RESET enable_bitmapscan")
        return re.search(r"(->  |^)Sort ", plan, re.MULTILINE) is not None


def is_of_rows(sql: str, label: str) -> bool:
    model = next(each for each in admin.site._registry if each._meta.label_lower == label)
    return "ORDER BY" in sql and f'FROM "{model._meta.db_table}"' in sql and "DISTINCT" not in sql


@pytest.mark.parametrize("label", GROWING)
def test_no_list_has_an_order_without_an_index(desk, grow, label):
    grow(1)
    orders = [
        GROWING[label],
        *(f"{GROWING[label]}?o={way}{column}" for column in sorts(desk, GROWING[label]) for way in ("", "-")),
    ]
    asked = [each for path in orders for each in statements(desk, path) if is_of_rows(each[0], label)]

    assert len(asked) >= len(orders)
    assert [sql for sql, params in asked if is_sorted_by_hand(sql, params)] == []


def test_a_sort_that_a_list_does_not_offer_is_not_done(desk, grow):
    grow(3)
    here, title = LISTS["comments.discussion"], 1
    shown, rising, falling = (
        [row.pk for row in desk.get(f"{here}{query}").context["cl"].result_list]
        for query in ("", f"?o={title}", f"?o=-{title}")
    )

    assert title not in sorts(desk, here)
    assert shown == rising == falling == sorted(shown, reverse=True)
    people = LISTS["accounts.user"]
    assert [row.email for row in desk.get(f"{people}?o=1").context["cl"].result_list] == sorted(
        User.objects.values_list("email", flat=True)
    )


@pytest.mark.parametrize("label", LISTS)
def test_lists_count_nothing_that_they_do_not_show(desk, label):
    assert "_facets" not in desk.get(LISTS[label]).text
    counts = [sql for sql, _ in statements(desk, LISTS[label]) if "COUNT(" in sql]
    assert [sql for sql in counts if "LIMIT" not in sql] == []


def test_a_row_costs_no_statement(desk, grow):
    grow(1)
    desk.get(LISTS["newsroom.appearance"])  # its first visitor makes the one row that there is
    before = {label: len(statements(desk, path)) for label, path in LISTS.items()}
    grow(5)

    assert {label: len(statements(desk, path)) for label, path in LISTS.items()} == before


def test_every_list_is_a_bounded_one():
    assert [each for each in admin.site._registry.values() if not isinstance(each, ListAdmin)] == []


@pytest.mark.parametrize(
    ("state", "index"),
    [("held", "queue"), *((each, "states") for each in ("rejected", "withdrawn", "removed", "erased"))],
)
def test_comments_that_readers_do_not_see_are_listed_by_an_index(desk, grow, state, index):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL knows itself which index has all rows of a state")
    grow(1)
    for path in (f"?state__exact={state}", f"?state__exact={state}&o=1"):
        asked = statements(desk, LISTS["comments.comment"] + path)
        of_state = [(sql, params) for sql, params in asked if is_of_rows(sql, "comments.comment")]
        with connection.cursor() as cursor:
            for sql, params in of_state:
                cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
                assert f"comment_{index}" in str(cursor.fetchall())
        assert of_state


def test_the_filter_of_items_offers_the_newest_tickers_and_that_of_the_site(desk, grow, monkeypatch):
    monkeypatch.setattr("articles.admin.tickers.TICKERS_OFFERED", 3)
    site, _ = Ticker.objects.get_or_create(slug="newsticker", defaults={"title": "Ticker"})
    grow(4)
    newest = list(Ticker.objects.exclude(pk=site.pk).order_by("-pk").values_list("pk", flat=True))
    page = desk.get(LISTS["articles.tickeritem"]).text

    assert {int(pk) for pk in re.findall(r"ticker__id__exact=(\d+)", page)} == {site.pk, *newest[:2]}
    oldest = desk.get(f"{LISTS['articles.tickeritem']}?ticker__id__exact={newest[-1]}")
    assert [row.ticker_id for row in oldest.context["cl"].result_list] == [newest[-1]]
