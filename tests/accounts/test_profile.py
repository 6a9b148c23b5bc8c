"""The profile and its JSON: name, language, what one follows, keys for programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.actions import create_token
from accounts.events import notify
from accounts.models import ApiToken, User
from accounts.notifications import subscriptions
from accounts.notifications.subscriptions import Target, followers
from tests.accounts.conftest import heard, log_in, log_in_freshly
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
type Api = Callable[..., APIClient]


@pytest.fixture(autouse=True)
def _things(monkeypatch: pytest.MonkeyPatch) -> None:
    """Something to follow: the thing 1, which is also called one."""
    known = {"1": "1", "one": "1"}
    monkeypatch.setitem(
        subscriptions._kinds,
        "thing",
        subscriptions.Kind(
            lambda viewer, name: Target("The thing", "/things/1/", known[name]) if name in known else None,
            lambda viewer, ids: {1: Target("The thing", "/things/1/", "1")} if 1 in ids else {},
        ),
    )


@pytest.fixture
def mine(alice: User) -> Client:
    """Just now, so nothing asks for the password once more."""
    client = Client()
    log_in_freshly(client, alice.email)
    return client


@pytest.mark.parametrize("place", ["keys", "avatar"])
def test_another_language_leads_from_a_refused_form_of_the_profile_back_to_it(client, alice, place):
    log_in_freshly(client, alice.email)
    refused = client.post(f"/accounts/profile/{place}/", {})
    back = re.search(r'name="next" value="(.*?)"', refused.text)[1]

    answer = client.post("/language/", {"language": "en", "next": back}, follow=True)

    assert (refused.status_code, answer.status_code) == (400, 200)
    assert answer.redirect_chain[-1][0] == "/accounts/profile/"
    assert '<html lang="en"' in answer.text


def test_me_is_only_for_me(api: Api, alice: User) -> None:
    answer = api().get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")

    assert api(alice).get("/api/v1/me/").json() == {
        "id": alice.pk,
        "email": "alice@example.org",
        "name": "Alice",
        "role": "reader",
        "language": "",
        "time_zone": "",
        "hidden": False,
        "avatar": None,
        "confirmed": True,
        "sanctions": [],
    }


def test_i_change_my_name_and_language(api: Api, alice: User, bob: User) -> None:
    changed = api(alice).patch("/api/v1/me/", {"name": " Alice  B. ", "language": "en", "role": "administrator"})
    assert changed.json()["name"] == "Alice B."
    assert changed.json()["role"] == "reader"

    for fields in ({"name": "ВОВ"}, {"name": "admin"}, {"name": "x" * 41}, {"name": None}, {"language": "tlh"}):
        refused = api(alice).patch("/api/v1/me/", fields)
        assert refused.status_code == 422
        assert list(refused.json()["errors"]) == list(fields)


def test_the_session_needs_its_csrf_token(alice: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(alice)

    refused = client.patch("/api/v1/me/", {"name": "Mallory"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")

    client.get("/accounts/profile/")
    token = client.cookies["csrftoken"].value
    assert client.patch("/api/v1/me/", {"name": "Alicia"}, headers={"X-CSRFToken": token}).status_code == 200


def test_following_is_idempotent_by_any_name(api: Api, alice: User) -> None:
    first = api(alice).put("/api/v1/subscriptions/thing/one/")
    assert first.json() == {"kind": "thing", "id": "1", "title": "The thing", "url": "/things/1/"}
    assert api(alice).put("/api/v1/subscriptions/thing/1/").status_code == 200
    assert list(followers("thing", "1")) == [alice.pk]

    assert api(alice).delete("/api/v1/subscriptions/thing/one/").status_code == 204
    assert api(alice).delete("/api/v1/subscriptions/thing/one/").status_code == 204
    assert not followers("thing", "1")


def test_what_is_not_there_cannot_be_followed(api: Api, alice: User) -> None:
    assert api(alice).put("/api/v1/subscriptions/thing/two/").status_code == 404
    assert api(alice).put("/api/v1/subscriptions/nothing/1/").status_code == 404
    assert api().put("/api/v1/subscriptions/thing/1/").status_code == 401


@pytest.mark.django_db(transaction=True)
def test_news_comes_on_ones_own_stream(alice: User) -> None:
    from django.db import transaction

    with transaction.atomic():
        notify([alice.pk], "thing.moved", "thing.1", "The thing has moved", "/things/1/")

    ((kind, data),) = heard(f"user.{alice.pk}")
    assert kind == "notification.created"
    assert data["url"] == "/things/1/"


def test_the_profile_lists_and_ends_what_one_follows(mine: Client, api: Api, alice: User) -> None:
    api(alice).put("/api/v1/subscriptions/thing/1/")
    assert "The thing" in mine.get("/accounts/profile/").content.decode()

    mine.post(f"/accounts/profile/subscriptions/{alice.subscriptions.get().pk}/end/")

    assert not alice.subscriptions.exists()


def test_the_profile_changes_name_and_language(mine: Client, alice: User) -> None:
    mine.post("/accounts/profile/", {"name": "Alicia", "language": "en"})

    alice.refresh_from_db()
    assert (alice.name, alice.language) == ("Alicia", "en")
    assert 'lang="en"' in mine.get("/accounts/profile/").content.decode()
    assert mine.post("/accounts/profile/", {"name": "Admin", "language": ""}).status_code == 400


def _make_token(client: Client, *scopes: str) -> str:
    page = client.post("/accounts/profile/keys/", {"key-name": "My bot", "key-scopes": scopes})
    found = re.search(r"nr_[\w-]{43}", page.content.decode())
    assert found
    return found[0]


def _with(token: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {token}"})


def test_a_key_is_made_only_once_the_password_was_entered_again(alice: User) -> None:
    client = Client()
    log_in(client, alice.email)

    asked = client.post("/accounts/profile/keys/", {"key-name": "My bot", "key-scopes": ["read"]})

    assert asked["Location"] == "/accounts/reauthenticate/?next=%2Faccounts%2Fprofile%2Fkeys%2F"
    assert client.post(asked["Location"], {"password": "wrong-one-99"}).status_code == 200
    assert not ApiToken.objects.exists()
    made = client.post(asked["Location"], {"password": PASSWORD, "next": "/accounts/profile/keys/"})
    assert re.search(r"nr_[\w-]{43}", made.text)
    assert "no-store" in made["Cache-Control"]
    assert ApiToken.objects.get().name == "My bot"


def test_a_key_is_shown_once_works_and_is_void_when_revoked(mine: Client, alice: User) -> None:
    secret = _make_token(mine, "read")
    row = ApiToken.objects.get()
    assert secret not in str(vars(row))
    assert secret not in mine.get("/accounts/profile/").content.decode()
    assert _with(secret).get("/api/v1/me/").json()["name"] == "Alice"

    mine.post(f"/accounts/profile/keys/{row.pk}/revoke/")

    answer = _with(secret).get("/api/v1/me/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")


def test_a_key_does_only_what_it_may(alice: User, mo: User) -> None:
    reads = create_token(alice, name="reads", scopes=["read"])[1]
    comments = create_token(alice, name="comments", scopes=["comment"])[1]
    moderates = create_token(mo, name="moderates", scopes=["moderate"])[1]
    body = {"scope": "comment", "until": None, "reason": "spam"}

    assert _with(reads).put("/api/v1/subscriptions/thing/1/").status_code == 403
    assert _with(comments).put("/api/v1/subscriptions/thing/1/").status_code == 200
    assert _with(comments).get("/api/v1/me/").status_code == 403
    assert _with(reads).get("/api/v1/me/").status_code == 200
    assert _with(reads).patch("/api/v1/me/", {"name": "Robot"}).status_code == 403
    assert _with(comments).post(f"/api/v1/users/{alice.pk}/sanctions/", body).status_code == 403
    assert _with(moderates).post(f"/api/v1/users/{alice.pk}/sanctions/", body).status_code == 201


def test_nobody_revokes_anothers_key(mine: Client, bob: User) -> None:
    token, secret = create_token(bob, name="bot", scopes=["read"])

    assert mine.post(f"/accounts/profile/keys/{token.pk}/revoke/").status_code == 404
    assert _with(secret).get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize("header", ["Bearer x", "Bearer ", "Bearer \x80", "bearer a b"])
def test_a_wrong_key_is_refused_even_where_none_is_needed(header: str) -> None:
    answer = APIClient().get("/api/v1/articles/", headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_without_scope_or_name_is_not_made(mine: Client, alice: User) -> None:
    for fields in ({"key-name": "", "key-scopes": ["read"]}, {"key-name": "x"}, {"key-name": "x", "key-scopes": "god"}):
        assert mine.post("/accounts/profile/keys/", fields).status_code == 400
    assert not alice.api_tokens.exists()


def test_the_language_of_the_page_is_remembered_in_the_profile(mine: Client, alice: User) -> None:
    for code in ("ru", "de", "de", "ru"):
        mine.post("/language/", {"language": code, "next": "/"})

        alice.refresh_from_db()
        assert alice.language == code


def test_the_stream_of_a_person_is_only_theirs(alice: User, bob: User) -> None:
    from django.contrib.auth.models import AnonymousUser

    from newsroom.live.registry import may_read

    assert may_read(alice, f"user.{alice.pk}")
    assert not may_read(bob, f"user.{alice.pk}")
    assert not may_read(AnonymousUser(), "user.None")


def test_the_schema_has_no_warnings(api: Any) -> None:
    text = api().get("/api/v1/schema/", headers={"accept": "application/json"}).content.decode()

    for path in ("/me/", "/subscriptions/{kind}/{id}/", "/users/{id}/sanctions/", "/sanctions/{id}/"):
        assert path in text
