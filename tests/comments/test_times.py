"""What changes discussions by themselves: opening hours, their article's publication, how fast people write."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from articles import actions as article_actions
from comments import actions
from comments.actions.discussions import turn_due_discussions
from comments.actions.times import turn_slow_modes
from comments.actions.upkeep import announce_activity
from comments.errors import DiscussionClosed, SlowMode
from comments.events import discussion_rebuilt
from comments.models import Discussion, OpeningHours
from newsroom.errors import Forbidden, Invalid
from tests.comments.test_admin import enter
from tests.comments.tools import events, kinds, page, url

NIGHT = "daily 23:00-07:00 closed\nsat,sun 00:00-24:00 premoderated"
BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 11, 23, 22, 30, tzinfo=BERLIN)  # a Monday


@pytest.fixture(autouse=True)
def _noon():
    """The cast comes at noon of that Monday: what is not published yet has no hours either."""
    with time_machine.travel(EVENING - timedelta(hours=10, minutes=30)):
        yield


@pytest.fixture
def open_ended(discussion, mo):
    actions.change_discussion(discussion.pk, actor=mo, closes_at=None)
    return discussion


@pytest.fixture
def nights(open_ended, section, mo):
    return actions.set_hours(actor=mo, name="Nachts", section=section, zone="Europe/Berlin", rules=NIGHT)


def test_at_night_it_is_closed_and_says_until_when(api, alice, nights, discussion):
    with time_machine.travel(EVENING, tick=False) as clock:
        assert api(alice).post(url(discussion), {"text": "Noch wach"}).status_code == 201
        turn_due_discussions()
        clock.move_to(EVENING + timedelta(minutes=30))
        refused = api(alice).post(url(discussion), {"text": "Zu spät"})
        detail = page(api(), f"/api/v1/discussions/{discussion.pk}/")

        assert (refused.status_code, refused.json()["code"]) == (403, "discussion_closed")
        assert refused.json()["opens_at"] == "2026-11-24T06:00:00Z"
        assert refused.json()["retry_after"] == int(refused["Retry-After"]) == 8 * 3600
        assert (detail["state"], detail["reason"], detail["next_change"]) == (
            "closed",
            "hours",
            "2026-11-24T06:00:00Z",
        )
        assert detail["opens_at"] == "2026-11-24T06:00:00Z"
        assert page(api(alice), f"/api/v1/discussions/{discussion.pk}/mine/")["standing"]["code"] == "discussion_closed"
        clock.move_to(EVENING + timedelta(hours=8, minutes=30))
        assert api(alice).post(url(discussion), {"text": "Guten Morgen"}).status_code == 201


def test_at_weekends_comments_wait(api, alice, nights, discussion):
    with time_machine.travel(datetime(2026, 11, 21, 12, tzinfo=BERLIN), tick=False):
        assert api(alice).post(url(discussion), {"text": "Am Samstag"}).status_code == 202


def test_open_pages_hear_of_it_at_the_moment(nights, discussion):
    with time_machine.travel(EVENING, tick=False) as clock:
        turn_due_discussions()
        before = len(kinds(discussion.stream))
        clock.move_to(EVENING + timedelta(minutes=30))
        assert [turn_due_discussions(), turn_due_discussions()] == [1, 0]
        clock.move_to(EVENING + timedelta(hours=8, minutes=30))
        assert [turn_due_discussions(), turn_due_discussions()] == [1, 0]
    assert kinds(discussion.stream)[before:] == ["discussion.closed", "discussion.opened"]
    assert events(discussion.stream)[before]["data"]["opens_at"] == "2026-11-24T06:00:00Z"


def test_the_window_and_the_switch_are_stronger(alice, mo, nights, discussion):
    night = EVENING + timedelta(hours=2)
    actions.change_discussion(discussion.pk, actor=mo, closes_at=night + timedelta(hours=1))
    discussion.refresh_from_db()
    assert discussion.opens_next(night) is None  # its time is over before the night is
    actions.open_discussion(discussion.pk, actor=mo)
    with time_machine.travel(night, tick=False):
        assert actions.post(discussion.pk, author=alice, text="Sondersendung").status == 201


def test_hours_are_for_those_who_run_discussions_and_well_formed(alice, mo, section, discussion, nights):
    with pytest.raises(Forbidden):
        actions.set_hours(nights.pk, actor=alice, rules=NIGHT)
    for wrong in ({"zone": "Europe/Atlantis"}, {"rules": "nightly"}, {"rules": " "}, {"name": ""}):
        with pytest.raises(Invalid):
            actions.set_hours(nights.pk, actor=mo, **wrong)
    with pytest.raises(Invalid):
        actions.set_hours(actor=mo, name="Noch welche", section=section, zone="Europe/Berlin", rules=NIGHT)
    assert actions.set_hours(nights.pk, actor=mo, rules="mon 08:00-09:00 closed").rules == "mon 08:00-09:00 closed"


def test_hours_that_go_leave_discussions_open(alice, mo, nights, discussion):
    actions.drop_hours(nights.pk, actor=mo)

    with time_machine.travel(EVENING + timedelta(hours=1), tick=False):
        assert actions.post(discussion.pk, author=alice, text="Noch da").status == 201


def test_moderators_delete_hours_in_the_admin(jo, mo, nights, discussion):
    address = reverse("admin:comments_openinghours_delete", args=[nights.pk])

    assert enter(jo).post(address, {"post": "yes"}).status_code == 403
    assert OpeningHours.objects.filter(pk=nights.pk).exists()
    assert enter(mo).post(address, {"post": "yes"}).status_code == 302

    assert not OpeningHours.objects.filter(pk=nights.pk).exists()
    assert AuditEntry.objects.get(deed="hours.dropped").actor == mo


def test_new_threads_keep_their_sections_hours_and_chats_may(mo, eddy, article, nights, section, chat):
    drafted = article_actions.draft_article(actor=eddy, section=section, headline="Noch eine Fähre", body="Ja.")
    published = article_actions.publish_article(drafted.pk, actor=eddy)

    assert actions.discussion_of(published).hours == nights
    assert actions.change_discussion(chat.pk, actor=mo, hours=nights).state_at(EVENING + timedelta(hours=1)) == "closed"


def test_the_window_follows_the_publication(eddy, mo, alice, article, discussion):
    moved = timezone.now() - timedelta(days=30)
    article_actions.correct_article(article.pk, actor=eddy, published_at=moved)

    discussion.refresh_from_db()
    assert discussion.closes_at == moved + timedelta(days=14)
    assert kinds(discussion.stream)[-1] == "discussion.closed"
    with pytest.raises(DiscussionClosed):
        actions.post(discussion.pk, author=alice, text="Zu spät")
    article_actions.correct_article(article.pk, actor=eddy, published_at=timezone.now() - timedelta(days=1))
    assert actions.post(discussion.pk, author=alice, text="Wieder offen").status == 201
    with pytest.raises(Invalid):
        article_actions.correct_article(article.pk, actor=eddy, published_at=timezone.now() + timedelta(days=1))


def test_the_title_follows_the_headline(eddy, mo, alice, article, discussion, client):
    actions.close_discussion(discussion.pk, actor=mo)
    actions.open_discussion(discussion.pk, actor=mo)
    actions.post(discussion.pk, author=alice, text="Wer ist gemeint?")
    announce_activity()
    former = article.headline
    assert former in client.get("/chats/").content.decode()
    assert all(former in str(events(stream)) for stream in (discussion.stream, "chats"))

    article_actions.correct_article(article.pk, actor=eddy, headline="Niemand ist gemeint")

    for place in ("/chats/", "/", "/api/v1/discussions/", f"/api/v1/discussions/{discussion.pk}/"):
        shown = client.get(place).content.decode()
        assert ("Niemand ist gemeint" in shown, former in shown) == (True, False), place
    with time_machine.travel(timezone.now() + timedelta(seconds=2)):
        announce_activity()
    for stream in (discussion.stream, "chats"):
        said = str(events(stream))
        assert ("Niemand ist gemeint" in said, former in said) == (True, False), stream


def test_who_has_not_heard_of_an_import_hears_of_it_though_the_title_has_changed_since(eddy, article, discussion):
    with transaction.atomic():
        discussion_rebuilt(discussion)
    assert kinds(discussion.stream)[-1] == "discussion.rebuilt"

    article_actions.correct_article(article.pk, actor=eddy, headline="Niemand ist gemeint")

    assert kinds(discussion.stream)[-3:] == ["void", "discussion.opened", "discussion.rebuilt"]


def test_a_title_of_its_own_stays(eddy, mo, article, discussion):
    actions.change_discussion(discussion.pk, actor=mo, title="Sprechstunde mit dem Fährmann")

    article_actions.correct_article(article.pk, actor=eddy, headline="Fähre fährt wieder, zweite Fassung")

    assert Discussion.objects.get(pk=discussion.pk).title == "Sprechstunde mit dem Fährmann"


def test_a_time_set_by_hand_stays(eddy, mo, article, discussion):
    by_hand = timezone.now() + timedelta(days=3)
    actions.change_discussion(discussion.pk, actor=mo, closes_at=by_hand)

    article_actions.correct_article(article.pk, actor=eddy, published_at=timezone.now() - timedelta(days=30))

    assert Discussion.objects.get(pk=discussion.pk).closes_at == by_hand


def test_where_many_write_it_slows_down_and_speeds_up_again(alice, bob, mo, chat, settings):
    settings.SLOW_MODE_RATE, settings.SLOW_MODE_SECONDS = "4/m", 20
    for number in range(4):
        actions.post(chat.pk, author=alice, text=f"Nr. {number}")
    assert turn_slow_modes() == 0
    actions.post(chat.pk, author=alice, text="Nr. 5")

    assert [turn_slow_modes(), turn_slow_modes()] == [1, 0]
    with pytest.raises(SlowMode) as refused:
        actions.post(chat.pk, author=alice, text="Nr. 6")
    assert 0 < refused.value.extra["retry_after"] <= 20
    assert actions.post(chat.pk, author=bob, text="Meine erste").status == 201
    assert events(chat.stream)[-2]["data"]["slow_mode_seconds"] == 20

    with time_machine.travel(timezone.now() + timedelta(seconds=70), tick=False):
        assert [turn_slow_modes(), turn_slow_modes()] == [1, 0]
        assert actions.post(chat.pk, author=alice, text="Nr. 7").status == 201
    assert events(chat.stream)[-2]["data"]["slow_mode_seconds"] == 0


def test_what_was_set_by_hand_outlasts_the_rush(alice, mo, chat, settings):
    settings.SLOW_MODE_RATE, settings.SLOW_MODE_SECONDS = "1/m", 20
    actions.change_discussion(chat.pk, actor=mo, slow_mode_seconds=60)
    for who in (alice, mo):
        actions.post(chat.pk, author=who, text=f"Von {who.name}")

    turn_slow_modes()

    chat.refresh_from_db()
    assert (chat.rate_slow_seconds, chat.slow_seconds) == (20, 60)
    assert kinds(chat.stream).count("discussion.slow") == 1
    settings.SLOW_MODE_RATE = ""
    assert turn_slow_modes() == 0
