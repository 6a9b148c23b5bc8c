"""The bar of a breaking item, as pages come with it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from articles import actions, breaking
from articles.models import TickerItem

pytestmark = pytest.mark.django_db
HEADLINE = "Sturmflut erwartet"


@pytest.fixture
def flood(ticker, eddy) -> TickerItem:
    return actions.publish_item(ticker, actor=eddy, headline=HEADLINE, level="breaking")


def bar(client: Client, path: str = "/") -> tuple[str, str] | None:
    """Headline and address of the bar that is open; None if none is."""
    page = client.get(path).content.decode()
    (found,) = re.findall(r'<div class="breaking-bar"[^>]*>.*?</div>', page, re.DOTALL)
    if " hidden>" in found.split("\n", 1)[0]:
        return None
    link = re.search(r'<a [^>]*href="([^"]*)">(.*?)</a>', found)
    assert link
    return link[2], link[1]


def close(client: Client, number: int | str, back: str = "/") -> str:
    answer = client.post("/breaking/", {"number": number, "next": back})
    assert answer.status_code == 302
    return answer["Location"]


def test_it_is_on_every_page_until_it_is_closed_there(client, flood, article, ticker, chat, alice, eddy):
    inside, other = Client(), Client()
    inside.force_login(alice)
    shown = (HEADLINE, f"/newsticker/{ticker.slug}/{flood.number}/")
    public = ("/", f"/articles/{article.slug}/", "/newsticker/", "/chats/", "/search/", "/imprint/", "/accounts/login/")
    for path in public:
        assert bar(client, path) == shown, path
    for path in ("/", "/accounts/profile/", "/accounts/notifications/"):
        assert bar(inside, path) == shown, path
    assert "breaking" not in client.get("/offline/").content.decode()

    for person in (client, inside):
        assert close(person, flood.number, "/chats/") == "/chats/"
        assert [bar(person, path) for path in ("/", f"/articles/{article.slug}/")] == [None, None]
    assert bar(other) == shown

    actions.correct_item(flood.pk, actor=eddy, headline="Sturmflut abgesagt")
    assert (bar(client), bar(other)) == (None, ("Sturmflut abgesagt", shown[1]))
    newer = actions.publish_item(ticker, actor=eddy, headline="Doch Sturmflut", level="breaking")
    assert bar(client) == bar(other) == ("Doch Sturmflut", f"/newsticker/{ticker.slug}/{newer.number}/")


def test_it_goes_with_its_item(client, flood, ticker, eddy):
    actions.publish_item(ticker, actor=eddy, headline="Markt verlegt")
    assert bar(client)
    actions.correct_item(flood.pk, actor=eddy, level="normal")
    assert bar(client) is None
    actions.correct_item(flood.pk, actor=eddy, level="breaking")
    assert bar(client)
    actions.retract_item(flood.pk, actor=eddy)
    assert bar(client) is None
    late = actions.publish_item(ticker, actor=eddy, headline="Noch eine", level="breaking")
    assert bar(client)
    TickerItem.objects.filter(pk=late.pk).update(published_at=timezone.now() - breaking.FRESH - timedelta(seconds=1))
    assert bar(client) is None


@pytest.mark.parametrize("number", ["", "x", "-1", "²", "9" * 40, "1; a=b"])
def test_what_is_no_number_closes_nothing_and_leads_nowhere_else(client, flood, number):
    assert close(client, number, "https://evil.example/") == "/"
    assert bar(client)
    client.cookies[breaking.COOKIE] = number
    assert bar(client)


def test_a_serving_process_asks_for_it_once(serving, client, flood, django_assert_num_queries):
    assert bar(client) is None  # the ring is heard by the hub alone
    breaking.keeper.heard("site")
    assert bar(client)
    with django_assert_num_queries(0):
        assert breaking.present()
        assert breaking.closed(str(flood.number)) == str(flood.number)
        assert breaking.closed("0") == ""
