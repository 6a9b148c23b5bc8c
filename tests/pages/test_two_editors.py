"""Two people have one form of the admin open: nothing of either is lost, whatever the form is about."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils.timezone import localtime

from accounts.models import LegalPage, User
from articles.models import Section, Ticker
from tests.support.forms import forms_of

pytestmark = pytest.mark.django_db


def opened(client: Client, path: str) -> dict[str, str]:
    """What a browser would send back of this form."""
    return fields_of(client.get(path).text)


def fields_of(page: str) -> dict[str, str]:
    (form,) = (each for each in forms_of(page) if each.id.endswith("_form"))
    return {
        name: values[0].replace("\n", "\r\n") for name, values in form.sent().items() if not name.startswith("csrf")
    }


def sent(client: Client, path: str, form: dict[str, str], **typed: str) -> str:
    """The form again where it is refused, or ""."""
    answer = client.post(path, {**form, **typed, "_save": "1"})
    return "" if answer.status_code == 302 else answer.text


@pytest.fixture
def two(ada: User, person) -> tuple[Client, Client]:
    clients = Client(), Client()
    for client, user in zip(clients, (ada, person("Olga", "administrator")), strict=True):
        client.force_login(user)
    return clients


def test_both_texts_of_a_legal_page_are_seen_before_one_is_lost(two):
    page = LegalPage.objects.get(slug="imprint")
    path, (first, second) = f"/admin/accounts/legalpage/{page.pk}/change/", two
    mine, theirs = opened(first, path), opened(second, path)

    assert sent(second, path, theirs, body="Neue Anschrift:\r\nHafenstraße 2") == ""
    refused = sent(first, path, mine, body="Neue Telefonnummer: 12")

    assert LegalPage.objects.get(slug="imprint").body == "Neue Anschrift:\nHafenstraße 2"
    assert "Neue Telefonnummer: 12</textarea>" in refused
    assert re.search(r"inzwischen geändert\. Jetzt steht dort: „Neue Anschrift:\s+Hafenstraße 2“", refused)
    again = {name: value for name, value in fields_of(refused).items() if name != "body"}
    assert sent(first, path, again, body="Neue Anschrift und Telefonnummer") == ""
    assert LegalPage.objects.get(slug="imprint").body == "Neue Anschrift und Telefonnummer"


@pytest.mark.parametrize("kind", ["section", "ticker"])
def test_what_only_the_other_has_changed_is_taken_over(two, section, ticker, kind):
    thing, name, other = (section, "name", "position") if kind == "section" else (ticker, "title", "description")
    path, (first, second) = f"/admin/articles/{kind}/{thing.pk}/change/", two
    mine, theirs = opened(first, path), opened(second, path)

    assert sent(second, path, theirs, **{other: "7"}) == ""
    assert sent(first, path, mine, **{name: "Neuer Name"}) == ""

    thing.refresh_from_db()
    assert (getattr(thing, name), str(getattr(thing, other))) == ("Neuer Name", "7")


DAY, HOUR, OTHER_HOUR = "01.02.2031", "18:00:00", "20:30:00"


def test_of_times_that_another_has_set_none_is_lost(two, chat):
    path, (first, second) = f"/admin/comments/discussion/{chat.pk}/change/", two
    mine, theirs = opened(first, path), opened(second, path)

    assert sent(second, path, theirs, opens_at_0="01.02.2030", opens_at_1=HOUR, closes_at_0=DAY, closes_at_1=HOUR) == ""
    refused = sent(first, path, mine, title="Neuer Titel", closes_at_0=DAY, closes_at_1=OTHER_HOUR)

    chat.refresh_from_db()
    assert (chat.title, f"{localtime(chat.closes_at):%d.%m.%Y %H:%M:%S}") == ("Elbe-Treff", f"{DAY} {HOUR}")
    assert "Jetzt steht dort: „1. Februar 2031 18:00“" in refused
    again = fields_of(refused)
    assert (again["closes_at_0"], again["closes_at_1"]) == (DAY, OTHER_HOUR)
    assert sent(first, path, again) == ""
    chat.refresh_from_db()
    assert [f"{localtime(at):%d.%m.%Y %H:%M:%S}" for at in (chat.opens_at, chat.closes_at)] == [
        f"01.02.2030 {HOUR}",
        f"{DAY} {OTHER_HOUR}",
    ]
    assert chat.title == "Neuer Titel"


def test_a_time_that_nobody_else_has_changed_is_saved_and_emptied(two, chat):
    path, (first, _) = f"/admin/comments/discussion/{chat.pk}/change/", two

    assert sent(first, path, opened(first, path), closes_at_0=DAY, closes_at_1=HOUR) == ""
    assert sent(first, path, opened(first, path), title="Neuer Titel") == ""
    chat.refresh_from_db()
    assert (chat.title, f"{localtime(chat.closes_at):%H:%M:%S}") == ("Neuer Titel", HOUR)
    refused = sent(first, path, opened(first, path), title="", closes_at_0="", closes_at_1="")
    assert sent(first, path, fields_of(refused), title="Elbe-Treff") == ""
    chat.refresh_from_db()
    assert (chat.title, chat.closes_at) == ("Elbe-Treff", None)


def test_who_typed_the_same_is_not_asked(two, section: Section, ticker: Ticker):
    path, (first, second) = f"/admin/articles/section/{section.pk}/change/", two
    mine, theirs = opened(first, path), opened(second, path)

    assert sent(second, path, theirs, name="Wirtschaft") == ""
    assert sent(first, path, mine, name="Wirtschaft") == ""
    assert Section.objects.get(pk=section.pk).name == "Wirtschaft"
