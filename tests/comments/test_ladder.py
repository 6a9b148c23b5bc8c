"""What the ladder proposes, and the sheet by which a moderator restricts a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.utils import timezone
from django.utils.translation import override

from accounts.access import sentence_of
from accounts.duties import Duties
from accounts.models import Sanction, User
from comments import actions
from comments.ladder import WINDOW, Offence, proposals

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SHEET = {"deed": "bar", "scope": "chat", "length": "7", "reason": "insult", "note": "Zum dritten Mal"}


def offences(number: int, reason: str = "insult", **more) -> list[Offence]:
    return [Offence(reason, NOW - timedelta(days=day), **more) for day in range(number)]


@pytest.mark.parametrize(("number", "days"), [(1, 0), (2, 1), (3, 7), (4, 30), (5, None), (50, None)])
def test_each_offence_goes_a_step_up(number, days):
    (found,) = proposals(offences(number), NOW)

    assert (found.reason, found.count, found.overturned, found.days) == ("insult", number, 0, days)
    assert (found.is_warning, found.is_for_good) == (number == 1, days is None)


def test_what_was_overturned_or_is_long_ago_does_not_count():
    old = [Offence("insult", NOW - WINDOW - timedelta(seconds=1))] * 5
    (found,) = proposals([*offences(2), *offences(3, is_overturned=True), *old], NOW)

    assert (found.count, found.overturned, found.days) == (2, 3, 1)
    assert proposals([*offences(3, is_overturned=True), *old], NOW) == []
    assert proposals([], NOW) == []


def test_reasons_are_apart_and_the_most_severe_comes_first():
    found = proposals([*offences(1, "spam"), *offences(3), *offences(1, "hate")], NOW)

    assert [(each.reason, each.days) for each in found] == [("insult", 7), ("hate", 0), ("spam", 0)]


@pytest.fixture
def offend(alice, mo, discussion):
    def offend(reason="insult"):
        said = actions.post(discussion.pk, author=alice, text=f"Nummer {timezone.now().timestamp()}.").comment
        actions.remove(said.pk, actor=mo, reason=reason)
        return said

    return offend


@pytest.fixture
def sheet(client, alice, mo):
    client.force_login(mo)

    def send(follow=True, **more):
        return client.post(f"/moderation/people/{alice.pk}/", SHEET | more, follow=follow)

    return send


def test_a_persons_record_proposes_what_decisions_say(api, client, alice, mo, offend):
    for _time in range(3):
        offend()
    back = offend()
    actions.restore(back.pk, actor=mo)
    slip = offend("spam")
    actions.undo_decision(slip.decisions.get().pk, actor=mo)
    client.force_login(mo)

    (proposed,) = api(mo).get(f"/api/v1/moderation/people/{alice.pk}/").json()["proposals"]

    assert proposed == {"reason": "insult", "count": 3, "overturned": 1, "measure": "days", "days": 7}
    page = unescape(client.get(f"/moderation/people/{alice.pk}/").text)
    assert "7 Tage – Beleidigung: 3 Verstöße in 90 Tagen, 1 aufgehoben" in page


def test_a_comment_that_was_decided_about_twice_is_one_offence(api, alice, mo, offend):
    said = offend()
    actions.restore(said.pk, actor=mo)
    actions.remove(said.pk, actor=mo, reason="hate")

    (proposed,) = api(mo).get(f"/api/v1/moderation/people/{alice.pk}/").json()["proposals"]

    assert (proposed["reason"], proposed["count"], proposed["measure"]) == ("hate", 1, "warning")


def test_nothing_is_chosen_before_a_moderator_chooses(client, alice, mo, offend):
    offend()
    client.force_login(mo)
    page = client.get(f"/moderation/people/{alice.pk}/").text
    form = page[page.index('id="bar"') : page.index("</details>", page.index('id="bar"'))]

    assert "checked" not in form
    assert "selected" not in form
    assert form.count('name="length"') == 6


@pytest.mark.parametrize(("length", "days"), [("1", 1), ("3", 3), ("7", 7), ("30", 30), ("good", None)])
def test_each_chip_restricts_for_so_long(sheet, alice, mo, section, length, days):
    begun = timezone.now()
    answer = sheet(length=length, section=section.slug)

    assert answer.redirect_chain
    made = Sanction.objects.get()
    assert (made.user, made.scope, made.section, made.reason) == (alice, "chat", section.pk, "insult")
    assert (made.note, made.imposed_by) == ("Zum dritten Mal", mo)
    if days is None:
        assert made.until is None
    else:
        assert timedelta(0) <= made.until - begun - timedelta(days=days) < timedelta(minutes=5)


def test_a_date_is_its_last_day(sheet):
    day = (timezone.localtime() + timedelta(days=10)).date()
    sheet(length="date", date=day.isoformat())

    end = timezone.localtime(Sanction.objects.get().until)
    assert (end.date(), end.hour, end.minute) == (day + timedelta(days=1), 0, 0)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        *(("scope", ""), ("scope", "nonsense"), ("length", ""), ("length", "2"), ("reason", ""), ("reason", "x")),
        *(("section", "nirgends"), ("note", "x" * 2001), ("date", "unsinnig"), ("date", "2020-01-01")),
        *(("date", "2026-02-30"), ("date", "9999-12-31")),
    ],
)
def test_a_bad_field_is_refused_at_its_place_and_nothing_is_lost(sheet, section, name, said):
    answer = sheet(follow=False, **{name: said})

    assert answer.status_code == 422
    assert f"bar-{name}-error" in answer.text
    if name != "note":
        assert "Zum dritten Mal</textarea>" in answer.text
    assert not Sanction.objects.exists()


def test_a_moderator_sees_what_the_person_will_read_in_their_language(sheet, alice):
    User.objects.filter(pk=alice.pk).update(language="en")

    page = unescape(sheet(deed="preview", length="good").text)

    assert "Closed to you for good: Writing in chats. Reason: Insult" in page
    assert "checked" in page
    assert not Sanction.objects.exists()
    sheet(length="good")
    with override("en"):
        assert sentence_of(Sanction.objects.get()) in page


def test_a_restriction_is_ended_on_the_same_page(client, sheet, alice):
    sheet()
    made = Sanction.objects.get()
    page = client.get(f"/moderation/people/{alice.pk}/").text
    assert f'name="sanction" value="{made.pk}"' in page

    sheet(deed="lift", sanction=made.pk)

    made.refresh_from_db()
    assert made.lifted_at is not None
    again = sheet(deed="lift", sanction=made.pk, follow=False)
    assert again.status_code == 409
    assert sheet(deed="lift", sanction="unsinnig", follow=False).status_code in {404, 422}


def test_people_of_the_same_rank_cannot_be_restricted(client, mo, person):
    client.force_login(mo)
    mona = person("Mona", "moderator")

    answer = client.post(f"/moderation/people/{mona.pk}/", SHEET)

    assert answer.status_code == 403
    assert not Sanction.objects.exists()


def test_a_moderator_of_one_section_restricts_there_and_nowhere_else(client, person, alice, section):
    sina = person("Sina")
    sina.give(Duties.of([("moderate", section.pk)]))
    sina.save()
    client.force_login(sina)
    path = f"/moderation/people/{alice.pk}/"

    assert client.post(path, SHEET).status_code == 403
    assert client.post(path, SHEET | {"section": section.slug}).status_code == 302
    assert Sanction.objects.get().section == section.pk
