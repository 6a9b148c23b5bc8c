"""People choose of what they are told, and on which ways."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import actions as people
from accounts import events
from accounts.models import Notification, Preference, User
from accounts.notifications.preferences import DEFAULTS, KIND_OF, Kind
from accounts.notifications.telling import TABLE
from tests.accounts.conftest import heard

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/me/preferences/"


@transaction.atomic
def notify(*told: Any) -> None:
    events.notify(*told)


def told(person: User) -> list[str]:
    return [data["kind"] for kind, data in heard(f"user.{person.pk}") if kind == "notification.created"]


def test_each_notification_is_of_one_kind_that_can_be_chosen() -> None:
    assert set(KIND_OF) == {told.kept for deed in TABLE.values() for told in deed if told.kept}
    assert set(DEFAULTS) == set(Kind) == set(KIND_OF.values())


def test_i_choose_by_program_what_i_am_told(api: Any, alice: User, mo: User) -> None:
    usual = api(alice).get(ADDRESS).json()
    assert usual["reply"] == {"web": True, "mail": "daily", "push": True}
    assert usual["decision"] == {"web": True, "mail": "now", "push": True}
    assert set(usual) == {"reply", "mention", "article", "discussion", "ticker", "decision"}
    assert set(api(mo).get(ADDRESS).json()) == {*usual, "queue"}

    wish = {"reply": {"mail": "now", "push": False}, "ticker": {"web": False}, "decision": {"push": False}}
    changed = api(alice).patch(ADDRESS, wish)

    assert changed.status_code == 200
    now = {**usual, "reply": {"web": True, "mail": "now", "push": False}}
    now |= {"ticker": {**usual["ticker"], "web": False}, "decision": {**usual["decision"], "push": False}}
    assert changed.json() == now == api(alice).get(ADDRESS).json()
    assert changed.headers["Cache-Control"] == "private, no-store"
    api(alice).patch(ADDRESS, {kind: usual[kind] for kind in wish})
    assert api(alice).get(ADDRESS).json() == usual
    assert not Preference.objects.exists()  # only what differs is stored


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"gossip": {"web": False}}, "gossip"),
        ({"queue": {"web": False}}, "queue"),
        ({"reply": {"fax": True}}, "reply.fax"),
        ({"reply": {"mail": "monthly"}}, "reply.mail"),
        ({"reply": {"web": "perhaps"}}, "reply.web"),
        ({"reply": {"push": None}}, "reply.push"),
        ({"reply": []}, "reply.non_field_errors"),
        ({"decision": {"mail": "off"}}, "decision"),
        ({"decision": {"web": False}}, "decision"),
        ({"reply": {"mail": "now"}, "decision": {"mail": "weekly"}}, "decision"),
    ],
    ids=str,
)
def test_what_cannot_be_chosen_is_refused_and_changes_nothing(api: Any, alice: User, wish: Any, field: str) -> None:
    answer = api(alice).patch(ADDRESS, wish)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert set(answer.json()["errors"]) == {field}
    assert not Preference.objects.exists()


def test_who_is_told_on_no_way_gets_nothing_and_decisions_always_come(alice: User, bob: User) -> None:
    people.change_preferences(alice, {"ticker": {"web": False}, "article": {"web": False}})

    notify([alice.pk, bob.pk], "item.published", "item.1", "Eilmeldung", "/newsticker/")
    notify([alice.pk, bob.pk], "article.published", "article.1", "Neu", "/articles/neu/")
    with transaction.atomic():
        events.tell([alice.pk], "duties.changed", f"user.{alice.pk}")

    assert told(alice) == ["duties.changed"]
    assert told(bob) == ["item.published", "article.published"]
    kept = Notification.objects.filter(user=alice).order_by("id").values_list("kind", "on_site")
    assert list(kept) == [("article.published", False), ("duties.changed", True)]  # the first for the mail of the day


def test_what_followers_have_chosen_is_asked_for_all_of_them_at_once(person: Any) -> None:
    many = [person(f"Leser{number}") for number in range(100)]
    for each in many[::3]:
        people.change_preferences(each, {"ticker": {"web": False}})

    with CaptureQueriesContext(connection) as asked:
        notify([each.pk for each in many], "item.published", "item.2", "Zwei", "/newsticker/")

    assert Notification.objects.filter(subject="item.2").count() == 66
    ours = [each["sql"] for each in asked.captured_queries if "accounts_" in each["sql"]]
    assert len(ours) == 2  # all else are the persons' streams, which have numbers of their own


def test_the_page_of_preferences_works_without_a_script(client: Client, alice: User, mo: User) -> None:
    client.force_login(alice)
    page = client.get("/accounts/notifications/preferences/").text
    assert "queue-mail" not in page
    assert "decision-mail" not in page
    assert re.search(r'<option value="daily" selected>', page)
    assert 'href="/accounts/notifications/preferences/"' in client.get("/accounts/profile/").text
    wish = {f"{kind}-mail": "off" for kind in ("reply", "mention", "article", "discussion", "ticker")}

    sent = client.post(
        "/accounts/notifications/preferences/",
        {**wish, "reply-ways": ["push"], "ticker-mail": "weekly", "time_zone": "Asia/Tokyo"},
        follow=True,
    )

    assert sent.redirect_chain == [("/accounts/notifications/preferences/", 302)]
    chosen = client.get(ADDRESS).json()
    assert chosen["reply"] == {"web": False, "mail": "off", "push": True}
    assert chosen["ticker"] == {"web": False, "mail": "weekly", "push": False}
    assert chosen["decision"] == {"web": True, "mail": "now", "push": False}
    assert client.get("/api/v1/me/").json()["time_zone"] == "Asia/Tokyo"
    client.force_login(mo)
    assert "queue-mail" in client.get("/accounts/notifications/preferences/").text


def test_my_time_zone_is_one_that_there_is(api: Any, alice: User) -> None:
    me = api(alice)
    refused = me.patch("/api/v1/me/", {"time_zone": "Europe/Atlantis"})

    assert (refused.status_code, set(refused.json()["errors"])) == (422, {"time_zone"})
    assert me.patch("/api/v1/me/", {"time_zone": "America/New_York"}).json()["time_zone"] == "America/New_York"
    assert me.patch("/api/v1/me/", {"time_zone": ""}).json()["time_zone"] == ""
