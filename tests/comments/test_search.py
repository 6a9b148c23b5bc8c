"""Searching what was said: all words, only what one may read, nothing that was taken down."""

from __future__ import annotations

import html
import itertools
from datetime import datetime
from itertools import count
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.actions import draft_article, publish_article, retract_article
from comments import actions, reads
from comments.models import MAX_TEXT, Comment
from comments.search import INDEX
from newsroom.search import asking, pages, words
from newsroom.search.index import patience
from newsroom.search.words import EXCERPT_LENGTH
from tests.comments.tools import page, steps_of, walk

SEARCH = "/api/v1/search/"


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.LIMITS = {**settings.LIMITS, "comments": "1000/m", "searches": ""}


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


def test_many_texts_at_once_are_indexed_like_each_by_itself(api, say):
    texts = [
        "Viele Häuser brannten",
        "They were running",
        "Паромы опаздывали",
        "Ost-West-Gespräche, 3,50 Euro",
        "日本語",
    ]
    rows = [say(f"{text} {number}.") for number in range(5) for text in texts] + [say("Ein langer Weg. " * 280)]
    queries = ["haus", "häuser", "runs", "паром", "gespräch", "wege", "本語", "3", "brannten 2"]
    one_by_one = [ids(api(), q=query) for query in queries]

    INDEX.learn_rows(rows)
    assert [ids(api(), q=query) for query in queries] == one_by_one
    assert [bool(found) for found in one_by_one].count(True) >= 4
    assert connection.vendor == "sqlite" or all(one_by_one)


def test_a_word_that_is_its_own_stem_is_kept_once_and_found_by_its_other_forms(api, say):
    if connection.vendor != "postgresql":
        pytest.skip("FTS5 compares whole words")
    rows = [say("Haus, schön, run, мост"), say("Die Häuser")]
    queries = ["häuser", "schöne", "schon", "running", "мосты", "hauses häuser", "die", "öde"]
    found = [rows[::-1], rows[:1], rows[:1], rows[:1], rows[:1], rows[::-1], rows[1:], []]
    assert [ids(api(), q=query) for query in queries] == found
    assert kept(rows[0]) == {"=haus", "=schön", "~schon", "~schoen", "=run", "=мост"}

    with connection.cursor() as cursor:  # as an earlier release has indexed them
        cursor.execute(
            "UPDATE comments_words SET words = words || strip(to_tsvector('german', text)) || "
            "strip(to_tsvector('english', text)) || strip(to_tsvector('russian', text)) "
            "FROM comments_comment AS said WHERE said.id = comments_words.id"
        )
    assert kept(rows[0]) > {"haus", "schon", "run", "мост"}
    assert [ids(api(), q=query) for query in queries] == found


