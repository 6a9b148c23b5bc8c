from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.actions import create_token
from accounts.models import User
from articles import actions
from articles.models import State, Ticker, TickerItem
from articles.schemas import TickerItemSerializer, TickerSerializer
from tests.support.directions import directed

from .tools import events, kinds

pytestmark = pytest.mark.django_db(transaction=True)
ITEMS = "/api/v1/tickers/newsticker/items/"


def test_an_editor_publishes_and_the_event_says_what_the_list_says(api, ticker, eddy):
    answer = api(eddy).post(ITEMS, {"headline": "Sturm", "text": "Mit *Böen*.", "level": "breaking"})

    assert answer.status_code == 201
    listed = api().get(ITEMS).json()
    assert listed["results"] == [answer.json()] == [events(ticker.stream)[0]["data"]]
    assert set(answer.json()) == set(TickerItemSerializer().fields)
    assert (listed["stream"], listed["position"]["offset"]) == ("ticker.newsticker", 1)
    assert (answer.json()["number"], answer.json()["html"]) == (1, directed("<p>Mit <em>Böen</em>.</p>"))


def test_all_that_happens_to_an_item_ends_as_a_fresh_list_shows_it(api, ticker, article, eddy):
    """The equation: a page at a position and the events after it are the page now."""
    editor = api(eddy)
    for n in range(4):
        editor.post(ITEMS, {"headline": f"Meldung {n}", "article": article.slug})
    page = api().get(ITEMS).json()
    first, second, third, _ = sorted(TickerItem.objects.values_list("pk", flat=True))
    editor.patch(f"/api/v1/ticker-items/{first}/", {"headline": "Berichtigt", "correction": "Zahl"})
    editor.patch(f"/api/v1/ticker-items/{second}/", {"pinned": True})
    editor.delete(f"/api/v1/ticker-items/{third}/")
    editor.post(ITEMS, {"headline": "Neu"})
    actions.retract_article(article.pk, actor=eddy)

    shown = {row["id"]: row for row in page["results"]}
    for event in events(page["stream"], page["position"]["offset"]):
        if event["kind"] != "void" and event["data"]["version"] > shown.get(event["data"]["id"], {}).get("version", 0):
            shown[event["data"]["id"]] = event["data"]
    assert sorted(shown.values(), key=lambda row: -row["number"]) == api().get(ITEMS).json()["results"]


@pytest.mark.parametrize("state", ["draft", "scheduled", "retracted"])
def test_items_of_a_state_are_found_by_an_index(api, ticker, eddy, state):
    later = {"publish_at": timezone.now() + timedelta(days=1)}
    asked = {"draft": {"state": "draft"}, "scheduled": later, "retracted": {}}[state]
    made = api(eddy).post(ITEMS, {"headline": "Sturm", **asked}).json()
    if state == "retracted":
        api(eddy).delete(f"/api/v1/ticker-items/{made['id']}/")
    api(eddy).post(ITEMS, {"headline": "Regen"})
    with planning("articles_tickeritem") as plans:
        listed = api(eddy).get(ITEMS, {"state": state}).json()["results"]

    assert [each["id"] for each in listed] == [made["id"]]
    assert "item_states" in plans[-1]


def test_pinned_items_are_found_by_an_index(api, client, ticker, eddy):
    if connection.vendor == "postgresql":
        pytest.skip("among few items each index costs the same")
    for number in range(3):
        api(eddy).post(ITEMS, {"headline": f"Meldung {number}", "pinned": number == 1})
    with planning("articles_tickeritem") as plans:
        shown = client.get("/newsticker/")

    assert "Meldung 1" in shown.text
    assert len([plan for plan in plans if "item_pinned" in plan]) == 1


@contextmanager
def planning(table: str) -> Iterator[list[str]]:
    """The plans of all questions for rows of a table. PostgreSQL is told to take an index if there is one."""
    is_postgresql = connection.vendor == "postgresql"
    plans: list[str] = []
    asked: list[tuple[str, object]] = []

    def note(execute, sql, params, many, context):
        if f'FROM "{table}"' in sql:
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield plans
    with transaction.atomic(), connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        for sql, params in asked:
            cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN '}{sql}", params)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))


