"""Logging in and out, passwords, addresses, sessions, second factors."""

from __future__ import annotations

import time
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from accounts.actions import create_token
from accounts.login.vault import unseal
from accounts.models import User
from tests.accounts.conftest import heard, is_logged_in, link_in, log_in, log_in_freshly
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
NEW = "noch-ein-langes-Geheimnis-8"


def test_logging_in_by_e_mail_and_out_again(alice: User) -> None:
    client = Client()
    assert log_in(client, alice.email.upper())["Location"] == "/"
    assert is_logged_in(client)

    client.post("/accounts/logout/")

    assert not is_logged_in(client)


@pytest.mark.parametrize("way", ["/accounts/logout/", "/admin/logout/"])
def test_after_logging_out_the_browser_forgets_the_pages_that_it_has_kept(way: str, ada: User) -> None:
    client = Client()
    log_in(client, ada.email)
    assert "Clear-Site-Data" not in client.get(way)

    answer = client.post(way)

    assert answer["Clear-Site-Data"] == '"cache"'  # not "storage": what somebody has begun to write lies there
    assert not is_logged_in(client)


def test_after_logging_in_one_is_where_one_wanted_to_be(alice: User) -> None:
    answer = Client().post(
        "/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "/articles/x/#comments"}
    )
    assert answer["Location"] == "/articles/x/#comments"
    evil = Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": "//evil.example"})
    assert evil["Location"] == "/"


def test_changing_the_password_ends_all_other_sessions(alice: User) -> None:
    here, there = Client(), Client()
    log_in(here, alice.email)
    log_in(there, alice.email)

    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert is_logged_in(here)
    assert not is_logged_in(there)
    assert log_in(Client(), alice.email, NEW).status_code == 302


def test_a_forgotten_password_is_replaced_and_everything_else_is_void(alice: User) -> None:
    there = Client()
    log_in(there, alice.email)
    create_token(alice, name="bot", scopes=["read"])
    browser = Client()
    browser.post("/accounts/password/reset/", {"email": alice.email})

    form = browser.get(link_in())["Location"]
    answer = browser.post(form, {"password1": NEW, "password2": NEW})

    assert answer["Location"] == "/accounts/password/reset/key/done/"
    assert not is_logged_in(there)
    assert not alice.api_tokens.exists()
    assert log_in(Client(), alice.email, NEW).status_code == 302


def test_a_session_of_a_program_ends_with_the_password_too(alice: User) -> None:
    answer = Client().post(
        "/_allauth/app/v1/auth/login", {"email": alice.email, "password": PASSWORD}, content_type="application/json"
    )
    header = {"X-Session-Token": answer.json()["meta"]["session_token"]}
    assert Client().get("/api/v1/me/", headers=header).json()["name"] == "Alice"

    alice.set_password(NEW)
    alice.save()

    assert Client().get("/api/v1/me/", headers=header).status_code == 401


def test_a_session_of_somebody_who_is_gone_is_nobodys(alice: User, bob: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/api/v1/me/").json()["name"] == "Alice"

    User.objects.filter(pk=alice.pk).delete()

    assert client.get("/api/v1/me/").status_code == 401
    assert User.objects.get(pk=bob.pk) == bob
    with pytest.raises(User.DoesNotExist):
        User.objects.get(pk=alice.pk)


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(alice: User) -> None:
    client = Client()
    log_in_freshly(client, alice.email)
    client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    assert User.objects.get(pk=alice.pk).email == "alice@example.org"

    client.post(link_in())

    assert User.objects.get(pk=alice.pk).email == "new@example.org"
    assert mail.outbox[-1].to == ["alice@example.org"]
    assert log_in(Client(), "new@example.org").status_code == 302
    assert log_in(Client(), "alice@example.org").status_code == 200


def test_changing_the_address_asks_for_the_password_again(alice: User) -> None:
    client = Client()
    log_in(client, alice.email)

    answer = client.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})

    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not mail.outbox


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def _with_totp(user: User) -> str:
    client = Client()
    log_in_freshly(client, user.email)
    page = client.get("/accounts/2fa/totp/activate/")
    secret: str = page.context["form"].secret
    assert client.post("/accounts/2fa/totp/activate/", {"code": _code(secret)}).status_code == 302
    return secret


