"""Articles are found by all their words, in lists and beside comments, and nothing that is not published is."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from articles import actions, search

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


def test_the_migration_indexes_what_is_there_and_goes_back(publish, listed):
    publish("Die Fähre")
    migration = import_module("articles.migrations.0005_words")

    migration.drop(None, None)
    search.install()  # as after each migration
    assert "articles_words" not in connection.introspection.table_names()
    migration.index(None, None)

    assert listed("fähre") == ["Die Fähre"]