def test_others_cannot_publish(api, ticker, alice, jo, mo, eddy):
    for person, status, code in (
        (None, 401, "not_authenticated"),
        (alice, 403, "forbidden"),
        (jo, 403, "forbidden"),
        (mo, 403, "forbidden"),
    ):
        answer = api(person).post(ITEMS, {"headline": "Nein"})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert kinds(ticker.stream) == []

    assert api(eddy).post(ITEMS, {"headline": "Ja"}).status_code == 201


def test_publish_at_schedules(api, ticker, eddy):
    later = (timezone.now() + timedelta(hours=1)).isoformat()

    answer = api(eddy).post(ITEMS, {"headline": "Sperrfrist", "publish_at": later})

    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["number"]) == ("scheduled", None)
    assert api().get(ITEMS).json()["results"] == []
    url = f"/api/v1/ticker-items/{answer.json()['id']}/"
    assert api().get(url).status_code == 404
    assert api(eddy).get(url).json()["publish_at"] is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "headline"),
        ({"headline": ""}, "headline"),
        ({"headline": "\x00"}, "headline"),
        ({"headline": "\u200e\u202e"}, "headline"),
        ({"headline": ["x"]}, "headline"),
        ({"headline": {"a": 1}}, "headline"),
        ({"headline": "x" * 201}, "headline"),
        ({"headline": "x", "text": "x" * 5001}, "text"),
        ({"headline": "x", "level": "loud"}, "level"),
        ({"headline": "x", "level": ["normal"]}, "level"),
        ({"headline": "x", "article": "gibt-es-nicht"}, "article"),
        ({"headline": "x", "article": "\x00"}, "article"),
        ({"headline": "x", "pinned": "vielleicht"}, "pinned"),
        ({"headline": "x", "pinned": None}, "pinned"),
        ({"headline": "x", "publish_at": "gestern"}, "publish_at"),
        ({"headline": "x", "publish_at": "2020-01-01T00:00:00Z"}, "publish_at"),
        ({"headline": "x", "publish_at": "9999-12-31T23:59:59-12:00"}, "publish_at"),
        ({"headline": "x", "publish_at": "0001-01-01T00:00:00+14:00"}, "publish_at"),
        ({"headline": "x", "publish_at": 10**30}, "publish_at"),
        ([], "non_field_errors"),
        ("x", "non_field_errors"),
        (None, "headline"),
    ],
)
def test_what_does_not_fit_is_refused_by_field_and_nothing_is_written(body, field, api, ticker, eddy):
    answer = api(eddy).post(ITEMS, body)

    assert answer.status_code in {400, 422}, answer.content
    if field and answer.status_code == 422:
        assert field in answer.json()["errors"]
    assert not TickerItem.objects.exists()


def test_patch_corrects_pins_and_moves(api, item, ticker, article, eddy):
    url = f"/api/v1/ticker-items/{item.pk}/"
    editor = api(eddy)

    corrected = editor.patch(url, {"headline": "Anders", "correction": "Tippfehler", "article": article.slug}).json()
    pinned = editor.patch(url, {"pinned": True, "article": None}).json()
    waiting = actions.publish_item(ticker, actor=eddy, headline="w", publish_at=timezone.now() + timedelta(hours=1))
    moment = f"{timezone.now() + timedelta(days=90):%Y-%m-%dT10:00:00Z}"
    moved = editor.patch(f"/api/v1/ticker-items/{waiting.pk}/", {"publish_at": moment}).json()

    assert (corrected["headline"], corrected["correction"], corrected["article"]) == (
        "Anders",
        "Tippfehler",
        article.slug,
    )
    assert (pinned["pinned"], pinned["article"]) == (True, None)
    assert moved["publish_at"] == moment
    assert editor.patch(url, {"publish_at": moment}).json()["code"] == "conflict"


