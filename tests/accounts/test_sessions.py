"""Where a person is logged in: devices in words, when they were last seen, and ending one or all others."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import create_token, end_sessions
from accounts.login.devices import described
from accounts.models import AuditEntry, Notification
from accounts.notifications.telling_by_mail import mail_about
from newsroom.errors import Forbidden
from newsroom.live.outbox import CONTROL
from tests.accounts.conftest import heard, is_logged_in, log_in, log_in_freshly
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 "
    "Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 "
    "Edg/140.0.0.0"
)
SAMSUNG = (
    "Mozilla/5.0 (Linux; Android 14; SM-S921B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)


def entered(person, user_agent: str) -> Client:
    browser = Client(headers={"user-agent": user_agent})
    log_in_freshly(browser, person.email)
    return browser


def names(page: str) -> list[str]:
    return re.findall(r'<strong dir="auto">(.*?)</strong>', page)


def buttons(page: str) -> list[str]:
    return re.findall(r'name="session" value="(\d+)"', page)


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox auf Linux"),
        (PHONE, "Safari auf iPhone"),
        (EDGE, "Edge auf Windows"),
        (SAMSUNG, "Samsung Internet auf Android"),
        ("curl/8.9", "curl/8.9"),
        ("", "ein unbekanntes Gerät"),
        ("<b>" * 100, ("<b>" * 30)),
    ],
)
def test_a_device_has_a_name_that_people_know(user_agent, words):
    assert described(user_agent) == words


def test_each_is_listed_and_ends_alone_or_with_all_others(alice, bob):
    here, phone, work, strange = (entered(alice, each) for each in (FIREFOX, PHONE, EDGE, "<b>Netscape 4"))
    theirs = entered(bob, PHONE)
    page = here.get(PAGE).text

    assert names(page)[0] == "Firefox auf Linux"
    assert sorted(names(page)[1:]) == ["&lt;b&gt;Netscape 4", "Edge auf Windows", "Safari auf iPhone"]
    assert page.count("Diese Sitzung") == 1
    assert len(buttons(page)) == 3
    one = str(UserSession.objects.get(user=alice, user_agent=PHONE).pk)
    assert one in buttons(page)

    answer = here.post(PAGE, {"session": one}, follow=True)

    assert not is_logged_in(phone)
    assert [is_logged_in(each) for each in (here, work, strange, theirs)] == [True] * 4
    assert one not in buttons(answer.text)
    foreign, own = UserSession.objects.get(user=bob), UserSession.objects.get(user=alice, user_agent=FIREFOX)
    for other in (foreign.pk, own.pk, one, "nonsense", ""):
        assert here.post(PAGE, {"session": other}).status_code == 302
    assert [is_logged_in(each) for each in (here, work, strange, theirs)] == [True] * 4
    here.post(PAGE)
    assert [is_logged_in(each) for each in (here, work, strange, theirs)] == [True, False, False, True]


def test_others_end_only_once_the_password_was_entered_again(alice):
    phone = entered(alice, PHONE)
    here = Client()
    log_in(here, alice.email)

    asked = here.post(PAGE)

    assert asked["Location"] == f"/accounts/reauthenticate/?next={quote(PAGE, safe='')}"
    assert is_logged_in(phone)
    assert here.post(asked["Location"], {"password": PASSWORD, "next": PAGE})["Location"] == PAGE
    assert not is_logged_in(phone)
    assert is_logged_in(here)


def test_a_session_of_somebody_with_duties_ends_without_use(alice, mo, settings):
    reader, moderator, beside = entered(alice, FIREFOX), entered(mo, FIREFOX), entered(mo, PHONE)
    of_mo = UserSession.objects.filter(user=mo, user_agent=FIREFOX)
    within, too_long = timezone.now() - timedelta(hours=11), timezone.now() - timedelta(hours=12, minutes=1)
    of_mo.update(last_seen_at=within)
    assert is_logged_in(moderator)
    UserSession.objects.exclude(user_agent=PHONE).update(last_seen_at=too_long)
    cuts = len(heard(CONTROL))

    assert not is_logged_in(moderator)
    assert is_logged_in(reader)
    assert is_logged_in(beside)
    assert not of_mo.exists()
    assert heard(CONTROL)[cuts:] == [("rights.changed", {"user": mo.pk})]

    settings.STAFF_IDLE = timedelta(0)
    UserSession.objects.update(last_seen_at=too_long)
    assert is_logged_in(beside)


@pytest.mark.parametrize("path", ["email/", "password/change/", "2fa/", "2fa/totp/activate/", "reauthenticate/"])
def test_no_browser_keeps_what_protects_an_account(alice, path):
    answer = entered(alice, FIREFOX).get(f"/accounts/{path}")

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_when_it_was_last_used_is_noted_to_the_hour(alice):
    browser = entered(alice, FIREFOX)
    row = UserSession.objects.filter(user=alice)
    soon, long_ago = timezone.now() - timedelta(minutes=50), timezone.now() - timedelta(days=3)
    row.update(last_seen_at=soon)
    browser.get("/")
    assert row.get().last_seen_at == soon
    row.update(last_seen_at=long_ago)
    with CaptureQueriesContext(connection) as first:
        browser.get("/")
    with CaptureQueriesContext(connection) as second:
        browser.get("/")

    assert timezone.now() - row.get().last_seen_at < timedelta(minutes=10)
    noted = [each["sql"] for each in first if "usersession" in each["sql"] and each["sql"].startswith("UPDATE")]
    assert len(noted) == 1
    assert not [each for each in second if each["sql"].startswith("UPDATE")]


def test_an_administrator_logs_somebody_out_everywhere_and_the_person_hears_of_it(ada, alice, mo, mailoutbox):
    devices = [entered(alice, FIREFOX), entered(alice, PHONE)]
    assert all(map(is_logged_in, devices))
    secret = create_token(alice, name="Programm", scopes=["read"])[1]
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me/").status_code == 200
    desk, page = Client(), f"/admin/accounts/user/{alice.pk}/change/"
    desk.force_login(ada)

    done = desk.post(page, {"sanctions-TOTAL_FORMS": 0, "sanctions-INITIAL_FORMS": 0, "_end_sessions": ""})

    assert "Alice ist auf allen Geräten abgemeldet." in desk.get(done["Location"]).content.decode()
    assert not any(map(is_logged_in, devices))
    assert program.get("/api/v1/me/").status_code == 401
    told = Notification.objects.get(user=alice)
    assert told.kind == "sessions.ended"
    mail_about.call(told.pk)
    assert [(mail.to, "auf allen Geräten abgemeldet" in mail.subject) for mail in mailoutbox] == [([alice.email], True)]
    assert AuditEntry.objects.filter(deed="sessions.ended", subject=f"user.{alice.pk}", actor=ada).count() == 1
    for actor in (mo, alice, ada):  # nobody but administrators, and they not their own
        with pytest.raises(Forbidden):
            end_sessions(ada.pk, actor=actor)
    assert desk.get("/admin/").status_code == 200
