import re

import pytest

from articles import actions
from articles.models import Section

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(section, eddy):
    """Thirty published articles, the newest first."""
    made = []
    for number in range(30):
        drafted = actions.draft_article(actor=eddy, section=section, headline=f"Nachricht {number}", body="Text.")
        made.append(actions.publish_article(drafted.pk, actor=eddy))
    return made[::-1]


def test_the_front_page_of_an_empty_site_says_so(client):
    page = client.get("/")

    assert page.status_code == 200
    assert 'class="empty"' in page.text


def test_the_front_page_shows_articles_ticker_and_discussions(client, article, item, chat, comment):
    page = client.get("/").text

    assert article.headline in page
    assert item.headline in page
    assert 'stream="ticker.newsticker"' in page
    assert f"/articles/{article.slug}/#discussion" in page
    assert comment.author.name in page


def test_walking_the_front_page_meets_every_article_once(client, many):
    met, address = [], "/"
    while address:
        page = client.get(address)
        met += [*([page.context["lead"]["id"]] if page.context["lead"] else [])]
        met += [teaser["id"] for teaser in page.context["teasers"]]
        address = page.context["page"]["next"]

    assert met == [article.pk for article in many]


def test_what_is_not_published_is_on_no_list(client, article, eddy, section):
    actions.draft_article(actor=eddy, section=section, headline="Noch geheim", body="…")

    assert "Noch geheim" not in client.get("/").text
    assert "Noch geheim" not in client.get("/sections/lokales/").text
    assert article.headline in client.get("/sections/lokales/").text


def test_a_section_shows_its_own_articles_only(client, article, eddy):
    other = Section.objects.create(name="Sport", slug="sport")
    drafted = actions.draft_article(actor=eddy, section=other, headline="Tor in der letzten Minute", body="…")
    actions.publish_article(drafted.pk, actor=eddy)

    page = client.get("/sections/sport/").text

    assert "Tor in der letzten Minute" in page
    assert article.headline not in page


def test_sections_stand_by_their_position(client, section):
    """The one with the smaller number first, whatever it is called and whenever it was made."""
    Section.objects.create(name="Umland", slug="umland", position=section.position + 2)
    Section.objects.create(name="Wetter", slug="wetter", position=section.position + 1)

    assert re.findall(r'<a href="/sections/(\w+)/" dir="auto">', client.get("/").text) == [
        "lokales",
        "wetter",
        "umland",
    ]


def test_a_section_that_does_not_exist_is_not_found(client):
    assert client.get("/sections/nowhere/").status_code == 404


def test_a_foreign_cursor_is_answered_by_a_page_that_says_so(client, many):
    answer = client.get("/?cursor=nonsense")

    assert answer.status_code == 400
    assert "<h1>" in answer.text


@pytest.mark.usefixtures("serving")
def test_front_and_section_cost_the_same_queries_for_few_and_for_many(client, many, item, django_assert_num_queries):
    with django_assert_num_queries(
        6
    ):  # sections, position, articles and counts, ticker and items, position, discussions
        client.get("/")
    with django_assert_num_queries(3):  # the sections of the head, this one, articles and counts
        client.get("/sections/lokales/")
