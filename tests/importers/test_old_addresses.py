"""Links to articles that moved in go on leading to them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from articles import actions
from articles.models import Article
from newsroom.edge.routes import address

pytestmark = pytest.mark.django_db
SITE = "https://hafen.example"
ARTICLE = "/articles/ein-steg/"


@pytest.fixture
def moved(run, blog) -> Callable[..., list[str]]:
    """`moved("https://hafen.example/old/")` imports the blog, its first article having had that address."""

    def moved(link: str = f"{SITE}/blog/2019/03/ein-steg/", *changes: str) -> list[str]:
        title = "<title>Ein Steg &amp; seine Leute</title>"
        path: Path = blog(title, f"{title}<link>{link}</link>", *changes)
        said: list[str] = run(path)
        return said

    return moved


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        ("/blog/2019/03/ein-steg/", "/blog/2019/03/ein-steg/"),
        ("/blog/2019/03/ein-steg/", "/blog/2019/03/ein-steg"),
        ("/blog/2019/03/ein-steg/", "/blog/2019/03/ein-steg/?utm_source=x&p=x"),
        ("/blog/2019/03/ein-steg/", "/blog/?p=11"),
        ("/blog/?p=11", "/blog/?p=11"),
        ("/blog/%d0%bf%d1%80%d0%b8%d0%b2%d0%b5%d1%82/", "/blog/привет/"),
        ("/ein-steg.html", "/ein-steg.html"),
        ("//evil.example/", "/evil.example/"),
    ],
)
def test_an_old_address_leads_to_the_article_for_good(moved, client, link, asked):
    moved(f"{SITE}{link}")

    answer = client.get(asked)

    assert (answer.status_code, answer["Location"]) == (301, ARTICLE)
    assert client.get(ARTICLE).status_code == 200
    assert client.post(asked).status_code == 404


@pytest.mark.parametrize("asked", ["/articles/2019-03-ein-steg/", "/newsticker/ein-steg/", "/comments/2019/"])
def test_it_may_look_like_one_of_ours_where_nothing_of_ours_stands(moved, client, asked):
    assert client.get(asked).status_code == 404

    moved(f"{SITE}{asked}")

    assert client.get(asked)["Location"] == ARTICLE


def test_the_number_of_an_article_of_a_blog_without_a_path_is_asked_at_the_front_page(moved, client):
    moved(f"{SITE}/?p=11", "https://hafen.example/blog", SITE)

    assert client.get("/?p=11")["Location"] == ARTICLE
    assert [client.get(f"/?p={number}").status_code for number in ("", "99", "1" * 5000, "x", "%00")] == [200] * 5
    assert address("/", b"p=11") is None  # the read cache does not answer it with the front page


def test_what_answers_by_itself_goes_on_doing_so(moved, client):
    moved(f"{SITE}/chats/")

    assert client.get("/chats/").status_code == 200


@pytest.mark.parametrize("link", ["https://other.example/story/", "mailto:x@hafen.example", "https://[", f"{SITE}/"])
def test_an_address_of_another_site_leads_nowhere(moved, client, link):
    moved(link)

    assert client.get("/story/").status_code == 404
    assert client.get("/").status_code == 200


def test_an_address_leads_only_those_who_may_read_the_article(moved, client, eddy):
    moved()
    editor = Client()
    editor.force_login(eddy)

    assert client.get("/blog/?p=16").status_code == 404
    assert editor.get("/blog/?p=16").status_code == 301

    article = Article.objects.get(slug="ein-steg")
    actions.retract_article(article.pk, actor=eddy, note="Es war anders.")
    assert client.get("/blog/?p=11", follow=True).status_code == client.get(ARTICLE).status_code


def test_the_first_article_that_had_an_address_keeps_it(moved, client):
    assert "Old addresses that lead here: 8" in moved()

    said = moved(f"{SITE}/blog/2019/03/ein-steg/", "base_blog_url>https://", "base_blog_url>https://www.")

    assert "Old addresses that lead to another article already: 8" in said
    assert "Old addresses that lead here" not in str(said)
    assert client.get("/blog/?p=11")["Location"] == ARTICLE


def test_another_run_gives_addresses_to_what_was_imported_without(moved, client):
    moved()
    Article.objects.get(slug="ein-steg").old_addresses.all().delete()

    assert "Old addresses that lead here: 2" in moved()
    assert client.get("/blog/?p=11")["Location"] == ARTICLE
    assert "Nothing new." in moved()
