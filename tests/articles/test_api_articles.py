from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from articles import actions
from articles.models import Article, Section
from articles.schemas import ArticleSerializer

from .tools import events

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(section: Section, eddy: User) -> list[Article]:
    """Twelve published ones in three sections, oldest first."""
    sections = [section, *(Section.objects.create(name=name, slug=name.lower()) for name in ("Kultur", "Sport"))]
    made = []
    for n in range(12):
        drafted = actions.draft_article(actor=eddy, section=sections[n % 3], headline=f"Nachricht {n}", lead="Am Fluss")
        made.append(actions.publish_article(drafted.pk, actor=eddy))
    return made


def test_the_list_shows_published_articles_newest_first_with_its_position(api, many, section, eddy):
    actions.draft_article(actor=eddy, section=section, headline="Entwurf")
    later = actions.draft_article(actor=eddy, section=section, headline="Später")
    actions.schedule_article(later.pk, actor=eddy, publish_at=timezone.now() + timedelta(hours=1))

    answer = api().get("/api/v1/articles/").json()

    assert [row["headline"] for row in answer["results"]] == [f"Nachricht {n}" for n in reversed(range(12))]
    assert answer["stream"] == "articles"
    assert answer["position"]["offset"] == 12


def test_a_walk_in_either_order_meets_every_article_once(api, many):
    for sort, first in (("newest", 11), ("oldest", 0)):
        url, met = f"/api/v1/articles/?sort={sort}&limit=5", []
        while url:
            answer = api().get(url).json()
            met += [row["headline"] for row in answer["results"]]
            url = answer["next"]

        assert met[0] == f"Nachricht {first}"
        assert len(met) == len(set(met)) == 12


def test_lists_can_be_narrowed_to_a_section_and_to_words(api, many, article):
    def found(query: str) -> list[str]:
        return [row["headline"] for row in api().get(f"/api/v1/articles/?{query}").json()["results"]]

    assert len(found("section=kultur")) == 4
    assert found("section=nirgends") == []
    assert found("q=fähre neue") == ["Die neue Fähre fährt"]
    assert found("q=nachricht 11") == ["Nachricht 11"]


def test_an_article_has_the_promised_shape_and_the_event_has_the_same(api, article, many, transactional_db):
    shown = api().get(f"/api/v1/articles/{article.slug}/").json()
    whole = api().get("/api/v1/articles/?fields=html").json()["results"]

    assert set(shown) == set(ArticleSerializer().fields)
    assert next(row for row in whole if row["id"] == article.pk) == shown
    said = next(event["data"] for event in events("articles") if event["data"]["id"] == article.pk)
    assert said | {"related": shown["related"]} == shown  # others have come since
    assert (shown["author"], shown["state"], shown["section"]) == ("Von Eddy Albers", "published", "lokales")
    assert '<h2 dir="auto">Der erste Tag</h2>' in shown["html"]


@pytest.mark.parametrize("more", ["", "&q=fähre", "&fields="])
def test_a_list_is_without_bodies_unless_it_is_asked_for_them(api, article, more):
    (shown,) = api().get(f"/api/v1/articles/?limit=5{more}").json()["results"]
    (whole,) = api().get(f"/api/v1/articles/?limit=5{more}&fields=html").json()["results"]

    assert "Der erste Tag" in whole.pop("html")
    assert shown == whole


@pytest.mark.parametrize("given", ["text", "html,lead", "HTML"])
def test_fields_that_no_list_has_are_refused(api, article, given):
    refused = api().get("/api/v1/articles/", {"fields": given})

    assert (refused.status_code, refused.json()["code"]) == (400, "malformed")
    assert list(refused.json()["errors"]) == ["fields"]
    assert api().get("/api/v1/articles/", {"fields": "html"}).status_code == 200


def test_related_are_those_chosen_by_editors_else_of_the_same_section(api, article, many, eddy):
    def related() -> list[str]:
        return [row["headline"] for row in api().get(f"/api/v1/articles/{article.slug}/").json()["related"]]

    assert related() == ["Nachricht 9", "Nachricht 6", "Nachricht 3", "Nachricht 0"]

    actions.correct_article(article.pk, actor=eddy, related=[many[4], many[1]])

    assert related() == ["Nachricht 4", "Nachricht 1"]


def test_the_cost_of_a_list_does_not_grow_with_its_length(api, many, django_assert_num_queries):
    client = api()
    client.get("/api/v1/articles/")
    for limit in (3, 12):
        with django_assert_num_queries(3):  # position, rows, all related ones
            client.get(f"/api/v1/articles/?limit={limit}")
    with django_assert_num_queries(2):
        client.get("/api/v1/articles/nachricht-1/")


def test_the_same_bytes_are_answered_304_until_something_changes(api, article, eddy):
    url = "/api/v1/articles/"
    first = api().get(url)
    assert first.headers["Cache-Control"] == "no-cache"
    assert api().get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert api(eddy).get(url).content == first.content

    actions.correct_article(article.pk, actor=eddy, headline="Neu")

    assert api().get(url, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_what_is_not_public_is_not_found(api, section, article, eddy):
    draft = actions.draft_article(actor=eddy, section=section, headline="Entwurf")
    assert api().get(f"/api/v1/articles/{article.slug}/").status_code == 200

    actions.retract_article(article.pk, actor=eddy, note="Die Zahlen waren falsch.")

    for slug in (draft.slug, "nie-gewesen"):
        answer = api().get(f"/api/v1/articles/{slug}/")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    gone = api().get(f"/api/v1/articles/{article.slug}/")
    assert (gone.status_code, gone.json()["code"], gone.json()["note"]) == (410, "gone", "Die Zahlen waren falsch.")
    assert article.headline not in gone.content.decode()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("sort=best", "unknown_sort"),
        ("cursor=Unsinn", "unknown_cursor"),
        ("cursor=%00", "unknown_cursor"),
        ("limit=0", "malformed"),
        ("limit=x", "malformed"),
        ("limit=-1", "malformed"),
    ],
)
def test_bad_questions_are_answered_by_code(query, code, api, article):
    answer = api().get(f"/api/v1/articles/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("query", ["q=%00", "section=%00", "section=%ED%A0%80", "section=%20"])
def test_what_can_be_no_word_and_no_section_is_refused(query, api, article):
    answer = api().get(f"/api/v1/articles/?{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("query", ["q=%ED%A0%80", f"q={'x+' * 3000}", "section=gibt-es-nicht"])
def test_strange_words_find_nothing_and_break_nothing(query, api, article):
    assert api().get(f"/api/v1/articles/?{query}").status_code == 200


def test_a_cursor_belongs_to_its_list(api, many):
    cursor = api().get("/api/v1/articles/?limit=2").json()["next"].rpartition("cursor=")[2]

    assert api().get(f"/api/v1/articles/?sort=newest&cursor={cursor}").status_code == 200
    assert api().get(f"/api/v1/articles/?sort=oldest&cursor={cursor}").json()["code"] == "unknown_cursor"