def test_if_match_guards_against_overwriting(api, item, eddy):
    url = f"/api/v1/ticker-items/{item.pk}/"
    editor = api(eddy)
    now, stale = f'"v{item.version}"', '"v99"'

    for late in (stale, "Unsinn", '"v"', f'"v{"9" * 40}"'):
        answer = editor.patch(url, {"headline": "Nein"}, headers={"If-Match": late})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert editor.delete(url, headers={"If-Match": stale}).status_code == 412

    assert editor.patch(url, {"headline": "Nein"}, headers={"If-Match": f"W/{now}"}).status_code == 412
    assert editor.patch(url, {"headline": "Ja"}, headers={"If-Match": now}).status_code == 200
    assert editor.delete(url, headers={"If-Match": f'{now}, "v{item.version + 1}"'}).status_code == 204


def test_a_retracted_item_is_gone_for_readers(api, item, eddy):
    url = f"/api/v1/ticker-items/{item.pk}/"
    assert api().get(url).status_code == 200

    assert api().delete(url).status_code == 401
    assert api(eddy).delete(url).status_code == 204
    assert api(eddy).delete(url).status_code == 204

    gone = api().get(url)
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
    assert api(eddy).get(url).json()["state"] == State.RETRACTED
    (place,) = api().get(ITEMS).json()["results"]
    assert (place["number"], place["state"]) == (item.number, "retracted")
    assert {place[name] for name in ("headline", "text", "html", "correction")} == {""}


@pytest.mark.parametrize("pk", ["0", "4711", "9" * 18, "9" * 40])
def test_items_that_are_not_there_are_not_found(pk, api, eddy):
    for call in (api(eddy).get, api(eddy).patch, api(eddy).delete):
        assert call(f"/api/v1/ticker-items/{pk}/").status_code == 404


def test_walks_meet_every_item_once_in_both_orders(api, ticker, eddy, django_assert_num_queries):
    for n in range(7):
        actions.publish_item(ticker, actor=eddy, headline=f"Meldung {n}")
    for sort, numbers in (("newest", [7, 6, 5, 4, 3, 2, 1]), ("oldest", [1, 2, 3, 4, 5, 6, 7])):
        url, met = f"{ITEMS}?sort={sort}&limit=3", []
        while url:
            with django_assert_num_queries(2):
                answer = api().get(url).json()
            met += [row["number"] for row in answer["results"]]
            url = answer["next"]
        assert met == numbers


def test_tickers_are_listed_and_live_blogs_only_with_their_article(api, ticker, article, eddy, alice):
    blog = Ticker.objects.create(slug="faehre", title="Die Fähre live", article=article)
    rows = api().get("/api/v1/tickers/").json()["results"]
    assert [row["slug"] for row in rows] == ["newsticker", "faehre"]
    assert set(rows[0]) == set(TickerSerializer().fields)
    assert rows[1]["article"] == article.slug
    assert api().get(f"/api/v1/articles/{article.slug}/").json()["ticker"] == blog.slug

    actions.retract_article(article.pk, actor=eddy)

    assert [row["slug"] for row in api().get("/api/v1/tickers/").json()["results"]] == ["newsticker"]
    assert api(alice).get("/api/v1/tickers/faehre/items/").status_code == 410
    assert api(eddy).get("/api/v1/tickers/faehre/items/").status_code == 200


def test_the_seen_mark_is_mine_and_only_rises(api, item, ticker, alice, bob):
    url = "/api/v1/tickers/newsticker/seen/"
    assert api().put(url, {"number": 1}).status_code == 401
    assert api(alice).get(url).json() == {"number": 0}

    assert api(alice).put(url, {"number": 1}).json() == {"number": 1}
    assert api(alice).put(url, {"number": 0}).json() == {"number": 1}
    assert api(alice).put(url, {"number": 500}).json() == {"number": 1}

    assert api(alice).get(url).json() == {"number": 1}
    assert api(bob).get(url).json() == {"number": 0}
    assert [each["data"] for each in events(f"user.{alice.pk}")] == [{"ticker": "newsticker", "number": 1}]
    assert kinds(f"user.{bob.pk}") == []


@pytest.mark.parametrize("number", [-1, 2**31, 10**400, "x", None, [1], 1.5, True])
def test_a_strange_number_is_refused(number, api, item, alice):
    answer = api(alice).put("/api/v1/tickers/newsticker/seen/", {"number": number})

    assert answer.status_code in {400, 422} or (number is True and answer.json() == {"number": 1})


