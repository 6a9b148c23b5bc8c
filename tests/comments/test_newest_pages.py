"""What was published last and has no case, as moderators read it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.duties import Duties
from comments import actions

pytestmark = pytest.mark.django_db
PAGE = "/moderation/newest/"
MOST_STATEMENTS = 9


def texts(client, **asked) -> list[str]:
    answer = client.get(PAGE, asked)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    found = re.findall(r'case-text prose-small" dir="auto">\s*<p[^>]*>([^<]+)</p>', answer.content.decode())
    return [unescape(each) for each in found]


def test_what_no_one_has_asked_about_stands_there_the_newest_first(
    client, discussion, chat, alice, bob, mo, person, section
):
    def said(text, where=discussion):
        return actions.post(where.pk, author=alice, text=text).comment

    said("Unberührt")
    reported, removed, withdrawn = said("Gemeldet"), said("Entfernt"), said("Zurückgezogen")
    actions.report(reported.pk, actor=bob, reason="spam")
    actions.keep(reported.pk, actor=mo)
    actions.remove(removed.pk, actor=mo, reason="spam")
    actions.withdraw(withdrawn.pk, actor=alice)
    said("Im Treff", chat)
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    actions.approve(said("Gelesen").pk, actor=mo)
    said("Wartet noch")

    client.force_login(mo)
    assert texts(client) == ["Im Treff", "Unberührt"]
    assert f"/comments/{reported.pk - 1}/moderate/" in client.get(PAGE).content.decode()
    here = person("Sina")
    here.give(Duties.of([("moderate", section.pk)]))
    here.save()
    client.force_login(here)
    assert texts(client) == ["Unberührt"]
    client.force_login(alice)
    assert client.get(PAGE).status_code == 403


def test_it_goes_on_page_by_page_and_asks_as_often_however_much_there_is(client, discussion, alice, mo):
    client.force_login(mo)
    texts(client)
    for number in range(27):
        actions.post(discussion.pk, author=alice, text=f"Nummer {number}")

    with CaptureQueriesContext(connection) as asked:
        first = texts(client)
    ahead = re.search(r'rel="next" href="[^"]*cursor=([^"]+)"', client.get(PAGE).content.decode())

    assert len(first) == 25
    assert len(asked) <= MOST_STATEMENTS
    assert ahead
    assert texts(client, cursor=ahead[1]) == ["Nummer 1", "Nummer 0"]
    assert client.get(PAGE, {"cursor": "x"}).status_code == 400
