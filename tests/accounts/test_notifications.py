"""What people were told stands in a list of theirs, until they have read it and some time has gone by."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone, translation

from accounts import actions
from accounts import events as telling
from accounts.models import Notification
from accounts.notifications.telling import TABLE
from articles import actions as desk
from comments import actions as talk
from newsroom.pages.notices import kinds, sentence
from tests.comments.tools import events

pytestmark = pytest.mark.django_db
PAGE = "/accounts/notifications/"
KEPT = sorted({told.kept for each in TABLE.values() for told in each if told.kept})


def told(person, count, kind="discussion.active", **more) -> list[int]:
    """The ids of so many new notifications."""
    for number in range(count):
        tell(person, kind, f"discussion.{number}", title=f"Thema {number}", url=f"/chats/{number}/", **more)
    return list(Notification.objects.filter(user=person).order_by("pk").values_list("pk", flat=True))[-count:]


@transaction.atomic
def tell(person, kind, subject, **more) -> None:
    telling.tell([person.pk], kind, subject, **more)


def page_of(person, address=PAGE) -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).text


def bell(page: str) -> tuple[str, str]:
    """What the bell shows, and what it is called."""
    found = re.search(r"<newsroom-bell.*?</newsroom-bell>", page, re.DOTALL)[0]
    called = re.sub(r"<[^>]+>", "", re.sub(r"<span class=\"bell-count\".*?</span>", "", found, flags=re.DOTALL))
    return re.search(r"bell-count.*?>(.*?)<", found, re.DOTALL)[1], "".join(called.split("\n")).strip()


def test_the_list_tells_everything_in_pages_the_newest_first_with_what_is_unread(api, alice, bob):
    ids = told(alice, 5)
    told(bob, 2)

    first = api(alice).get("/api/v1/me/notifications/?limit=2").json()
    second = api(alice).get(first["next"]).json()
    back = api(alice).get(second["previous"]).json()

    assert [each["id"] for each in first["results"] + second["results"]] == ids[:0:-1]
    assert back["results"] == first["results"]
    assert (first["unread"], second["unread"]) == (5, 5)
    assert first["stream"] == f"user.{alice.pk}"
    assert first["results"][0].items() >= {"kind": "discussion.active", "title": "Thema 4", "read_at": None}.items()
    tell(alice, "duties.changed", "user.1")
    (later,) = events(f"user.{alice.pk}")[first["position"]["offset"] :]
    assert later["data"]["kind"] == "duties.changed"
    assert api(bob).get(first["next"]).json()["code"] == "unknown_cursor"
    assert api(alice).get("/api/v1/me/notifications/?unread=1").status_code == 400


def test_all_up_to_one_are_read_once_and_other_devices_hear_of_it(api, alice, bob):
    ids = told(alice, 4)
    others = told(bob, 1)
    heard = len(events(f"user.{alice.pk}"))

    def read(upto):
        return api(alice).put("/api/v1/me/notifications/read/", {"upto": upto}).json()

    assert read(ids[1]) == {"upto": ids[1], "unread": 2}
    assert read(ids[1]) == {"upto": ids[1], "unread": 2}
    assert read(ids[0]) == {"upto": ids[0], "unread": 2}
    assert [(each["kind"], each["data"]) for each in events(f"user.{alice.pk}")[heard:]] == [
        ("notification.read", {"upto": ids[1], "unread": 2})
    ]
    assert read(2**63 - 1)["unread"] == 0
    assert api(alice).get("/api/v1/me/notifications/").json()["unread"] == 0
    assert not Notification.objects.filter(pk__in=others).exclude(read_at=None).exists()
    for upto in (-1, 2**63, "x", None):
        assert api(alice).put("/api/v1/me/notifications/read/", {"upto": upto}).status_code == 422, upto


def test_what_is_taken_back_before_it_was_read_is_gone_on_all_devices(discussion, comment, alice, mo):
    (known,) = told(alice, 1)
    decided = talk.remove(comment.pk, actor=mo, reason="spam")
    removed = Notification.objects.latest("pk").pk

    talk.undo_decision(decided.ruling.pk, actor=mo)

    heard = [each["data"] for each in events(f"user.{alice.pk}") if each["kind"] == "notification.withdrawn"]
    assert heard == [{"ids": [removed], "unread": 1}]
    assert list(Notification.objects.filter(user=alice).values_list("pk", flat=True)) == [known]


def test_what_is_not_wanted_on_the_site_is_neither_counted_nor_listed(api, alice, bob, discussion, comment):
    actions.change_preferences(alice, {"reply": {"web": False, "mail": "daily"}})
    talk.post(discussion.pk, author=bob, text="Nur per Mail.", parent_id=comment.pk)
    (hidden,) = Notification.objects.filter(user=alice)

    listed = api(alice).get("/api/v1/me/notifications/").json()
    assert (listed["results"], listed["unread"]) == ([], 0)
    assert bell(page_of(alice)) == ("0", "Benachrichtigungen")
    actions.read_notifications(alice, hidden.pk)
    hidden.refresh_from_db()
    assert hidden.read_at is None
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        actions.forget_notifications()
    assert not Notification.objects.exists()


def test_what_was_read_is_deleted_after_ninety_days(alice):
    ids = told(alice, 3)
    actions.read_notifications(alice, ids[0])
    with time_machine.travel(timezone.now() + timedelta(days=10), tick=False):
        actions.read_notifications(alice, ids[1])
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        actions.forget_notifications()

    assert list(Notification.objects.order_by("pk").values_list("pk", flat=True)) == ids[1:]


def test_every_kind_has_a_sentence_in_every_language():
    facts = {"title": "Die {n} Fähren", "reason": "insult", "scope": "chat", "until": "2026-11-28T18:05:00Z"}
    facts |= {"role": "moderator", "n": 3, "refused": 1}

    assert set(KEPT) <= set(kinds())
    for language in ("de", "en", "ru"):
        with translation.override(language):
            said = {kind: sentence(facts | {"kind": kind}) for kind in kinds()}
        assert [each for each in said.values() if "{" in each.replace(facts["title"], "")] == []
        assert len(set(said.values())) == len(said)
    with translation.override("de"):
        assert sentence(facts | {"kind": "sanction.imposed"}).startswith("Für Sie bis 28. November 2026")
        assert sentence(facts | {"kind": "sanction.imposed", "scope": "all", "until": None}).endswith("Beleidigung")
        assert sentence(facts | {"kind": "comment.replied"}) == (
            "Auf Ihren Kommentar wurde geantwortet: Die {n} Fähren"
        )
        assert sentence({"kind": "of.old", "title": "Alt"}) == "Alt"


def test_the_page_shows_each_day_what_was_told_and_marks_what_is_unread(alice):
    with time_machine.travel("2026-11-27T12:00:00+01:00", tick=False):
        old = told(alice, 1)
        actions.read_notifications(alice, old[0])
    with time_machine.travel("2026-11-28T00:10:00+01:00", tick=False):
        told(alice, 1, "comment.rejected", reason="insult", text="Bitte <sachlich>.")
    page = page_of(alice)

    days = re.findall(r'<h2 class="told-day".*?>([^<]+)</time>', page)
    assert days == ["28. November 2026", "27. November 2026"]
    rows = re.findall(r'<li( class="is-unread")?>\s*<p>(.*?)</li>', page, re.DOTALL)
    assert [bool(mark) for mark, _row in rows] == [True, False]
    assert "neu</span>" in rows[0][1]
    assert "Ihr Kommentar wurde nicht veröffentlicht. Grund: Beleidigung" in rows[0][1]
    assert "Bitte &lt;sachlich&gt;." in rows[0][1]
    assert 'href="/chats/0/"' in rows[1][1]
    assert "neu</span>" not in rows[1][1]


def test_without_scripts_a_button_says_that_everything_was_read(alice):
    ids = told(alice, 31)
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    page = client.get(PAGE).text
    older = re.search(r'rel="next"\s+href="([^"]+)"', page)[1].replace("&amp;", "&")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    assert "Thema 0" in client.get(older).text
    for upto in ("", "x", "9" * 30):
        assert client.post(PAGE, {"upto": upto, "csrfmiddlewaretoken": token}).status_code == 302
    assert Notification.objects.filter(read_at=None).count() == 31
    assert f'value="{ids[-1]}">Alle als gelesen' in page
    answer = client.post(PAGE, {"upto": ids[-1], "csrfmiddlewaretoken": token})
    assert answer["Location"] == PAGE
    page = client.get(PAGE).text
    assert "is-unread" not in page
    assert "Alle als gelesen" not in page
    assert client.get(f"{PAGE}?cursor=x").status_code == 400


def test_the_bell_counts_what_is_unread_in_its_name_too_and_only_for_those_logged_in(alice, bob):
    assert "newsroom-bell" not in Client().get("/").text
    assert bell(page_of(alice, "/")) == ("0", "Benachrichtigungen")
    assert "Noch nichts." in page_of(alice)
    told(alice, 2)
    told(bob, 1)
    assert bell(page_of(alice, "/")) == ("2", "Benachrichtigungen, 2 ungelesen")
    told(alice, 130)
    assert bell(page_of(alice, "/")) == ("99+", "Benachrichtigungen, mehr als 99 ungelesen")
    assert bell(page_of(bob, PAGE)) == ("1", "Benachrichtigungen, 1 ungelesen")


def test_a_line_about_what_was_retracted_leads_to_the_page_that_says_so(alice, eddy, article):
    told = {"title": article.headline, "url": article.get_absolute_url()}
    tell(alice, "article.corrected", f"article.{article.pk}", **told)
    desk.retract_article(article.pk, actor=eddy, note="Die Fähre gibt es nicht.")
    page = page_of(alice)

    address = re.search(r'<a href="([^"]+)" dir="auto">Korrigiert: ', page)[1]
    assert Client().get(address).status_code == 410
