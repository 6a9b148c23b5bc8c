"""Switches by hand: with an end and a sentence, for those who run discussions; and whom they hold and slow."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from comments import actions
from comments.actions.discussions import turn_due_discussions
from comments.actions.times import end_slow_modes
from comments.errors import DiscussionClosed, SlowMode
from comments.models import Discussion
from newsroom.api.renderers import iso
from tests.comments.test_admin import DISCUSSIONS, enter, tick
from tests.comments.tools import events, kinds

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("switch", "status"), [("premoderated", 202), ("closed", 403)])
def test_a_switch_by_hand_ends_when_it_was_said(api, alice, bob, mo, discussion, switch, status):
    address, wish = f"/api/v1/discussions/{discussion.pk}/", {"text": "Darf ich?"}
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        body = {"switch": switch, "until": iso(start + 2 * HOUR), "reason": "Es ging hoch her."}
        shown = api(mo).patch(address, body)
        assert (shown.status_code, shown.json()["state"], shown.json()["reason"]) == (200, switch, body["reason"])
        assert shown.json()["next_change"] == body["until"]
        assert api(alice).post(f"{address}comments/", wish).status_code == status

        clock.shift(3 * HOUR)
        assert turn_due_discussions() == 1

        after = api().get(address).json()
        assert (after["state"], after["reason"]) == ("open", "")
        assert api(bob).post(f"{address}comments/", wish).status_code == 201
    assert kinds(discussion.stream)[-2:] == ["discussion.opened", "comment.posted"]
    assert Discussion.objects.get(pk=discussion.pk).switch == "auto"


def test_one_that_is_closed_until_then_says_when_it_opens(alice, mo, discussion):
    until = (timezone.now() + HOUR).replace(microsecond=0)
    actions.close_discussion(discussion.pk, actor=mo, until=until)

    with pytest.raises(DiscussionClosed) as refused:
        actions.post(discussion.pk, author=alice, text="Darf ich?")

    assert refused.value.extra["opens_at"] == iso(until)
    assert 0 < refused.value.extra["retry_after"] <= 3600


def test_slow_mode_ends_when_it_was_said(api, client, alice, mo, discussion):
    address, wish = f"/api/v1/discussions/{discussion.pk}/", {"text": "Darf ich?"}
    start = timezone.now().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        body = {"slow_mode_seconds": 600, "slow_mode_until": iso(start + HOUR)}
        shown = api(mo).patch(address, body)
        assert shown.status_code == 200
        assert {name: shown.json()[name] for name in body} == body
        assert api(alice).post(f"{address}comments/", wish).status_code == 201
        clock.shift(timedelta(minutes=5))
        assert api(alice).post(f"{address}comments/", {"text": "Noch einmal"}).status_code == 429
        clock.move_to(start + HOUR - timedelta(minutes=1))
        assert api(alice).post(f"{address}comments/", {"text": "Vor dem Ende"}).status_code == 201
        assert end_slow_modes() == 0

        clock.shift(timedelta(minutes=2))
        assert [end_slow_modes(), end_slow_modes()] == [1, 0]

        assert kinds(discussion.stream).count("discussion.slow") == 2
        assert kinds(discussion.stream)[-1] == "discussion.slow"
        assert events(discussion.stream)[-1]["data"]["slow_mode_seconds"] == 0
        after = api().get(address).json()
        assert (after["slow_mode_seconds"], after["slow_mode_until"], after["state"]) == (0, None, "open")
        assert api(alice).post(f"{address}comments/", {"text": "Danach"}).status_code == 201
        client.force_login(alice)
        assert 'data-slow="0"' in client.get(discussion.get_absolute_url()).text


def test_a_new_slow_mode_has_no_end_of_an_old_one_and_a_new_end_is_told(mo, discussion):
    until = timezone.now() + HOUR
    actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=30, slow_mode_until=until)
    actions.change_discussion(discussion.pk, actor=mo, slow_mode_until=until + HOUR)
    assert kinds(discussion.stream) == ["discussion.slow"] * 2

    actions.change_discussion(discussion.pk, actor=mo, slow_mode_seconds=60)

    assert Discussion.objects.get(pk=discussion.pk).slow_mode_until is None


@pytest.mark.parametrize("moment", ["2027-03-28T02:30:00", "2027-10-31T02:30:00"])
def test_an_end_at_a_local_time_that_is_none_or_two_is_refused(api, mo, discussion, moment):
    address = f"/api/v1/discussions/{discussion.pk}/"
    with time_machine.travel("2027-03-01T12:00:00Z", tick=False):
        answer = api(mo).patch(address, {"switch": "closed", "until": moment})
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["until"])

        assert api(mo).patch(address, {"switch": "closed", "until": f"{moment}+01:00"}).status_code == 200


def test_a_new_switch_has_no_end_of_an_old_one(mo, discussion):
    actions.close_discussion(discussion.pk, actor=mo, until=timezone.now() + HOUR)

    actions.open_discussion(discussion.pk, actor=mo)

    assert Discussion.objects.get(pk=discussion.pk).until is None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"switch": "closed", "until": "2001-01-01T00:00:00Z"}, "until"),
        ({"switch": "auto", "until": "2999-01-01T00:00:00Z"}, "until"),
        ({"switch": "ajar"}, "switch"),
        ({"slow_mode_seconds": -1}, "slow_mode_seconds"),
        ({"slow_mode_seconds": 30, "slow_mode_until": "2001-01-01T00:00:00Z"}, "slow_mode_until"),
        ({"slow_mode_until": "2999-01-01T00:00:00Z"}, "slow_mode_until"),
        ({"slow_mode_seconds": 0, "slow_mode_until": "2999-01-01T00:00:00Z"}, "slow_mode_until"),
        ({"reason": "x" * 201}, "reason"),
    ],
)
def test_a_switch_that_makes_no_sense_is_refused_by_field(api, mo, discussion, body, field):
    answer = api(mo).patch(f"/api/v1/discussions/{discussion.pk}/", body)

    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    assert kinds(discussion.stream) == []


def test_those_who_run_discussions_switch_them_and_nobody_else(api, alice, jo, mo, eddy, discussion):
    address = f"/api/v1/discussions/{discussion.pk}/"
    assert api().patch(address, {"switch": "closed"}).status_code == 401
    for who in (alice, jo):
        assert api(who).patch(address, {"switch": "closed"}).status_code == 403
    for who in (mo, eddy):
        assert api(who).patch(address, {"switch": "closed"}).status_code == 200


def test_editors_switch_by_the_form_what_they_may_switch(eddy, discussion):
    until = timezone.localtime() + 2 * HOUR
    client, address = enter(eddy), reverse("admin:comments_discussion_change", args=[discussion.pk])
    form = {"title": discussion.title, "switch": "premoderated", "reason": "Wahlabend", "slow_mode_seconds": 0}
    end = {"until_0": until.date().isoformat(), "until_1": until.strftime("%H:%M:00")}

    answer = client.post(address, form | end)

    assert answer.status_code == 302, answer.context["errors"]
    discussion.refresh_from_db()
    assert (discussion.switch, discussion.reason) == ("premoderated", "Wahlabend")
    assert discussion.until == until.replace(second=0, microsecond=0)
    tick(client, DISCUSSIONS, "close", discussion.pk)
    assert Discussion.objects.get(pk=discussion.pk).switch == "closed"


def test_readers_see_why_everything_is_read_first(client, alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True, reason="Es ging hoch her.")
    client.force_login(alice)

    page = client.get(discussion.get_absolute_url()).text

    assert "Es ging hoch her." in page.partition("data-premoderated")[2].partition("</p>")[0]


@pytest.mark.parametrize("who", ["alice", "jo", "mo", "eddy", "ada"])
def test_who_works_here_is_neither_held_nor_slowed(request, mo, discussion, chat, who):
    person = request.getfixturevalue(who)
    is_reader = who == "alice"
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    actions.change_discussion(chat.pk, actor=mo, slow_mode_seconds=600)

    said = actions.post(discussion.pk, author=person, text="Zur Sache")
    actions.post(chat.pk, author=person, text="Eins")

    assert said.status == (202 if is_reader else 201)
    if is_reader:
        with pytest.raises(SlowMode):
            actions.post(chat.pk, author=person, text="Zwei")
    else:
        actions.post(chat.pk, author=person, text="Zwei")


@pytest.mark.parametrize(("who", "seconds"), [("bob", "600"), ("eddy", "0")])
def test_the_composer_pauses_those_who_are_slowed(request, client, mo, chat, who, seconds):
    actions.change_discussion(chat.pk, actor=mo, slow_mode_seconds=600)
    client.force_login(request.getfixturevalue(who))

    assert f'data-slow="{seconds}"' in client.get(chat.get_absolute_url()).text
