import re

import pytest

from articles import actions
from articles.models import Ticker, TickerItem
from newsroom.live.outbox import position
from newsroom.pages import articles as pages

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_ticker(ticker, eddy):
    for number in range(35):
        actions.publish_item(ticker, actor=eddy, headline=f"Meldung {number + 1}", text="Mehr *dazu*.")
    return ticker


def numbers(page):
    return [item["number"] for item in page.context["items"]]


def test_the_newest_item_stands_on_top_unless_asked_otherwise(client, long_ticker):
    assert numbers(client.get("/newsticker/"))[:3] == [35, 34, 33]
    assert numbers(client.get("/newsticker/?sort=oldest"))[:3] == [1, 2, 3]


def test_both_orders_and_the_next_page_are_plain_links(client, long_ticker):
    first = client.get("/newsticker/?sort=oldest")

    assert 'href="?sort=newest"' in first.text
    assert 'href="?sort=oldest"' in first.text
    following = client.get(first.context["page"]["next"])
    assert numbers(first) + numbers(following) == list(range(1, 36))


def test_an_unknown_order_is_refused(client, ticker):
    assert client.get("/newsticker/?sort=best").status_code == 400


def test_an_item_is_opened_in_place_without_a_script(client, item):
    page = client.get("/newsticker/").text

    assert "<details" in page
    assert "<summary>" in page
    assert "Bis <strong>morgen</strong>." in page


def test_a_pinned_item_stands_on_top_as_well(client, item, ticker, eddy):
    actions.publish_item(ticker, actor=eddy, headline="Später")
    actions.pin_item(item.pk, actor=eddy)

    page = client.get("/newsticker/")

    assert [each["id"] for each in page.context["pinned"]] == [item.pk]
    assert f'id="pinned-{item.pk}"' in page.text


def test_a_retracted_items_place_says_so_and_its_words_are_gone(client, item, eddy):
    actions.retract_item(item.pk, actor=eddy, note="Es war eine Übung.")

    for path in ("/newsticker/", "/"):
        page = client.get(path).text
        assert item.headline not in page
        place = page.partition(f'id="item-{item.pk}"')[2].partition("</li>")[0]
        assert "Diese Meldung wurde zurückgezogen." in place
        assert "Es war eine Übung." in place
    assert item.headline not in client.get("/feeds/tickers/newsticker.atom").text
    assert f"#item-{item.pk}" not in client.get("/feeds/tickers/newsticker.atom").text


def test_an_item_has_an_address_of_its_own_where_it_is_open(client, item, ticker, eddy, settings):
    actions.publish_item(ticker, actor=eddy, headline="Später")
    address = "/newsticker/newsticker/1/"
    assert address in client.get("/newsticker/").text
    assert client.get("/feeds/tickers/newsticker.json").json()["items"][1]["url"] == settings.SITE_URL + address

    page = client.get(address)

    assert f"<title>{item.headline} – " in page.text
    assert re.search(r'<details data-field="box" open>', page.text)
    assert "Bis <strong>morgen</strong>." in page.text
    assert f'<link rel="canonical" href="{settings.SITE_URL}{address}">' in page.text
    assert "Später" not in page.text
    for nothing in ("/newsticker/newsticker/3/", f"/newsticker/newsticker/{2**70}/", "/newsticker/anderer/1/"):
        assert client.get(nothing).status_code == 404

    actions.retract_item(item.pk, actor=eddy, note="Es war eine Übung.")
    for who in (None, eddy):
        if who:
            client.force_login(who)
        gone = client.get(address)
        assert gone.status_code == 410
        assert "Es war eine Übung." in gone.text
        assert item.headline not in gone.text


def test_an_item_that_changes_while_its_page_is_made_comes_again_by_the_stream(client, item, eddy, monkeypatch):
    found = pages.find_numbered_item

    def corrected_meanwhile(*place):
        known = found(*place)
        actions.correct_item(item.pk, actor=eddy, headline="Brücke offen")
        return known

    monkeypatch.setattr(pages, "find_numbered_item", corrected_meanwhile)
    before = position("ticker.newsticker")

    page = client.get("/newsticker/newsticker/1/")

    assert page.context["position"].offset == before.offset < position("ticker.newsticker").offset


def test_a_correction_is_shown_with_its_reason(client, item, eddy):
    actions.correct_item(item.pk, actor=eddy, headline="Brücke offen", note="Die Meldung war falsch.")

    page = client.get("/newsticker/").text

    assert "Brücke offen" in page
    assert "Die Meldung war falsch." in page


def test_the_page_names_stream_and_position_from_before_its_rows(client, item):
    page = client.get("/newsticker/")

    assert 'stream="ticker.newsticker"' in page.text
    assert page.context["position"].offset == 1
    assert f'epoch="{page.context["position"].epoch}"' in page.text


def test_a_live_blog_has_its_own_page_and_stands_in_its_article(client, article, eddy):
    blog = Ticker.objects.create(slug="faehre", title="Die Fähre im Liveblog", article=article)
    actions.publish_item(blog, actor=eddy, headline="Sie legt ab")

    assert "Sie legt ab" in client.get("/newsticker/faehre/").text
    assert "Sie legt ab" in client.get(f"/articles/{article.slug}/").text
    assert client.get("/newsticker/nothing/").status_code == 404


@pytest.mark.usefixtures("serving")
def test_a_ticker_costs_the_same_queries_for_few_and_for_many(client, long_ticker, django_assert_num_queries):
    with django_assert_num_queries(5):  # sections of the head, ticker with numbers, items, pinned, other tickers
        client.get("/newsticker/")
    assert TickerItem.objects.count() == 35
