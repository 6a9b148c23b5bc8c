"""Limits hold exactly, whoever counts, and 429 says when to come back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from newsroom import limits
from newsroom.errors import TooManyRequests
from tests.accounts.conftest import FORM, is_logged_in, link_in, log_in
from tests.conftest import PASSWORD


@pytest.mark.django_db
def test_within_any_window_there_are_never_more(settings: Settings) -> None:
    settings.REDIS_URL = ""  # Redis has a clock of its own, which no test can turn
    with time_machine.travel("2026-05-01 12:00:00Z", tick=False) as clock:
        for _ in range(3):
            limits.take("k", 3, 60)
            clock.shift(10)
        with pytest.raises(TooManyRequests) as refused:
            limits.take("k", 3, 60)
        assert refused.value.extra["retry_after"] == 30

        clock.shift(30)
        place = limits.take("k", 3, 60)
        with pytest.raises(TooManyRequests):
            limits.take("k", 3, 60)
        limits.give_back(place)
        limits.take("k", 3, 60)
        clock.shift(3600)
        assert limits.prune() == 1


@pytest.mark.django_db
def test_a_clock_that_is_put_back_refuses_nobody(settings: Settings) -> None:
    settings.REDIS_URL = ""
    with time_machine.travel("2026-05-01 12:00:00Z", tick=False) as clock:

        def has_two() -> None:
            for _ in range(2):
                limits.take("k", 2, 3600)
            with pytest.raises(TooManyRequests):
                limits.take("k", 2, 3600)

        has_two()
        clock.shift(-30)  # no more than clocks of several machines are apart
        with pytest.raises(TooManyRequests) as refused:
            limits.take("k", 2, 3600)
        assert refused.value.extra["retry_after"] <= 3600

        clock.shift(-6 * 3600)

        has_two()
        clock.shift(6 * 3600)
        has_two()


@pytest.mark.django_db
def test_what_was_dear_counts_more_beyond_the_limit_too(settings: Settings) -> None:
    settings.REDIS_URL = ""
    settings.LIMITS = {**settings.LIMITS, "searches": "3/m"}
    with time_machine.travel("2026-05-01 12:00:00Z", tick=False) as clock:
        for extra in (1, 4):
            limits.hit("searches", "k")
            limits.charge("searches", "k", extra)
            clock.shift(10)
        with pytest.raises(TooManyRequests) as refused:
            limits.hit("searches", "k")
        assert refused.value.extra["retry_after"] == 50
        limits.hit("searches", "other")

        clock.shift(49)
        with pytest.raises(TooManyRequests):
            limits.hit("searches", "k")
        clock.shift(1)
        limits.hit("searches", "k")


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/accounts/login/", "/_allauth/browser/v1/auth/login", "/_allauth/app/v1/auth/login"])
def test_logins_from_one_address_are_limited_on_every_way(alice: User, path: str) -> None:
    is_page = path.startswith("/accounts/")

    def attempt(address: str) -> Any:
        data = {"login" if is_page else "email": alice.email, "password": "wrong-one-99"}
        kind = {} if is_page else {"content_type": "application/json"}
        return Client(REMOTE_ADDR=address).post(path, data, **kind)

    statuses = [attempt("192.0.2.7").status_code for _ in range(20)]
    refused = attempt("192.0.2.7")

    assert 429 not in statuses
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["Content-Type"].startswith("text/html" if is_page else "application/problem+json")
    assert log_in(Client(REMOTE_ADDR="192.0.2.8"), alice.email).status_code == 302


@pytest.mark.django_db
def test_guessing_keeps_nobody_from_logging_in_elsewhere(alice: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/h/key"}
    guesser = Client(REMOTE_ADDR="192.0.2.7")

    statuses = [log_in(guesser, alice.email, "wrong-one-99").status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
    assert log_in(guesser, alice.email).status_code == 429
    assert log_in(guesser, "somebody-else@example.org", "wrong-one-99").status_code == 200
    assert log_in(Client(REMOTE_ADDR="192.0.2.8"), alice.email).status_code == 302


@pytest.mark.django_db
def test_guessing_from_many_networks_leaves_ways_in(alice: User, settings: Any) -> None:
    """Where the person is logged in already, and by a new password. Everywhere else it is enough after ten times."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/h/key"}
    at_home, away = "198.51.100.1", "198.51.100.2"
    assert log_in(Client(REMOTE_ADDR=at_home), alice.email).status_code == 302
    for number in range(10):
        for _ in range(3):
            log_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), alice.email, "wrong-one-99")

    assert log_in(Client(REMOTE_ADDR="192.0.2.99"), alice.email, "wrong-one-99").status_code == 429
    assert log_in(Client(REMOTE_ADDR=away), alice.email).status_code == 429
    second = Client(REMOTE_ADDR=at_home)
    statuses = [log_in(second, alice.email, "wrong-one-99").status_code for _ in range(3)]
    assert statuses == [200, 200, 200]
    assert log_in(second, alice.email).status_code == 429

    client = Client(REMOTE_ADDR=away)
    client.post("/accounts/password/reset/", {"email": alice.email})
    form = client.get(link_in(), follow=True).request["PATH_INFO"]
    new = "Schilfrohr-17-Kahn"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert log_in(client, alice.email, new).status_code == 302
    assert log_in(Client(REMOTE_ADDR="192.0.2.9"), alice.email, new).status_code == 429  # it guessed


