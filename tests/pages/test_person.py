"""A person's page: their public comments and standing, and nothing of what is theirs alone."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actions import change_profile, impose_sanction
from accounts.models import User
from articles.actions import retract_article
from comments import actions
from comments.models import Comment, Ignored

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_of(client):
    def get(person: User, *, by: User | None = None, query: str = ""):
        browser = Client() if by else client
        if by:
            browser.force_login(by)
        return browser.get(f"/people/{person.pk}/{query}")

    return get


def texts(answer) -> list[str]:
    return re.findall(r'<div class="comment-text prose-small"[^>]*><p dir="auto">(.*?)</p>', answer.text)


def test_it_shows_public_comments_newest_first_and_links_to_each(page_of, alice, mo, comment, chat, article):
    said = actions.post(chat.pk, author=alice, text="Zweites").comment
    kept = actions.post(chat.pk, author=alice, text="Entferntes").comment
    actions.post(chat.pk, author=alice, text="Zurückgenommenes")
    back = Comment.objects.get(text="Zurückgenommenes")
    actions.withdraw(back.pk, actor=alice)
    actions.remove(kept.pk, actor=mo, reason="spam")
    Comment.objects.filter(pk=said.pk).update(featured_at=said.created_at)
    impose_sanction(alice.pk, actor=mo, scope="react", until=None, reason="spam", note="Notiz der Moderation")

    answer = page_of(alice)

    assert answer.status_code == 200
    assert texts(answer) == ["Zweites", Comment.objects.get(pk=comment.pk).text]
    assert f'href="/comments/{said.pk}/"' in answer.text
    assert re.findall(r"<dd>(.*?)</dd>", answer.text) == ["2", "1"]
    assert '<meta name="robots" content="noindex">' in answer.text
    for private in (alice.email, "Entferntes", "Zurückgenommenes", "Notiz der Moderation", "Reagieren"):
        assert private not in answer.text
    assert 'name="heed"' not in answer.text
    assert "<form class=" not in answer.text.partition("<main")[2].partition("</main>")[0]


def test_what_is_no_longer_public_leaves_it(page_of, alice, eddy, comment, article):
    assert len(texts(page_of(alice))) == 1

    retract_article(article.pk, actor=eddy, note="Irrtum")

    assert page_of(alice).status_code == 404  # nothing is left of what was said in public
    assert texts(page_of(alice, by=alice)) == []


def test_a_person_hides_it_and_their_name_leads_nowhere(page_of, api, client, alice, bob, mo, comment, article):
    address = f"/articles/{article.slug}/"
    name = f'<a class="comment-author" dir="auto" data-field="author" href="/people/{alice.pk}/">Alice</a>'
    assert name in client.get(address).text
    assert page_of(alice).status_code == 200
    browser = Client()
    browser.force_login(alice)

    browser.post("/accounts/profile/", {"name": "Alice", "language": "", "hidden": "on"})

    assert page_of(alice).status_code == page_of(alice, by=bob).status_code == page_of(alice, by=mo).status_code == 404
    assert "verborgen" in page_of(alice, by=alice).text
    assert '<a class="comment-author" dir="auto" data-field="author">Alice</a>' in client.get(address).text
    assert api().get(f"/api/v1/comments/{comment.pk}/").json()["author"]["page"] is None
    assert api(alice).get("/api/v1/me/").json()["hidden"] is True
    assert api(alice).patch("/api/v1/me/", {"hidden": False}).json()["hidden"] is False
    assert page_of(alice).status_code == 200
    assert api().get(f"/api/v1/comments/{comment.pk}/").json()["author"]["page"] == f"/people/{alice.pk}/"


def test_who_has_said_nothing_or_left_has_no_page(page_of, alice, bob, comment):
    assert page_of(bob).status_code == page_of(bob, by=alice).status_code == 404
    assert page_of(bob, by=bob).status_code == 200
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert page_of(alice).status_code == 404
    assert Client().get("/people/99999999999999999999/").status_code == 404


@pytest.mark.usefixtures("serving")
def test_it_pages_by_key_at_the_same_cost(page_of, alice, chat, comment, person):
    page_of(alice)
    with CaptureQueriesContext(connection) as few:
        page_of(alice)
    for number in range(45):
        Comment.objects.create(
            discussion=chat,
            author=alice,
            state="published",
            text=str(number),
            html=f'<p dir="auto">{number}</p>',
            order=number + 1,
            published_at=comment.created_at,
        )
    with CaptureQueriesContext(connection) as many:
        first = page_of(alice)
    assert len(many) == len(few) <= 7
    assert texts(first) == [str(number) for number in range(44, 24, -1)]
    older = re.search(r'rel="next"\s+href="/people/\d+/(\?cursor=[^"]+)"', first.text)[1]
    assert texts(page_of(alice, query=older))[0] == "24"
    assert page_of(alice, query="?cursor=nonsense").status_code == 400


def test_one_ignores_a_person_there_and_moderators_find_the_record(page_of, alice, bob, mo, comment):
    address, browser = f"/people/{alice.pk}/", Client()
    assert browser.post(address).url.startswith("/accounts/login/")
    browser.force_login(bob)

    assert "ignor" in browser.post(address, follow=True).text
    assert Ignored.objects.filter(reader=bob, person=alice).exists()
    assert 'name="heed"' in browser.get(address).text
    browser.post(address, {"heed": "1"})
    assert not Ignored.objects.filter(reader=bob, person=alice).exists()
    assert f'href="/moderation/people/{alice.pk}/"' in page_of(alice, by=mo).text
    assert "/moderation/" not in page_of(alice, by=bob).text
    change_profile(alice.pk, hidden=True)
    assert browser.post(address).status_code == 404
