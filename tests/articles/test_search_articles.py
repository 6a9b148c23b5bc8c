"""Articles are found by all their words, in lists and beside comments, and nothing that is not published is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import actions, search
from articles.models import Article
from comments import actions as comments
from newsroom.search import asking, pages
from tests.comments.tools import page, steps_of, walk

pytestmark = pytest.mark.django_db(transaction=True)

BODY = "Am **Kai** steht ein *Kranführer*. 上海的船来了。 Noch ein Satz über die Straße."


@pytest.fixture(autouse=True)
def _patience(settings):
    settings.LIMITS = {**settings.LIMITS, "searches": "1000/m"}


@pytest.fixture
def publish(eddy, section):
    def publish(headline, **fields):
        article = actions.draft_article(actor=eddy, section=section, headline=headline, **fields)
        return actions.publish_article(article.pk, actor=eddy)

    return publish


@pytest.fixture
def listed(api):
    return lambda query: [
        row["headline"] for row in api().get("/api/v1/articles/", {"q": query, "limit": 50}).json()["results"]
    ]


@pytest.fixture
def beside(api):
    return lambda query, **params: [
        row["headline"] for row in api().get("/api/v1/search/", {"q": query, **params}).json()["articles"]
    ]


@pytest.mark.parametrize(
    "query", ["fähre", "FÄHRE", "faehre", "fahre", "fährver", "kranführer", "strasse", "上海", "ЁЛКА", "елка", "x-mas"]
)
def test_a_list_is_narrowed_to_words_however_they_are_spelt_and_wherever_they_stand(publish, listed, query):
    publish("Etwas anderes", lead="Nichts davon")
    publish("Der Fährverkehr und die Fähre", kicker="X-mas", lead="Ёлка стоит", body=BODY)

    assert listed(query) == ["Der Fährverkehr und die Fähre"]
    assert listed(f"{query} nirgends") == []


def test_a_question_without_a_word_finds_nothing_and_no_question_finds_all(publish, listed):
    publish("Die Fähre")

    assert (listed("?!"), listed("")) == ([], ["Die Fähre"])


@pytest.fixture
def add(section):
    """So many published articles about a ferry, every third about a bridge, too."""

    def add(count):
        at, there = timezone.now(), Article.objects.count()
        made = [
            Article(slug=f"a-{n}", section=section, headline=f"Fähre {n}{' und Brücke' * (n % 3 == 0)}", html="x" * 50)
            for n in range(there, there + count)
        ]
        for number, article in enumerate(made):
            article.state, article.published_at = "published", at + timedelta(seconds=number // 2)
        search.INDEX.learn_rows([each.pk for each in Article.objects.bulk_create(made)])

    return add


@pytest.mark.parametrize("is_common", [False, True])
@pytest.mark.parametrize("sort", ["newest", "oldest"])
@pytest.mark.parametrize("keys", [[], ["section"]])
def test_a_list_of_words_is_walked_in_either_order_and_back(api, add, section, monkeypatch, sort, keys, is_common):
    if is_common:
        monkeypatch.setattr(asking, "MOST_LISTED", 0)
        monkeypatch.setattr(search, "GLANCE", 1)
        monkeypatch.setattr(pages, "STRETCHES", ((2, 1), (3, 4)))
    add(15)
    narrowed = dict.fromkeys(keys, section.slug)
    first = page(api(), "/api/v1/articles/", q="brü", sort=sort, limit=2, **narrowed)
    walked = [first, *walk(api(), first["next"])]
    back, address = [], walked[-1]["previous"]
    while address:
        back += [page(api(), address)]
        address = back[-1]["previous"]

    there = Article.objects.filter(headline__contains="Brücke").order_by("published_at", "id")
    expected = [each.slug for each in (there if sort == "oldest" else there.reverse())]
    assert [row["slug"] for body in walked for row in body["results"]] == expected
    seen_back = [row["slug"] for body in back[::-1] for row in body["results"]]
    assert seen_back == expected[: len(seen_back)]
    assert len(seen_back) >= len(expected) - len(walked[-1]["results"])


def test_a_page_of_articles_with_a_common_word_costs_the_same_among_many(api, add):
    if connection.vendor == "postgresql":
        pytest.skip("a table this small is read whole")

    def asked():
        assert len(page(api(), "/api/v1/articles/", q="f", limit=3)["results"]) == 3

    add(200)
    asked()
    few = steps_of(asked)
    add(400)
    assert steps_of(asked) <= 1.1 * few


@pytest.mark.parametrize("query", ["nirgends", "selten", "fähre selten", "fähre nirgends"])
def test_a_page_of_articles_with_a_rare_word_costs_the_same_among_many(api, add, publish, query):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL guesses how rare a word is")
    publish("Selten kommt die Fähre")

    def asked():
        return [row["headline"] for row in page(api(), "/api/v1/articles/", q=query)["results"]]

    def statements():
        with CaptureQueriesContext(connection) as queries:
            asked()
        return len(queries)

    def add_in_one_piece(count):
        """The index is written in pieces, joined now and then, each of which costs."""
        add(count)
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {search.INDEX.name} ({search.INDEX.name}) VALUES ('optimize')")

    add_in_one_piece(40)
    found, few, steps = asked(), statements(), steps_of(asked)
    add_in_one_piece(400)

    assert asked() == found == ([] if "nirgends" in query else ["Selten kommt die Fähre"])
    assert statements() == few
    assert steps_of(asked) <= 1.1 * steps


def test_only_what_is_published_is_found_and_as_it_reads_now(publish, beside, listed, eddy, section):
    draft = actions.draft_article(actor=eddy, section=section, headline="Die Fähre als Entwurf")
    article = publish("Die Fähre")
    assert beside("fähre") == listed("fähre") == ["Die Fähre"]

    actions.publish_article(draft.pk, actor=eddy)
    actions.correct_article(article.pk, actor=eddy, headline="Das Schiff")
    assert beside("fähre") == listed("fähre") == ["Die Fähre als Entwurf"]
    assert beside("schiff") == ["Das Schiff"]

    actions.retract_article(draft.pk, actor=eddy)
    assert beside("fähre") == listed("fähre") == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM articles_words")
        assert cursor.fetchone() == (1,)
    actions.publish_article(draft.pk, actor=eddy)
    assert beside("fähre") == ["Die Fähre als Entwurf"]


def test_the_first_articles_stand_beside_the_first_comments_exact_ones_ahead(publish, api, beside):
    exact = publish("Die Fähre", lead="<b> & die Fähre kommt")
    for number in range(6):
        publish(f"Faehre {number}")

    answer = api().get("/api/v1/search/", {"q": "fähre"}).json()

    assert [row["headline"] for row in answer["articles"]] == ["Die Fähre", *(f"Faehre {n}" for n in (5, 4, 3, 2))]
    assert answer["articles"][0]["url"] == exact.get_absolute_url()
    assert answer["articles"][0]["found"].startswith("&lt;b&gt; &amp; die <mark>Fähre</mark> kommt")
    assert (answer["results"], answer["next"], beside("nirgends")) == ([], None, [])
    assert beside("fähre", discussion=1) == []


def test_an_excerpt_shows_where_a_subhead_or_a_comments_paragraph_ends(discussion, api, alice):
    said = comments.post(discussion.pk, author=alice, text="Na endlich\n\nAm Morgen war ich da").comment

    found = api().get("/api/v1/search/", {"q": "morgen"}).json()
    latest = api().get("/api/v1/discussions/").json()["results"][0]["last_comment"]

    assert "Der erste Tag – Am <mark>Morgen</mark> legte" in found["articles"][0]["found"]
    assert found["results"][0]["found"] == "Na endlich – Am <mark>Morgen</mark> war ich da"
    assert (latest["id"], latest["text"]) == (said.pk, "Na endlich – Am Morgen war ich da")


def test_the_page_shows_articles_above_comments_and_leads_to_all_of_them(publish, client):
    exact = publish("Die Fähre, zuerst", body=BODY)
    others = [publish(f"Faehre Nummer {number}") for number in range(24)]

    first = client.get("/search/", {"q": "fähre"}).text
    assert first.index(exact.get_absolute_url()) < first.index(others[-1].get_absolute_url())
    assert "/search/?q=f%C3%A4hre&amp;in=articles" in first
    one = client.get("/search/", {"q": "fähre", "in": "articles"})
    cursor = one.context["page"]["next"]
    two = client.get(cursor)

    shown = [row["headline"] for page in (one, two) for row in page.context["articles"]]
    assert shown == ["Die Fähre, zuerst", *(f"Faehre Nummer {n}" for n in reversed(range(24)))]
    assert "next" not in two.context["page"]
    assert client.get(two.context["page"]["previous"]).context["articles"] == one.context["articles"]
    assert "<mark>Kranführer</mark>" in client.get("/search/", {"q": "kranfuehrer"}).text
    assert client.get("/search/", {"q": "fähre", "in": "anywhere"}).status_code == 400


def test_the_migration_that_makes_the_index_knows_no_column_that_comes_with_a_later_one(publish, listed):
    publish("Die Fähre")
    later = replace(search.INDEX, columns=("subtitle", *search.INDEX.columns))

    later.drop()
    later.make()

    assert listed("fähre") == ["Die Fähre"]
    Article.objects.update(headline="Die Brücke")
    assert listed("fähre") == []


def test_after_a_migration_a_column_that_was_not_searched_before_is_watched_like_the_others(publish, listed):
    publish("Die Fähre", kicker="Verkehr")
    earlier = replace(search.INDEX, columns=("headline", "html"))
    earlier.drop()
    earlier.make()

    search.install()  # as after each migration
    search.INDEX.learn_rows(list(Article.objects.values_list("pk", flat=True)))
    assert listed("verkehr") == ["Die Fähre"]
    Article.objects.update(kicker="Wasser")

    assert listed("verkehr") == []


def test_the_migration_indexes_what_is_there_and_goes_back(publish, listed):
    publish("Die Fähre")
    migration = import_module("articles.migrations.0005_words")

    migration.drop(None, None)
    search.install()  # as after each migration
    assert "articles_words" not in connection.introspection.table_names()
    migration.index(None, None)

    assert listed("fähre") == ["Die Fähre"]
