"""Addresses are masked in the desk for all without the duty, and each look at one is on record."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from accounts.search import install

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"


def test_moderators_see_no_address_and_find_nobody_by_a_part_of_one(client, mo, alice):
    install()
    client.force_login(mo)

    listed, shown = client.get(PEOPLE), client.get(f"{PEOPLE}{alice.pk}/change/")

    for answer in (listed, shown):
        assert answer.status_code == 200
        assert alice.email not in answer.text
        assert "a…@example.org" in answer.text
    assert not AuditEntry.objects.filter(deed="address.shown").exists()

    def found(words: str) -> list[int]:
        return [row.pk for row in client.get(PEOPLE, {"q": words}).context["cl"].result_list]

    assert found("example.org") == []
    assert found(alice.email) == [alice.pk]
    assert client.get("/admin/accounts/sanction/", {"q": "example.org"}).status_code == 200


def test_each_look_of_an_administrator_is_on_record(client, ada, alice):
    client.force_login(ada)

    assert alice.email not in client.get(PEOPLE).text
    for looks in (1, 2):
        assert alice.email in client.get(f"{PEOPLE}{alice.pk}/change/").text
        seen = AuditEntry.objects.filter(deed="address.shown", subject=f"user.{alice.pk}", actor=ada)
        assert seen.count() == looks
    assert client.get(f"{PEOPLE}{alice.pk}/history/").status_code == 200
    assert alice.email not in str(list(AuditEntry.objects.values()))
