"""From a stranger to a reader: sign up, mail, link, button."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from accounts.models import Consent, LegalPage, User
from tests.accounts.conftest import FORM, is_logged_in, link_in, log_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
type SignUp = Callable[..., Any]


def test_a_stranger_signs_up_confirms_and_is_logged_in(browser: Client, sign_up: SignUp) -> None:
    page = sign_up()
    assert page.status_code == 200
    assert "carla@example.org" in page.content.decode()
    assert not is_logged_in(browser)

    link = link_in()
    shown = browser.get(link)
    assert shown.status_code == 200
    assert not User.objects.get(email="carla@example.org").is_confirmed

    browser.post(link)

    assert User.objects.get(email="carla@example.org").is_confirmed
    assert is_logged_in(browser)


def test_the_link_confirms_in_another_browser_but_logs_nobody_in_there(sign_up: SignUp) -> None:
    sign_up()
    elsewhere = Client()

    elsewhere.post(link_in())

    assert User.objects.get(email="carla@example.org").is_confirmed
    assert not is_logged_in(elsewhere)
    log_in(elsewhere, "carla@example.org")
    assert is_logged_in(elsewhere)


def test_opening_somebodys_link_does_not_log_me_out(sign_up: SignUp, alice: User) -> None:
    sign_up()
    mine = Client()
    mine.force_login(alice)

    mine.get(link_in())

    assert is_logged_in(mine)


def test_a_used_link_is_worth_nothing(browser: Client, sign_up: SignUp) -> None:
    sign_up()
    link = link_in()
    browser.post(link)
    later = Client()

    assert '<form class="form" method="post" action="/accounts/confirm-email/' not in later.get(link).content.decode()
    later.post(link)

    assert not is_logged_in(later)


def test_the_mail_has_text_and_html_and_its_links_lead_to_our_own_site(browser: Client) -> None:
    browser.post("/accounts/signup/", FORM, headers={"host": "testserver:9999"})

    (message,) = mail.outbox
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    for part in (str(message.body), str(html)):
        assert "http://testserver/accounts/confirm-email/" in part
        assert "9999" not in part


@pytest.mark.django_db
def test_a_foreign_host_header_gets_nowhere(browser: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    for path, data in [("signup", FORM), ("password/reset", {"email": "carla@example.org"})]:
        browser.post(f"/accounts/{path}/", data, headers={"host": "evil.example"})

    assert len(mail.outbox) == 2
    assert all("evil" not in str(part) for each in mail.outbox for part in (each.body, each.alternatives))


def test_an_unconfirmed_person_cannot_log_in_but_gets_another_mail(sign_up: SignUp) -> None:
    sign_up()
    other = Client()

    answer = log_in(other, "carla@example.org")

    assert answer["Location"] == "/accounts/confirm-email/"
    assert not is_logged_in(other)
    assert len(mail.outbox) == 2


def test_the_mail_can_be_had_again(browser: Client, sign_up: SignUp) -> None:
    sign_up()

    browser.post("/accounts/confirm-email/")

    assert len(mail.outbox) == 2
    browser.post(link_in())
    assert is_logged_in(browser)


def test_consent_is_stored_with_the_version_of_the_terms(sign_up: SignUp) -> None:
    LegalPage.objects.update_or_create(slug="terms", defaults={"version": 7})

    sign_up()

    assert Consent.objects.get().version == 7


@pytest.mark.parametrize("field", ["name", "email", "password1", "consent"])
def test_nothing_may_be_left_out(browser: Client, field: str) -> None:
    browser.post("/accounts/signup/", {key: value for key, value in FORM.items() if key != field})

    assert not User.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize("name", ["Alice", "АLICE", "аlice", "ALlCE", "admin", "аdmin", "x"])
def test_a_name_that_looks_like_another_is_refused(browser: Client, alice: User, name: str) -> None:
    answer = browser.post("/accounts/signup/", FORM | {"name": name})

    assert answer.status_code == 200
    assert answer.context["form"].errors["name"]
    assert User.objects.count() == 1


def test_a_bot_that_fills_in_the_trap_thinks_it_has_won(sign_up: SignUp) -> None:
    page = sign_up(website="http://spam.example")

    assert page.redirect_chain[-1][0] == "/accounts/confirm-email/"
    assert not User.objects.exists()
    assert not mail.outbox


def test_too_long_fields_are_refused(browser: Client) -> None:
    for field, value in [("email", "a@" + "b" * 300 + ".org"), ("password1", "x" * 300), ("name", "n" * 41)]:
        answer = browser.post("/accounts/signup/", FORM | {field: value})
        assert answer.context["form"].errors[field]

    assert not User.objects.exists()


def test_the_language_that_was_chosen_is_kept(browser: Client, sign_up: SignUp) -> None:
    browser.post("/language/", {"language": "ru", "next": "/"})

    sign_up()

    assert User.objects.get().language == "ru"


def test_programs_sign_up_the_same_way(browser: Client) -> None:
    fields = {"name": "Carla", "email": "carla@example.org", "password": PASSWORD, "consent": True}
    answer = browser.post("/_allauth/app/v1/auth/signup", fields, content_type="application/json")

    assert answer.status_code == 401
    flows = {flow["id"]: flow for flow in answer.json()["data"]["flows"]}
    assert flows["verify_email"]["is_pending"]
    key = link_in().strip("/").rpartition("/")[2]
    confirmed = browser.post(
        "/_allauth/app/v1/auth/email/verify",
        {"key": key},
        content_type="application/json",
        headers={"X-Session-Token": answer.json()["meta"]["session_token"]},
    )
    assert confirmed.status_code == 200
    assert confirmed.json()["meta"]["is_authenticated"]