def kept(pk):
    """The terms of a comment in PostgreSQL's index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(tsvector_to_array(words)) FROM comments_words WHERE id = %s", [pk])
        return {term for (term,) in cursor.fetchall()}


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
    asked = [each["sql"] for each in queries if each["sql"].startswith("SELECT") and "comments_" in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with patience(), connection.cursor() as cursor:
        plans = []
        for sql in asked:
            cursor.execute(f"{explain} {sql}")
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    finding = [plan for plan, sql in zip(plans, asked, strict=True) if "MATCH" in sql.upper()]

    assert finding
    assert all("Scan on comments_words" in each or "comments_words VIRTUAL TABLE INDEX" in each for each in finding)
    assert not any("Seq Scan on comments_comment" in each or "SCAN comments_comment" in each for each in plans)


def test_a_server_that_shares_out_its_work_is_asked_alike(api, say):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite works alone")
    said = say("Die Fähre")
    with connection.cursor() as cursor:
        cursor.execute("SET force_parallel_mode = on")  # as for large tables
    try:
        assert ids(api(), q="fähre") == [said]
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET force_parallel_mode")


NUMBERS = count()


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
    settings.LIMITS = {**settings.LIMITS, "searches": "30/m"}
    with connection.execute_wrapper(never_end):
        statuses = [api().get(SEARCH, {"q": "fähre"}, REMOTE_ADDR="192.0.2.1").status_code for _ in range(3)]
    settings.LIMITS = {**settings.LIMITS, "searches": "1000/m"}
    assert statuses == [503, 503, 429]
    assert answer["Retry-After"] == shown["Retry-After"] == str(answer.json()["retry_after"])
    assert answer.json()["detail"] in shown.text
    assert ids(api(), q="fähre") == [said]


@pytest.fixture
def short_steps(monkeypatch):
    """Every word counts as common, and a page looks at five comments, two of them for the price of one."""
    call_common(monkeypatch)


def call_common(monkeypatch):
    monkeypatch.setattr(asking, "MOST_LISTED", 0)
    monkeypatch.setattr(asking, "MOST_SORTED", 0)
    monkeypatch.setattr(pages, "STRETCHES", ((2, 1), (3, 4)))
    monkeypatch.setattr(pages, "STRETCHES_OF_IDS", ((2, 1), (3, 4)))


@pytest.fixture
def talk(alice, mo, eddy, section, discussion, chat, say):
    """id → (discussion, text) of what readers find, the oldest first; among it stands what they do not."""
    texts = ["Die Fähre und der Kahn", "Nur die Faehre", "Der Kahn", "Fähre, FÄHRE", "Kahn und Faehre", "Etwas anderes"]
    retracted = publish_article(draft_article(actor=eddy, section=section, headline="Fähre").pk, actor=eddy)
    unseen, known = actions.discussion_of(retracted), {}
    for number in range(15):
        where = (discussion, chat, unseen)[number * 5 % 7 % 3]
        text = f"{texts[number * 7 % 6]} {number}"
        pk = say(text, where)
        if number % 8 == 3:
            actions.remove(pk, actor=mo, reason="spam")
        elif where is not unseen:
            known[pk] = (where.pk, text)
    retract_article(retracted.pk, actor=eddy)
    return known


def read_through(talk, query, sort, where=None):
    """The ids that a search finds, by reading everything."""
    asked, exact, others = words.words_of(query), [], []
    for pk, (discussion, text) in sorted(talk.items(), reverse=True):
        said = words.words_of(text)
        forms = {form for word in said for form in words.forms(word)}
        if where in (None, discussion) and all(forms & set(words.forms(word)) for word in asked):
            (exact if sort == "newest" or set(asked) <= set(said) else others).append(pk)
    return exact + others


@pytest.mark.parametrize("how", ["by looking", "by looking first", "by the index"])
def test_walks_meet_what_reading_everything_finds_each_once_there_and_back(
    monkeypatch, api, client, talk, discussion, how
):
    is_common = how != "by the index"
    if is_common:
        call_common(monkeypatch)
    if how == "by looking first":
        monkeypatch.setattr(asking, "MOST_SORTED", 1000)
        monkeypatch.setattr(pages, "PART", 1)
    queries, places = ["fähre", "kahn fähre"], [None, discussion.pk]
    whole = itertools.product(queries, ["best", "newest"], places[: 1 + (how != "by looking first")], [2])
    for query, sort, where, limit in [*whole, ("faehre", "best", None, 1), ("fähre", "best", None, 50)]:
        asked = {"q": query, "sort": sort, "limit": limit, **({"discussion": where} if where else {})}
        bodies = list(walk(api(), f"{SEARCH}?{urlencode(asked)}"))
        expected = read_through(talk, query, sort, where)
        assert [row["id"] for body in bodies for row in body["results"]] == expected, asked
        assert all(len(body["results"]) == limit or body["searched_to"] for body in bodies[:-1])
        assert bodies[-1]["searched_to"] is None
        assert is_common or not any(body["searched_to"] for body in bodies)
        back, address = [], bodies[-1]["previous"]
        while address:
            body = page(api(), address)
            back[:0], address = [row["id"] for row in body["results"]], body["previous"]
        assert back + [row["id"] for row in bodies[-1]["results"]] == expected, asked

    shown, address = [], "/search/?q=fähre"
    while address:
        context = client.get(address).context
        shown, address = shown + [row["id"] for row in context["rows"]], context["page"].get("next")
    assert shown == read_through(talk, "fähre", "best")


def test_a_search_for_common_words_says_where_it_stopped_and_goes_on_there(api, client, short_steps, say):
    old = say("Die Fähre")
    others = [say(f"Nichts davon, {number}") for number in range(7)]
    stopped = Comment.objects.get(pk=others[2]).created_at

    asked = {"q": "fähre", "sort": "newest"}
    body, shown = page(api(), SEARCH, **asked), client.get("/search/", asked)
    after = api().get(body["next"]).json()

    assert (body["results"], datetime.fromisoformat(body["searched_to"])) == ([], stopped)
    assert ([row["id"] for row in after["results"]], after["searched_to"], after["next"]) == ([old], None, None)
    assert shown.context["page"]["next"] in html.unescape(shown.text)
    assert stopped.strftime("%Y-%m-%dT%H:%M") in shown.text
    assert "Es wurde nichts gefunden" not in shown.text
    assert f"/comments/{old}/" in client.get(shown.context["page"]["next"]).text


def add(say, numbers):
    """On SQLite with the index in one piece: it is written in pieces, joined now and then, each of which costs."""
    for number in numbers:
        say(f"{'Der Kahn' if number % 2 else 'Die Fähre'} {number}")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {INDEX.name} ({INDEX.name}) VALUES ('optimize')")


def test_a_search_for_common_words_works_no_more_among_more_comments(short_steps, say):
    def work():
        with CaptureQueriesContext(connection) as queries:
            reads.search_page(AnonymousUser(), "fähre kahn", limit=3)
        return len(queries)

    add(say, range(8))
    statements, steps = work(), steps_of(work) if connection.vendor == "sqlite" else 0
    add(say, range(8, 32))

    assert work() == statements
    assert connection.vendor != "sqlite" or steps_of(work) <= 1.1 * steps


@pytest.mark.parametrize("query", ["nirgends", "selten", "selten fähre"])
def test_a_rare_word_is_found_in_one_discussion_without_a_look_at_its_comments(say, discussion, query):
    if connection.vendor == "postgresql":
        pytest.skip("a table this small is read whole")

    def work():
        found = reads.search_page(AnonymousUser(), query, discussion=discussion.pk, limit=3).rows
        assert [row["id"] for row in found] == ([] if query == "nirgends" else [said])

    said = say("Selten kommt die Fähre")
    add(say, range(8))
    work()
    steps = steps_of(work)
    add(say, range(8, 40))

    assert steps_of(work) <= 1.1 * steps


@pytest.mark.parametrize("sort", ["oldest", "", "?"])
def test_a_sort_is_one_of_those_that_exist(api, client, say, sort):
    said = [say("Die Faehre"), say("Die Fähre"), say("Auch die Faehre")]

    assert ids(api(), q="fähre", sort="newest") == said[::-1]
    assert ids(api(), q="fähre", sort="best") == ids(api(), q="fähre") == [said[1], said[2], said[0]]
    refused = api().get(SEARCH, {"q": "fähre", "sort": sort or "best "})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_sort")
    assert client.get("/search/", {"q": "fähre", "sort": sort or "best "}).status_code == 400
    cursor = page(api(), SEARCH, q="fähre", limit=1)["next"].partition("cursor=")[2].partition("&")[0]
    other = api().get(SEARCH, {"q": "fähre", "sort": "newest", "cursor": cursor})
    assert other.json()["code"] == "unknown_cursor"


def test_what_was_searched_for_is_said(api, client, say):
    said = say("eins zwei drei vier fünf sechs sieben acht neun zehn")
    many = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"

    assert page(api(), SEARCH, q=many)["words"] == many.split()[:10]
    assert ids(api(), q=many) == [said]
    assert page(api(), SEARCH, q="?!")["words"] == []
    assert "sieben, acht, neun, zehn<" in client.get("/search/", {"q": many}).text
    assert client.get("/search/", {"q": "eins zwei"}).context["is_cut"] is False
    assert client.get("/search/", {"q": "x" * 500}).context["is_cut"] is True
    assert "kein Wort" in client.get("/search/", {"q": "?!"}).text


def test_a_search_that_costs_more_uses_up_more_of_the_limit(api, client, settings, say, monkeypatch):
    settings.LIMITS = {**settings.LIMITS, "searches": "9/m"}
    say("Der Kahn")
    for number in range(8):
        say(f"Die Fähre {number}")

    def statuses(query, address):
        other = api()
        return [other.get(SEARCH, {"q": query}, REMOTE_ADDR=address).status_code for _ in range(10)]

    assert statuses("fähre", "192.0.2.1") == [200] * 9 + [429]
    call_common(monkeypatch)
    assert statuses("kahn", "192.0.2.2") == [200] * 3 + [429] * 7
    assert [client.get("/search/", {"q": "kahn"}).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert api().get(SEARCH, {"q": "kahn"}).status_code == 429
    assert api().get(SEARCH, {"q": "kahn"}, REMOTE_ADDR="192.0.2.2").headers["Retry-After"]


def test_a_person_has_one_limit_at_all_addresses_and_an_address_for_all_persons(api, alice, bob, settings, say):
    settings.LIMITS = {**settings.LIMITS, "searches": "2/m"}

    def search(client, address):
        return client.get(SEARCH, {"q": "x"}, REMOTE_ADDR=address).status_code

    assert [search(api(alice), f"192.0.2.{number}") for number in range(3)] == [200, 200, 429]
    assert [search(client, "192.0.2.9") for client in (api(bob), api(), api())] == [200, 200, 429]
    assert search(api(bob), "192.0.2.10") == 200


def test_searching_is_limited(api, settings, say):
    settings.LIMITS = {**settings.LIMITS, "searches": "2/m"}

    assert [api().get(SEARCH, {"q": "x"}).status_code for _ in range(3)] == [200, 200, 429]


def test_the_page_shows_what_was_found(client, say, discussion):
    said = say("Die Fähre ist pünktlich")

    assert "<mark>Fähre</mark>" in client.get("/search/", {"q": "fähre"}).text
    assert f"/comments/{said}/" in client.get("/search/", {"q": "fähre"}).text
    assert 'href="/comments/' not in client.get("/search/", {"q": "nirgends"}).text
    assert client.get("/search/").status_code == 200
