"""Searching what was said: all words, only what one may read, nothing that was taken down."""

from __future__ import annotations

from itertools import count

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.actions import retract_article
from comments import actions, reads
from comments.models import MAX_TEXT
from newsroom.index import patience
from newsroom.words import EXCERPT_LENGTH
from tests.comments.tools import page, walk

SEARCH = "/api/v1/search/"


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m", "searches": "1000/m"}


@pytest.fixture
def say(alice, discussion):
    return lambda text, where=discussion: actions.post(where.pk, author=alice, text=text).comment.pk


def ids(client, **params):
    return [each["id"] for each in page(client, SEARCH, **params)["results"]]


def test_all_words_must_be_there_in_any_alphabet(api, say):
    ferry, bridge, russian = say("Die Fähre ist pünktlich"), say("Die Brücke ist gesperrt"), say("Паром опоздал")

    assert ids(api(), q="fähre pünktlich") == [ferry]
    assert ids(api(), q="BRÜCKE") == [bridge]
    assert ids(api(), q="паром") == [russian]
    assert ids(api(), q="fähre gesperrt") == []
    assert ids(api(), q="") == ids(api(), q="  ?! ") == []


def test_words_are_bent_where_the_database_knows_grammar(api, say):
    if connection.vendor != "postgresql":
        pytest.skip("FTS5 compares whole words")
    german, english, russian = say("Viele Häuser brannten"), say("They were running"), say("Паромы опаздывали")

    assert ids(api(), q="haus") == [german]
    assert ids(api(), q="runs") == [english]
    assert ids(api(), q="паром") == [russian]


def test_what_is_taken_down_or_edited_away_is_not_found(api, alice, mo, say):
    first, second, third = say("Ein Wortungetüm"), say("Noch ein Wortungetüm"), say("Drittes Wortungetüm")
    actions.remove(first, actor=mo, reason="spam")
    actions.edit(second, actor=alice, text="Nur ein Satz")
    actions.withdraw(third, actor=alice)
    assert ids(api(mo), q="Wortungetüm") == []
    assert ids(api(), q="Satz") == [second]

    actions.restore(first, actor=mo)
    actions.undo(third, actor=alice)
    assert ids(api(), q="Wortungetüm") == [third, first]


def test_only_what_one_may_read_is_found(api, alice, mo, eddy, article, discussion, say):
    say("Unter dem Artikel")
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    say("Artikel, der wartet")
    assert len(ids(api(alice), q="Artikel")) == 1

    retract_article(article.pk, actor=eddy)
    assert ids(api(), q="Artikel") == []
    assert len(ids(api(eddy), q="Artikel")) == 1


def test_one_discussion_alone_is_searched(api, discussion, chat, say):
    here, there = say("Hallo im Faden"), say("Hallo im Chat", chat)

    assert ids(api(), q="hallo", discussion=discussion.pk) == [here]
    assert ids(api(), q="hallo") == [there, here]
    assert api().get(SEARCH, {"q": "hallo", "discussion": "x"}).json()["code"] == "malformed"


def test_a_walk_meets_each_once(api, say):
    said = [say(f"Welle Nr. {number}") for number in range(7)]

    met = [row["id"] for body in walk(api(), f"{SEARCH}?q=welle&limit=3") for row in body["results"]]
    cursor = page(api(), SEARCH, q="welle", limit=3)["next"].partition("cursor=")[2].partition("&")[0]

    assert met == said[::-1]
    assert api().get(f"{SEARCH}?q=nr&cursor={cursor}").json()["code"] == "unknown_cursor"


def test_what_was_found_is_marked_safely(api, say, discussion):
    say("<img src=x onerror=alert(1)> & die Fähre")

    (row,) = page(api(), SEARCH, q="fähre")["results"]

    assert "<mark>Fähre</mark>" in row["found"]
    assert "&gt; &amp; die" in row["found"]
    assert row["found"].replace("<mark>", "").replace("</mark>", "").count("<") == 0
    assert row["title"] == discussion.title


