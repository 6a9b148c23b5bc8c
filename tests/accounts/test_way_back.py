"""Whoever registers from an article comes back to it, on whatever device the address is confirmed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.conftest import FORM, is_logged_in, link_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ARTICLE = "/articles/hafen/#discussion"
STATE = "/accounts/confirm-email/state/"


@pytest.fixture
def waiting() -> Client:
    """The tab in which somebody has just registered, coming from an article."""
    client = Client()
    client.post("/accounts/signup/", FORM | {"next": ARTICLE})
    return client


def test_confirming_elsewhere_leads_by_the_login_back_to_the_article(waiting: Client) -> None:
    elsewhere = Client()
    page = elsewhere.get(link_in())
    assert f'name="next" value="{ARTICLE}"' in page.content.decode()

    answer = elsewhere.post(link_in().partition("?")[0], {"next": ARTICLE})

    assert answer["Location"] == "/accounts/login/?next=/articles/hafen/%23discussion"
    assert _log_in(elsewhere)["Location"] == ARTICLE


def test_the_waiting_tab_notices_and_goes_on_to_the_article(waiting: Client) -> None:
    assert waiting.get(STATE).json() == {"state": "waiting"}
    assert waiting.get("/accounts/confirm-email/").status_code == 200

    Client().post(link_in())

    assert waiting.get(STATE).json() == {"state": "confirmed"}
    assert waiting.get("/accounts/confirm-email/")["Location"] == ARTICLE
    assert is_logged_in(waiting)
    assert waiting.get(STATE).json() == {"state": "over"}


def test_confirming_in_the_same_browser_leads_to_the_article(waiting: Client) -> None:
    answer = waiting.post(link_in())

    assert answer["Location"] == ARTICLE
    assert is_logged_in(waiting)


def test_a_waiting_tab_is_not_let_in_by_a_password_that_was_changed(waiting: Client) -> None:
    user = User.objects.get(email=FORM["email"])
    user.set_password("another-one-99")
    user.save()
    Client().post(link_in())

    answer = waiting.get("/accounts/confirm-email/")

    assert answer["Location"] == "/accounts/login/?next=/articles/hafen/%23discussion"
    assert not is_logged_in(waiting)


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "https:evil.example"]
)
def test_a_way_back_leads_nowhere_else(evil: str) -> None:
    Client().post("/accounts/signup/", FORM | {"next": evil})
    link = link_in()
    assert "next=" not in link
    elsewhere = Client()

    answer = elsewhere.post(f"{link}?next={quote(evil)}")

    assert answer["Location"] == "/accounts/login/"


def test_the_link_of_a_mail_that_is_asked_for_again_leads_back_too(waiting: Client) -> None:
    waiting.post("/accounts/confirm-email/")
    _log_in(Client())

    assert len(mail.outbox) == 3
    for index in range(3):
        assert link_in(index).endswith("?next=/articles/hafen/%23discussion")


def test_signing_up_again_sends_the_link_again(waiting: Client) -> None:
    again = Client()

    answer = again.post("/accounts/signup/", FORM | {"next": ARTICLE})

    assert answer["Location"] == "/accounts/confirm-email/"
    assert User.objects.filter(email=FORM["email"]).count() == 1
    assert link_in(1).endswith("?next=/articles/hafen/%23discussion")
    again.post(link_in(0))  # the first one stays good: mails may overtake each other
    assert is_logged_in(again)


def test_signing_up_again_may_choose_another_name(waiting: Client) -> None:
    Client().post("/accounts/signup/", FORM | {"name": "Carla Alt"})

    assert User.objects.get(email=FORM["email"]).name == "Carla Alt"


def test_programs_sign_up_again_as_well(waiting: Client) -> None:
    fields = {"name": FORM["name"], "email": FORM["email"], "password": PASSWORD, "consent": True}

    answer = Client().post("/_allauth/app/v1/auth/signup", fields, content_type="application/json")

    assert answer.status_code == 401
    Client().post(link_in(1))
    assert User.objects.get(email=FORM["email"]).is_confirmed


def test_another_password_neither_takes_a_waiting_account_nor_learns_whose_name_it_is(waiting: Client) -> None:
    stranger = FORM | {"password1": "another-one-99"}
    taken = Client().post("/accounts/signup/", stranger).context["form"].errors
    unknown = Client().post("/accounts/signup/", stranger | {"email": "nobody@example.org"}).context["form"].errors
    assert taken == unknown
    assert taken["name"]

    Client().post("/accounts/signup/", stranger | {"name": "Dora Fremd"})

    account = User.objects.get(email=FORM["email"])
    assert account.name == FORM["name"]
    assert account.check_password(PASSWORD)
    assert "/accounts/confirm-email/" not in str(mail.outbox[-1].body)


def _log_in(client: Client) -> Any:
    return client.post("/accounts/login/", {"login": FORM["email"], "password": PASSWORD, "next": ARTICLE})
