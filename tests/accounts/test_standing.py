"""How people stand: sanctions, roles, and who may take part."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.access import Barred, NotLoggedIn, Unconfirmed, may_take_part
from accounts.actions import end_sanctions, give_duties, impose_sanction
from accounts.duties import NONE, OF_ROLE
from accounts.models import AuditEntry, Sanction, User
from newsroom.errors import Forbidden
from tests.accounts.conftest import heard, is_logged_in, log_in

pytestmark = pytest.mark.django_db
type Api = Callable[..., APIClient]


def _sanction(**fields: Any) -> dict[str, Any]:
    return {"scope": "all", "until": None, "reason": "insult"} | fields


def test_a_moderator_bars_a_person_and_lifts_it_again(api: Api, mo: User, alice: User) -> None:
    may_take_part(alice)
    answer = api(mo).post(f"/api/v1/users/{alice.pk}/sanctions/", _sanction(note="third time"))
    assert answer.status_code == 201

    with pytest.raises(Barred) as barred:
        may_take_part(alice)
    assert barred.value.extra["reason"] == "insult"
    assert barred.value.extra["until"] is None
    me = api(alice).get("/api/v1/me/")
    assert [each["reason"] for each in me.json()["sanctions"]] == ["insult"]
    assert "third time" not in me.content.decode()

    number = answer.json()["id"]
    assert api(mo).delete(f"/api/v1/sanctions/{number}/").status_code == 204
    may_take_part(alice)
    again = api(mo).delete(f"/api/v1/sanctions/{number}/")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


@pytest.mark.parametrize(
    ("until", "sentence"),
    [
        (None, "Sie können nicht mehr teilnehmen. Grund: Beleidigung"),
        (
            datetime(2030, 1, 1, tzinfo=UTC),
            "Sie können bis 1. Januar 2030, 01:00 Uhr nicht teilnehmen. Grund: Beleidigung",
        ),
    ],
)
def test_who_is_barred_is_told_why_and_until_when(mo: User, alice: User, until: datetime | None, sentence: str) -> None:
    impose_sanction(alice.pk, actor=mo, scope="all", until=until, reason="insult")

    with pytest.raises(Barred) as barred:
        may_take_part(alice)

    assert barred.value.detail == sentence


def test_the_person_hears_of_it_and_their_sockets_are_cut(api: Api, mo: User, alice: User) -> None:
    number = api(mo).post(f"/api/v1/users/{alice.pk}/sanctions/", _sanction()).json()["id"]
    api(mo).delete(f"/api/v1/sanctions/{number}/")

    kinds = [kind for kind, _ in heard(f"user.{alice.pk}")]
    assert kinds == ["sanction.imposed", "notification.created", "sanction.lifted", "notification.created"]
    known = {"id": number, "scope": "all", "section": None, "until": None, "reason": "insult", "text": ""}
    assert heard(f"user.{alice.pk}")[0][1] == known
    assert ("rights.changed", {"user": alice.pk}) in heard("live")


def test_a_sanction_ends_by_itself_at_its_time(mo: User, alice: User) -> None:
    with time_machine.travel("2026-05-01 12:00:00Z", tick=False) as clock:
        until = datetime(2026, 5, 2, tzinfo=UTC)
        sanction = impose_sanction(alice.pk, actor=mo, scope="comment", until=until, reason="spam")
        assert end_sanctions() == 0

        clock.move_to(until + timedelta(seconds=1))

        may_take_part(alice)
        assert end_sanctions() == 1
        assert end_sanctions() == 0
    sanction.refresh_from_db()
    assert sanction.lifted_at is not None
    assert [kind for kind, _ in heard(f"user.{alice.pk}")][-2:] == ["sanction.lifted", "notification.created"]


@pytest.mark.parametrize("who", ["mo", "eddy", "ada"])
def test_a_moderator_cannot_bar_equals_betters_or_themselves(api: Api, mo: User, who: str, request: Any) -> None:
    person = request.getfixturevalue(who)

    answer = api(mo).post(f"/api/v1/users/{person.pk}/sanctions/", _sanction())

    assert answer.status_code == 403
    assert not Sanction.objects.exists()


def test_an_administrator_bars_a_moderator_but_not_themselves(api: Api, ada: User, mo: User) -> None:
    assert api(ada).post(f"/api/v1/users/{mo.pk}/sanctions/", _sanction()).status_code == 201
    assert api(ada).post(f"/api/v1/users/{ada.pk}/sanctions/", _sanction()).status_code == 403


def test_nobody_else_bars(api: Api, alice: User, bob: User, eddy: User) -> None:
    path = f"/api/v1/users/{bob.pk}/sanctions/"

    assert api().post(path, _sanction()).status_code == 401
    assert api(alice).post(path, _sanction()).status_code == 403
    assert api(eddy).post(path, {}).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [{"reason": "because"}, {"reason": ""}, {"scope": "x"}, {"until": "2001-01-01T00:00:00Z"}, {"until": "soon"}],
)
def test_a_sanction_must_make_sense(api: Api, mo: User, alice: User, fields: dict[str, Any]) -> None:
    answer = api(mo).post(f"/api/v1/users/{alice.pk}/sanctions/", _sanction(**fields))

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert list(answer.json()["errors"]) == list(fields)
    assert not Sanction.objects.exists()


def test_who_is_not_there_cannot_be_barred(api: Api, mo: User) -> None:
    for number in (987654, 10**30):
        assert api(mo).post(f"/api/v1/users/{number}/sanctions/", _sanction()).status_code == 404
    assert api(mo).delete("/api/v1/sanctions/987654/").status_code == 404


def test_strangers_and_the_unconfirmed_take_no_part(unconfirmed: User) -> None:
    with pytest.raises(NotLoggedIn):
        may_take_part(AnonymousUser())
    with pytest.raises(Unconfirmed):
        may_take_part(unconfirmed)


def test_only_administrators_give_roles_and_not_to_themselves(ada: User, alice: User, eddy: User) -> None:
    give_duties(alice.pk, actor=ada, duties=OF_ROLE["moderator"])
    assert User.objects.get(pk=alice.pk).moderates
    assert ("rights.changed", {"user": alice.pk}) in heard("live")

    for actor, user in [(eddy, alice), (ada, ada)]:
        with pytest.raises(Forbidden):
            give_duties(user.pk, actor=actor, duties=NONE)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_demote_each_other(person: Callable[..., User], ada: User) -> None:
    other = person("Otto", "administrator")
    give_duties(other.pk, actor=ada, duties=NONE)

    with pytest.raises(Forbidden):
        give_duties(ada.pk, actor=other, duties=NONE)  # loaded before: an administrator, as far as `other` knows

    assert User.objects.get(pk=ada.pk).administrates


MAY = {
    "reader": [],
    "journalist": ["articles.add_article", "articles.change_article"],
    "moderator": ["comments.change_comment", "accounts.add_sanction", "accounts.view_user"],
    "editor": ["articles.delete_article", "articles.change_tickeritem", "accounts.change_legalpage"],
    "administrator": ["articles.delete_article", "accounts.change_user", "auth.whatever"],
}
MAY_NOT = {
    "reader": ["articles.view_article"],
    "journalist": ["articles.delete_article", "comments.change_comment"],
    "moderator": ["accounts.change_user", "articles.change_article"],
    "editor": ["accounts.change_user", "accounts.add_sanction"],
    "administrator": [],
}


@pytest.mark.parametrize("role", list(MAY))
def test_a_role_says_what_one_may_in_the_admin(person: Callable[..., User], role: str) -> None:
    user = person("Someone", role)

    assert user.has_perms(MAY[role])
    assert not any(user.has_perm(each) for each in MAY_NOT[role])
    assert user.is_staff == (role != "reader")
    assert user.has_module_perms("articles") == (role != "reader")


def test_createsuperuser_makes_a_confirmed_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "ein-Geheimnis-nur-hier")
    for email in ("root@example.org", "root@example.com"):
        call_command("createsuperuser", interactive=False, email=email, verbosity=0)

    assert list(User.objects.order_by("id").values_list("name", "role", "is_confirmed")) == [
        ("root", "administrator", True),
        ("root-2", "administrator", True),
    ]
    client = Client()
    log_in(client, "root@example.org", "ein-Geheimnis-nur-hier")
    assert is_logged_in(client)


def test_the_admin_bars_lifts_and_gives_roles_through_actions(ada: User, mo: User, alice: User) -> None:
    moderator, administrator = Client(), Client()
    moderator.force_login(mo)
    administrator.force_login(ada)
    form = {
        "user": alice.pk,
        "scope": "all",
        "reason": "hate",
        "until_0": "",
        "until_1": "",
        "for_good": "on",
        "note": "",
    }

    assert moderator.get("/admin/accounts/sanction/add/").status_code == 200
    assert moderator.post("/admin/accounts/sanction/add/", form).status_code == 302
    sanction = Sanction.objects.get()
    assert sanction.imposed_by == mo
    assert ("sanction.imposed", heard(f"user.{alice.pk}")[0][1]) == heard(f"user.{alice.pk}")[0]

    refused = moderator.post("/admin/accounts/sanction/add/", form | {"user": ada.pk}, follow=True)
    assert Sanction.objects.count() == 1
    assert "lower rank" in refused.content.decode() or refused.context["messages"]

    lift = {"action": "lift", "_selected_action": [sanction.pk]}
    moderator.post("/admin/accounts/sanction/", lift)
    assert not Sanction.objects.barring(alice).exists()

    page = f"/admin/accounts/user/{alice.pk}/change/"
    inline = {"sanctions-TOTAL_FORMS": 0, "sanctions-INITIAL_FORMS": 0}
    assert moderator.post(page, {"given": ["edit:"]} | inline).status_code == 403
    administrator.post(page, {"given": ["edit:"]} | inline)
    assert User.objects.get(pk=alice.pk).role == "editor"


def test_no_hash_is_ever_shown(ada: User, alice: User) -> None:
    client = Client()
    client.force_login(ada)

    for page in ("user/", f"user/{alice.pk}/change/", "sanction/", "legalpage/"):
        answer = client.get(f"/admin/accounts/{page}")
        assert answer.status_code == 200
        assert alice.password not in answer.content.decode()


def test_legal_pages_are_filled_in_by_editors_and_raise_their_version(eddy: User, mo: User) -> None:
    client = Client()
    assert client.get("/terms/").status_code == 200
    client.force_login(eddy)
    client.post("/admin/accounts/legalpage/terms/change/", {"title": "AGB", "body": "## Eins\n<script>x</script>"})

    text = Client().get("/terms/").content.decode()
    assert "<h1>AGB</h1>" in text
    assert '<h2 dir="auto">Eins</h2>' in text
    assert "<script>x" not in text

    client.force_login(mo)
    assert client.get("/admin/accounts/legalpage/terms/change/").status_code == 403


def test_a_time_in_the_form_is_the_sites_time(mo: User, alice: User) -> None:
    client = Client()
    client.force_login(mo)
    day = (timezone.localtime() + timedelta(days=3)).date().isoformat()

    client.post(
        "/admin/accounts/sanction/add/",
        {"user": alice.pk, "scope": "all", "reason": "hate", "until_0": day, "until_1": "12:00:00", "note": ""},
    )

    assert timezone.localtime(Sanction.objects.get().until).hour == 12


def test_administrators_read_who_did_what_and_nobody_changes_it(ada: User, mo: User, eddy: User, alice: User) -> None:
    give_duties(alice.pk, actor=ada, duties=OF_ROLE["journalist"])
    impose_sanction(alice.pk, actor=mo, scope="react", until=None, reason="spam")
    entries = AuditEntry.objects.order_by("id")
    assert list(entries.values_list("actor", "role", "deed", "subject", "before", "after")) == [
        (ada.pk, "administrator", "duties.changed", f"user.{alice.pk}", {}, {"contribute": "everywhere"}),
        (mo.pk, "moderator", "sanction.imposed", f"user.{alice.pk}", {}, {"scope": "react", "reason": "spam"}),
    ]
    client, address = Client(), f"/admin/accounts/auditentry/{entries[0].pk}/change/"
    for who, status in ((mo, 403), (eddy, 403), (ada, 200)):
        client.force_login(who)
        assert client.get("/admin/accounts/auditentry/").status_code == status
        assert client.get(address).status_code == status
    assert client.post(address, {"deed": "x"}).status_code == 403
    assert client.post(f"/admin/accounts/auditentry/{entries[0].pk}/delete/", {"post": "yes"}).status_code == 403