def test_with_a_second_factor_the_password_is_not_enough(alice: User) -> None:
    secret = _with_totp(alice)
    client = Client()

    assert log_in(client, alice.email)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_logged_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_logged_in(client)
    codes = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})

    assert is_logged_in(client)
    stored = Authenticator.objects.get(user=alice, type="totp").data["secret"]
    assert secret not in stored
    assert unseal(stored) == secret


def test_a_code_is_good_for_one_login(alice: User) -> None:
    secret = _with_totp(alice)
    with time_machine.travel(time.time() + 300, tick=False):
        code = _code(secret)
        logged_in = []
        for _ in range(2):
            client = Client()
            log_in(client, alice.email)
            client.post("/accounts/2fa/authenticate/", {"code": code})
            logged_in.append(is_logged_in(client))

    assert logged_in == [True, False]


def test_codes_cannot_be_guessed_for_long(alice: User, settings: object) -> None:
    _with_totp(alice)
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/h/key"}  # type: ignore[attr-defined]
    client = Client()
    log_in(client, alice.email)

    statuses = [client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_the_admin_sends_whoever_changes_a_password_to_the_page_with_limits(mo: User) -> None:
    client = Client()
    client.force_login(mo)

    assert client.get("/admin/password_change/")["Location"] == "/accounts/password/change/"
    refused = client.post("/admin/password_change/", {"old_password": PASSWORD, "new_password1": NEW})
    assert refused["Location"] == "/accounts/password/change/"
    assert User.objects.get(pk=mo.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("site", "name"),
    [("https://news.example", "news.example"), ("http://127.0.0.1:8000", "localhost"), ("http://[::1]", "localhost")],
)
def test_passkeys_belong_to_a_name_never_to_a_number(settings: Any, site: str, name: str) -> None:
    settings.SITE_URL = site

    options = Client().get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()

    assert options["request_options"]["publicKey"]["rpId"] == name


def test_a_passkey_is_asked_for_in_the_name_of_our_site(alice: User) -> None:
    options = Client().get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()

    assert options["request_options"]["publicKey"]["rpId"] == "testserver"


PAGES = [
    "login/",
    "signup/",
    "password/reset/",
    "password/reset/done/",
    "password/reset/key/done/",
    "password/reset/key/1-x/",
    "inactive/",
    "confirm-email/nonsense/",
]
MINE = [
    "profile/",
    "email/",
    "password/change/",
    "logout/",
    "sessions/",
    "2fa/",
    "2fa/totp/activate/",
    "2fa/webauthn/",
    "2fa/webauthn/add/",
    "reauthenticate/",
]


def test_readers_are_not_called_du(alice: User) -> None:
    client = Client()
    log_in_freshly(client, alice.email)

    page = client.post("/accounts/password/change/", {"oldpassword": "x", "password1": NEW, "password2": NEW})
    _with_totp(alice)
    said = page.content.decode() + client.get("/accounts/2fa/totp/deactivate/").content.decode()

    assert "Bitte geben Sie Ihr jetziges Passwort ein." in said
    assert "Sie sind dabei, die Anmeldung per Authenticator-App abzuschalten." in said


@pytest.mark.parametrize("page", PAGES + MINE)
def test_every_page_belongs_to_the_site_and_keeps_its_policy(page: str, alice: User) -> None:
    client = Client()
    if page in MINE:
        log_in_freshly(client, alice.email)

    answer = client.get(f"/accounts/{page}")

    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="masthead' in text
    assert text.count("<h1") == 1
    assert "style=" not in text
    assert "'self'" in answer["Content-Security-Policy"]


@pytest.mark.django_db(transaction=True)
def test_sockets_hear_of_a_logout(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    client.post("/accounts/logout/")

    assert heard("live")[-1][0] == "rights.changed"


def test_a_session_ends_after_thirty_days(alice: User) -> None:
    client = Client()
    with time_machine.travel("2026-06-01T09:00:00Z", tick=False) as clock:
        log_in(client, alice.email)
        kept = client.cookies["sessionid"].value
        clock.move_to("2026-06-30T09:00:00Z")
        assert is_logged_in(client)

        clock.move_to("2026-07-01T09:00:01Z")

        client.cookies["sessionid"] = kept  # the browser's own has run out as well
        assert not is_logged_in(client)