def test_writing_needs_the_csrf_token_of_ones_session(ticker, eddy: User):

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(eddy)

    assert client.post(ITEMS, {"headline": "Nein"}).status_code in {401, 403}
    assert not TickerItem.objects.exists()


def test_what_waits_is_shown_to_editors_alone_and_kept_nowhere(api, ticker, eddy: User):
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    waiting = api(eddy).post(f"/api/v1/tickers/{ticker.slug}/items/", {"headline": "Später", "publish_at": later})
    address = f"/api/v1/ticker-items/{waiting.json()['id']}/"
    _token, secret = create_token(eddy, name="Leser", scopes=["read"])

    assert api(eddy).get(address).headers["Cache-Control"] == "private, no-store"
    assert api().get(address).status_code == 404
    assert APIClient(headers={"Authorization": f"Bearer {secret}"}).get(address).status_code == 404


def test_a_program_publishes_with_an_editors_key_of_the_right_scope(ticker, eddy: User, alice: User):

    def post(person: User, scope: str) -> int:
        _token, secret = create_token(person, name="Agentur", scopes=[scope])
        client = APIClient()
        return client.post(ITEMS, {"headline": "dpa"}, headers={"Authorization": f"Bearer {secret}"}).status_code

    assert post(eddy, "read") == 403
    assert post(alice, "ticker") == 403
    assert post(eddy, "ticker") == 201
    assert APIClient().post(ITEMS, {"headline": "x"}, headers={"Authorization": "Bearer Unsinn"}).status_code == 401


def test_a_draft_stays_in_the_newsroom_until_it_is_published(api, ticker, eddy, alice):
    editor = api(eddy)
    made = editor.post(ITEMS, {"headline": "Gerücht", "state": "draft"})
    url = f"/api/v1/ticker-items/{made.json()['id']}/"

    assert (made.status_code, made.json()["state"], made.json()["number"]) == (201, "draft", None)
    assert kinds(ticker.stream) == []
    for reader in (api(), api(alice)):
        assert reader.get(url).status_code == 404
        assert [reader.get(f"{ITEMS}{query}").json()["results"] for query in ("", "?state=draft")] == [[], []]
    assert [row["headline"] for row in editor.get(f"{ITEMS}?state=draft").json()["results"]] == ["Gerücht"]
    assert editor.get(f"{ITEMS}?state=draft").headers["Cache-Control"] == "private, no-store"
    assert editor.get(f"{ITEMS}?state=verschollen").status_code == 400

    assert editor.patch(url, {"state": "published"}).json()["number"] == 1
    assert editor.get(f"{ITEMS}?state=draft").json()["results"] == []
    assert kinds(ticker.stream) == ["item.published"]


def test_a_program_publishes_early_only_what_it_says_shall_come_now(api, ticker, eddy):
    editor, later = api(eddy), (timezone.now() + timedelta(hours=1)).isoformat()
    timed_draft = {"headline": "Sperrfrist", "state": "draft", "publish_at": later}
    assert editor.post(ITEMS, timed_draft).json()["code"] == "invalid"
    made = editor.post(ITEMS, {"headline": "Sperrfrist", "publish_at": later}).json()
    url = f"/api/v1/ticker-items/{made['id']}/"
    assert [row["id"] for row in editor.get(f"{ITEMS}?state=scheduled").json()["results"]] == [made["id"]]

    refused = editor.patch(url, {"state": "published"})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert refused.json()["publish_at"] == made["publish_at"]
    assert editor.patch(url, {"state": "draft"}).json()["state"] == "draft"
    editor.patch(url, {"publish_at": later})

    assert editor.patch(url, {"state": "published", "now": True}).json()["number"] == 1


@pytest.mark.parametrize("moment", ["2027-03-28T02:30:00", "2027-10-31T02:30:00"])
def test_a_local_time_that_is_none_or_two_is_refused(moment, api, ticker, eddy):
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):
        answer = api(eddy).post(ITEMS, {"headline": "Uhrzeit", "publish_at": moment})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["publish_at"])

        said = api(eddy).post(ITEMS, {"headline": "Uhrzeit", "publish_at": f"{moment}+01:00"})
        assert said.status_code == 201
