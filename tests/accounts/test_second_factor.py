"""STAFF_2FA=required: duties wait for an authenticator or a passkey, and the person goes on as a reader meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from rest_framework.test import APIClient

from accounts import actions
from accounts.access import SecondFactorRequired
from accounts.duties import Duty
from accounts.models import User
from comments.actions import post, remove
from comments.models import Comment, Discussion
from tests.accounts.conftest import log_in
from tests.accounts.test_login import _with_totp as set_up_authenticator
from tests.live.sockets import Site

pytestmark = pytest.mark.django_db
QUEUE = "/api/v1/moderation/queue/"


@pytest.fixture(autouse=True)
def _required(settings: Any, comment: Comment) -> None:
    """From here on; whoever wrote and published before needed none."""
    settings.STAFF_2FA = "required"


def now(person: User) -> User:
    return User.objects.get(pk=person.pk)


def test_a_duty_waits_for_a_second_factor_and_nothing_else_does(
    mo: User, alice: User, discussion: Discussion, comment: Comment, api: Callable[..., APIClient]
) -> None:
    with pytest.raises(SecondFactorRequired):
        remove(comment.pk, actor=now(mo), reason="spam")
    answer = api(mo).get(QUEUE)
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_required")
    decided = api(mo).post(f"/api/v1/comments/{comment.pk}/decisions/", {"action": "remove", "reason": "spam"})
    assert (decided.status_code, decided.json()["code"]) == (403, "second_factor_required")
    assert api(alice).get(QUEUE).json()["code"] == "forbidden"

    assert not now(mo).is_staff
    assert post(discussion.pk, author=now(mo), text="Ich lese mit").comment.state == "published"
    assert api(mo).get("/api/v1/me/").json()["role"] == "moderator"


def test_the_login_leads_staff_to_the_page_where_a_second_factor_is_set_up(mo: User, alice: User) -> None:
    of_staff, of_reader = Client(), Client()

    led = of_staff.post(
        "/accounts/login/", {"login": mo.email, "password": "ein-langes-Geheimnis-7", "next": "/newsticker/"}
    )
    assert led.headers["Location"] == "/accounts/2fa/"
    assert "zweiten Faktor" in of_staff.get("/accounts/2fa/").content.decode()
    assert "/accounts/2fa/" in of_staff.get("/accounts/profile/").content.decode()
    assert of_staff.get("/").status_code == 200
    assert log_in(of_reader, alice.email).headers["Location"] != "/accounts/2fa/"


def test_pages_of_a_duty_lead_there_too(mo: User, comment: Comment) -> None:
    client = Client()
    client.force_login(mo)

    for path in (f"/comments/{comment.pk}/moderate/", "/admin/"):
        led = client.get(path, follow=True)
        assert led.redirect_chain[-1][0] == "/accounts/2fa/", path
    assert client.post(f"/comments/{comment.pk}/moderate/", {"deed": "remove", "reason": "spam"}).status_code == 403
    assert Comment.objects.get(pk=comment.pk).state == "published"


def test_with_an_authenticator_the_duty_begins_and_without_it_ends(mo: User, comment: Comment) -> None:
    set_up_authenticator(mo)

    assert now(mo).may(Duty.MODERATE, None)
    remove(comment.pk, actor=now(mo), reason="spam")

    Authenticator.objects.filter(user=mo).exclude(type="recovery_codes").delete()
    assert Authenticator.objects.filter(user=mo).exists()  # codes alone are none
    assert not now(mo).may(Duty.MODERATE, None)


def test_nothing_waits_where_it_is_optional(settings: Any, mo: User) -> None:
    settings.STAFF_2FA = "optional"

    assert now(mo).may(Duty.MODERATE, None)


@pytest.fixture
def news_example(transactional_db: None, settings: Any) -> None:
    settings.SITE_URL = "http://news.example"


@pytest.mark.usefixtures("news_example")
def test_sockets_do_not_follow_the_queue_without_a_second_factor(mo: User) -> None:
    with Site() as site, site.open_as(mo) as reader:
        assert reader.ask(type="subscribe", stream="moderation")["code"] == "unknown_stream"
        assert reader.ask(type="subscribe", stream=f"user.{mo.pk}")["type"] == "subscribed"


@pytest.mark.usefixtures("news_example")
def test_sockets_follow_the_queue_with_a_second_factor(mo: User) -> None:
    set_up_authenticator(mo)  # before the site starts, which cuts a person's sockets whenever it hears of new rights
    with Site() as site, site.open_as(mo) as reader:
        assert reader.ask(type="subscribe", stream="moderation")["type"] == "subscribed"
        Authenticator.objects.filter(user=mo).delete()
        actions.second_factor_changed(mo.pk)  # as after the form
        assert reader.closing() == 4003