@pytest.mark.parametrize("query", ['"', "a OR", "x*", "NEAR(", "-", "'; --", "a" * 5000, "(((", ":*", "^a", "{b}"])
def test_no_question_is_an_error(api, say, query):
    say("Etwas")

    assert api().get(SEARCH, {"q": query}).status_code == 200


def test_words_are_looked_up_and_never_computed_for_each_comment(say):
    for number in range(30):
        say(f"Die Fähre Nr. {number}")
    with CaptureQueriesContext(connection) as queries:
        assert len(reads.search_page(AnonymousUser(), "fähre", limit=5).rows) == 5
    (finding,) = [each["sql"] for each in queries if "MATCH" in each["sql"].upper() and "snippet" not in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with patience(), connection.cursor() as cursor:
        cursor.execute(f"{explain} {finding}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())

    assert "Scan on comments_words" in plan or "comments_words VIRTUAL TABLE INDEX" in plan
    assert "Seq Scan on comments_comment" not in plan


NUMBERS = count()


def steps_of(work):
    """How much SQLite's virtual machine did, in hundreds of steps."""
    counted = []
    connection.connection.set_progress_handler(lambda: counted.append(1), 100)
    try:
        work()
    finally:
        connection.connection.watch()
    return len(counted)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.sampled_from(["das", "DAS", "Äa", "上海", "x", "*", "_", "-"]), min_size=1, max_size=1200))
def test_whatever_is_said_and_asked_a_search_costs_no_more_than_a_few_words_do(say, words):
    hostile = f"{' '.join(words)} das {next(NUMBERS)}"[-MAX_TEXT:]  # nobody may say the same twice
    said = say(hostile)
    with CaptureQueriesContext(connection) as queries:
        (row,) = reads.search_page(AnonymousUser(), f"das {' '.join(words)}", limit=1).rows
    asked = [each["sql"].casefold() for each in queries if "MATCH" in each["sql"].upper()]

    assert row["id"] == said
    assert all(sql.count("das") <= 4 for sql in asked)
    assert len(row["found"]) <= 6 * EXCERPT_LENGTH + 15 * EXCERPT_LENGTH / 2
    if connection.vendor == "sqlite":
        plain = steps_of(lambda: reads.search_page(AnonymousUser(), "das", limit=1))
        assert steps_of(lambda: reads.search_page(AnonymousUser(), "das " * 40, limit=1)) <= plain + 10


def test_a_search_that_takes_too_long_is_ended_and_says_so(client, api, settings, say):
    said = say("Die Fähre ist pünktlich")
    settings.SEARCH_TIMEOUT = 0.05
    endless = "SELECT 1 FROM generate_series(1, 1e12)"
    if connection.vendor == "sqlite":
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"

    def never_end(execute, sql, params, many, context):
        return execute(endless, None, many, context) if "MATCH" in sql.upper() else execute(sql, params, many, context)

    with connection.execute_wrapper(never_end):
        answer, shown = api().get(SEARCH, {"q": "fähre"}), client.get("/search/", {"q": "fähre"})

    assert (answer.status_code, answer.json()["code"], shown.status_code) == (503, "unavailable", 503)
    assert answer["Retry-After"] == shown["Retry-After"] == str(answer.json()["retry_after"])
    assert answer.json()["detail"] in shown.text
    assert ids(api(), q="fähre") == [said]


def test_searching_is_limited(api, settings, say):
    settings.LIMITS = {**settings.LIMITS, "searches": "2/m"}

    assert [api().get(SEARCH, {"q": "x"}).status_code for _ in range(3)] == [200, 200, 429]


def test_the_page_shows_what_was_found(client, say, discussion):
    said = say("Die Fähre ist pünktlich")

    assert "<mark>Fähre</mark>" in client.get("/search/", {"q": "fähre"}).text
    assert f"/comments/{said}/" in client.get("/search/", {"q": "fähre"}).text
    assert "/comments/" not in client.get("/search/", {"q": "nirgends"}).text
    assert client.get("/search/").status_code == 200
