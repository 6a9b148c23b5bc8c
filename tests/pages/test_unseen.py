"""The numbers from which a page counts what its reader has not seen."""

import re

import pytest

from articles import actions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/newsticker/", "/newsticker/?sort=oldest"])
def test_a_page_names_the_numbers_of_all_published_items(client, ticker, eddy, path):
    def numbers():
        return re.search(r'<newsroom-ticker[^>]* numbers="([^"]*)"', client.get(path).text)[1]

    assert numbers() == ""
    items = [actions.publish_item(ticker, actor=eddy, headline=f"Meldung {number}") for number in range(1, 31)]
    assert numbers() == "1-30"
    for number in (1, 4, 5, 30):
        actions.retract_item(items[number - 1].pk, actor=eddy)
    assert numbers() == "2-3 6-29"


def test_the_panel_knows_how_far_somebody_has_read(client, item, alice):
    client.force_login(alice)
    assert 'seen="0"' in client.get("/").text

    actions.mark_seen(item.ticker, reader=alice, number=item.number)

    assert f'seen="{item.number}"' in client.get("/").text
