"""Filters of the queue that a moderator keeps under a name, as they are without JavaScript."""

from __future__ import annotations

import re
from html import unescape

import pytest

from accounts.duties import Duties
from comments import actions
from comments.models import SavedFilter
from newsroom.errors import Conflict, NotFound
from tests.support.forms import forms_of

pytestmark = pytest.mark.django_db
QUEUE, PAGE = "/moderation/queue/", "/moderation/filters/"
CHOICE = {"kind": "held", "section": "lokales", "order": "oldest", "rule": "premoderated"}


@pytest.fixture
def look(client, mo):
    client.force_login(mo)

    def page(path=QUEUE, **asked) -> str:
        answer = client.get(path, asked)
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return page


def saved(page: str) -> list[tuple[str, str]]:
    rail = page[page.index('class="queue-saved') : page.index("data-map-link")]
    return re.findall(r'href="(/moderation/queue/\?[^"]*)"[^>]*>([^<]+)</a>', rail)


def keep(client, query: str, name: str, **more):
    return client.post(PAGE, {"query": query, "name": name, "deed": "save", **more}, follow=True)


def test_the_choice_of_the_queue_is_saved_stands_in_its_rail_and_is_deleted(client, look, section, person):
    (form,) = [each for each in forms_of(look(**CHOICE)) if each.action == PAGE]
    (query,) = form.controls["query"].holds

    answer = keep(client, query, "  Alte\u202e Fälle ")

    ((address, status),) = answer.redirect_chain
    assert (address, status) == (f"{QUEUE}?{query}", 302)
    assert "Der Filter ist gespeichert." in answer.content.decode()
    keep(client, "kind=reported", "Gemeldete")
    assert saved(look()) == [(address, "Alte Fälle"), (f"{QUEUE}?kind=reported", "Gemeldete")]
    assert dict(pair.split("=") for pair in query.split("&")) == CHOICE
    assert re.search(r'aria-current="page">Alte Fälle<', look(address))

    mine = SavedFilter.objects.get(name="Alte Fälle")
    client.force_login(person("Mona", "moderator"))
    assert saved(client.get(QUEUE).content.decode()) == []
    assert client.post(PAGE, {"deed": "drop", "filter": mine.pk}).status_code == 422
    client.force_login(mine.person)
    assert client.post(PAGE, {"deed": "drop", "filter": mine.pk}, follow=True).status_code == 200
    assert saved(look()) == [(f"{QUEUE}?kind=reported", "Gemeldete")]


@pytest.mark.parametrize(
    ("query", "name", "words"),
    [
        ("kind=held", "", "Ein Name fehlt."),
        ("kind=held", "\u200b", "Ein Name fehlt."),
        ("kind=held", "x" * 61, "Höchstens 60 Zeichen"),
        ("kind=reported", "Schon da", "Sie haben schon einen Filter mit diesem Namen."),
        ("kind=nonsense", "Neu", "held, reported"),
        ("order=nonsense", "Neu", "urgent"),
        ("author=x", "Neu", ""),
        ("section=nirgends", "Neu", "Dieses Ressort gibt es nicht."),
        (f"rule={'x' * 600}", "Neu", "zu lang"),
    ],
)
def test_what_cannot_be_saved_is_refused_and_stays_typed(client, look, mo, query, name, words):
    actions.save_filter(actor=mo, name="Schon da", query="kind=held")

    answer = keep(client, query, name)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert words in page
    (form,) = [each for each in forms_of(page) if "query" in each.controls]
    assert form.controls["query"].holds == [query]
    assert name.strip("\u200b") in form.controls["name"].holds[0]
    assert SavedFilter.objects.count() == 1


def test_on_a_small_screen_a_page_of_its_own_keeps_them(client, look, section):
    link = re.search(r'<h2[^>]+><a href="([^"]+)">Gespeicherte Filter</a>', look(**CHOICE))
    assert link
    (form,) = [each for each in forms_of(look(link[1])) if "query" in each.controls]

    keep(client, form.controls["query"].holds[0], "Vom Telefon")

    assert [name for _address, name in saved(look())] == ["Vom Telefon"]
    assert "Vom Telefon" in look(PAGE)


def test_thirty_are_kept_for_each_person_and_they_go_with_the_account(mo, person):
    other = person("Mona", "moderator")
    for number in range(30):
        actions.save_filter(actor=mo, name=f"Nummer {number}", query="kind=held")
    with pytest.raises(Conflict):
        actions.save_filter(actor=mo, name="Zu viel", query="kind=held")
    theirs = actions.save_filter(actor=other, name="Nummer 1", query="")
    with pytest.raises(NotFound):
        actions.drop_filter(theirs.pk, actor=mo)

    other.delete()

    assert SavedFilter.objects.count() == 30


def test_without_sections_the_filters_stand_there_all_the_same(client, look, mo, person):
    actions.save_filter(actor=mo, name="Nach Alter", query="order=oldest")
    assert saved(look()) == [(f"{QUEUE}?order=oldest", "Nach Alter")]


def test_who_moderates_no_more_has_none(client, look, mo):
    mo.give(Duties())
    mo.save()
    assert client.get(PAGE).status_code == 403
    assert keep(client, "kind=held", "Neu").status_code == 403
