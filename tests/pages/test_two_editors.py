"""Two people have one form of the admin open: nothing of either is lost, whatever the form is about."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from accounts.models import LegalPage, User
from articles.models import Section, Ticker

pytestmark = pytest.mark.django_db
INPUT = r'<input type="(?:hidden|text|number)" name="([^"]+)"(?: dir="auto")?(?: value="([^"]*)")?'
FIELD = re.compile(INPUT + r'|<textarea name="([^"]+)"[^>]*>\n?([^<]*)<')


def opened(client: Client, path: str) -> dict[str, str]:
    """What a browser would send back of this form."""
    return fields_of(client.get(path).text)


def fields_of(page: str) -> dict[str, str]:
    form = page[page.index('id="content"') :]
    found = {one or other: unescape(value or text) for one, value, other, text in FIELD.findall(form)}
    return {name: value.replace("\n", "\r\n") for name, value in found.items() if not name.startswith("csrf")}


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


def test_who_typed_the_same_is_not_asked(two, section: Section, ticker: Ticker):
    path, (first, second) = f"/admin/articles/section/{section.pk}/change/", two
    mine, theirs = opened(first, path), opened(second, path)

    assert sent(second, path, theirs, name="Wirtschaft") == ""
    assert sent(first, path, mine, name="Wirtschaft") == ""
    assert Section.objects.get(pk=section.pk).name == "Wirtschaft"