@pytest.mark.django_db
def test_right_passwords_do_not_count_as_guesses(alice: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "3/h/key"}

    assert {log_in(Client(), alice.email).status_code for _ in range(6)} == {302}


@pytest.mark.django_db
def test_one_ipv6_network_is_one_address(alice: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "2/m/ip"}
    for number in range(2):
        log_in(Client(REMOTE_ADDR=f"2001:db8::{number}"), alice.email)

    assert log_in(Client(REMOTE_ADDR="2001:db8::ffff"), alice.email).status_code == 429
    assert log_in(Client(REMOTE_ADDR="2001:db8:0:1::1"), alice.email).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["page", "json"])
def test_signups_from_one_address_are_limited(way: str) -> None:
    def sign_up(number: int) -> int:
        fields = FORM | {"name": f"Reader {number}", "email": f"r{number}@example.org"}
        if way == "page":
            return Client().post("/accounts/signup/", fields).status_code
        body = {"name": fields["name"], "email": fields["email"], "password": PASSWORD, "consent": True}
        return Client().post("/_allauth/app/v1/auth/signup", body, content_type="application/json").status_code

    assert {sign_up(number) for number in range(10)} == {302 if way == "page" else 401}
    assert sign_up(11) == 429
    assert User.objects.count() == 10


@pytest.mark.django_db
def test_a_form_that_was_not_well_filled_in_is_not_counted() -> None:
    statuses = {Client().post("/accounts/signup/", FORM | {"password1": "x"}).status_code for _ in range(15)}

    assert statuses == {200}
    assert Client().post("/accounts/signup/", FORM).status_code == 302


@pytest.mark.django_db
def test_a_recipient_gets_only_so_many_mails(alice: User) -> None:
    def ask() -> int:
        return Client().post("/accounts/password/reset/", {"email": alice.email}).status_code

    assert {ask() for _ in range(5)} == {302}
    assert ask() == 429
    assert Client().post("/accounts/signup/", FORM | {"email": alice.email.upper()}).status_code == 429
    assert len(mail.outbox) == 5
    assert Client().post("/accounts/password/reset/", {"email": "other@example.org"}).status_code == 302


@pytest.mark.django_db
def test_the_resend_button_is_limited_too(browser: Client, sign_up: Callable[..., Any]) -> None:
    sign_up()

    statuses = [browser.post("/accounts/confirm-email/").status_code for _ in range(5)]

    assert statuses == [302] * 4 + [429]


@pytest.mark.django_db
def test_the_admin_has_no_login_form_of_its_own(ada: User, alice: User) -> None:
    stranger = Client()
    answer = stranger.get("/admin/login/?next=/admin/accounts/user/")
    assert answer["Location"] == "/accounts/login/?next=%2Fadmin%2Faccounts%2Fuser%2F"
    assert stranger.post("/admin/login/", {"username": ada.email, "password": PASSWORD}).status_code == 302
    assert not is_logged_in(stranger)

    stranger.force_login(alice)
    assert stranger.get("/admin/login/").status_code == 403
    stranger.force_login(ada)
    assert stranger.get("/admin/login/?next=//evil.example/")["Location"] == "/admin/"


@pytest.mark.django_db
def test_a_reader_at_the_admins_door_is_no_fault_of_ours(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    browser = Client()
    browser.force_login(alice)

    answer = browser.get("/admin/login/")

    assert answer.status_code == 403
    assert all(record.exc_info is None for record in caplog.records)
