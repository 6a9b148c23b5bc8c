"""Some decisions are judged once more, by somebody who does not know what was decided."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.utils import timezone

from accounts.duties import Duties
from accounts.models import AuditEntry
from comments import actions
from comments.models import Case, Comment, Decision, SecondLook
from newsroom.errors import Refused
from newsroom.live.models import Event
from tests.comments.tools import in_parallel, page

LOOKS, PAGE = "/api/v1/moderation/second/", "/moderation/second/"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TEXT = "Ein Satz, über den man streiten kann"


@pytest.fixture(autouse=True)
def _all(settings):
    settings.SECOND_LOOK_PERCENT = 100


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def mona(person):
    return person("Mona", "moderator")


@pytest.fixture
def wait(discussion, alice, mo):
    def hold(text=TEXT, **more):
        actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
        held = actions.post(discussion.pk, author=alice, text=text, **more).comment
        actions.open_discussion(discussion.pk, actor=mo)
        return held

    return hold


@pytest.fixture
def rejected(clock, wait, mo) -> Comment:
    """By Mo, so that it waits for a second look."""
    held = wait()
    actions.reject(held.pk, actor=mo, reason="insult", note="Schon wieder")
    clock.shift(timedelta(seconds=61))
    return held


def waiting(client) -> list:
    return page(client, LOOKS)["results"]


def judge(client, look, verdict="stand", **more):
    return client.post(f"{LOOKS}{look}/", {"verdict": verdict, **more})


def test_a_decision_waits_for_another_moderator_once_it_cannot_be_undone(api, clock, wait, mo, mona):
    actions.approve(wait().pk, actor=mo)
    assert waiting(api(mona)) == []

    clock.shift(timedelta(seconds=61))

    assert [each["text"] for each in waiting(api(mona))] == [TEXT]
    assert waiting(api(mo)) == []


def test_nothing_tells_what_was_decided(settings, api, client, clock, wait, mo, mona, bob):
    """Answer and page are the same, whatever it was, and no stream tells of it."""
    settings.REPORTS_AFTER_APPROVAL = 1
    shown = []
    for deed in ("approve", "reject", "remove", "keep", "restore"):
        said = f"{TEXT}, zum Beispiel über {deed}"  # nobody says the same twice
        held = wait(said) if deed in {"approve", "reject"} else _public(wait(said), mo, bob, deed)
        SecondLook.objects.all().delete()
        actions.decide(held.pk, deed, actor=mo, reason="insult", note="Ein Vermerk")
        told = Event.objects.count()
        clock.shift(timedelta(seconds=61))
        client.force_login(mona)
        (look,) = waiting(api(mona))
        page_of_it = unescape(client.get(PAGE).content.decode())
        main = page_of_it[page_of_it.index("<main") : page_of_it.index("</main>")]
        main = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", main)
        alike = {name: value.replace(said, TEXT) if isinstance(value, str) else value for name, value in look.items()}
        shown.append((alike | {"id": 0}, re.sub(rf'(look-|value="){look["id"]}\b', r"\1", main.replace(said, TEXT))))
        assert Event.objects.count() == told
        Comment.objects.filter(pk=held.pk).update(edited_at=timezone.now())  # so it is judged no more

    assert set(shown[0][0]) == {"id", "text", "html", "title", "section", "answers"}
    assert shown[0][0]["text"] == TEXT
    assert TEXT in shown[0][1]
    assert "Ein Vermerk" not in shown[0][1]
    assert all(each == shown[0] for each in shown)


def _public(held, mo, bob, deed) -> Comment:
    actions.approve(held.pk, actor=mo)
    if deed == "keep":
        actions.report(held.pk, actor=bob, reason="spam")
    if deed == "restore":
        actions.remove(held.pk, actor=mo, reason="spam")
    return held


def test_a_judgement_changes_nothing_and_does_not_say_whether_it_agrees(api, rejected, mona):
    (look,) = waiting(api(mona))
    rows = [list(model.objects.order_by("pk").values()) for model in (Comment, Decision, Case, AuditEntry, Event)]

    alike, other = (judge(api(mona), look["id"], *said) for said in (("stand",), ("stand",)))

    assert (alike.status_code, alike.json()) == (200, {"id": look["id"], "verdict": "stand", "reason": ""})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    assert rows == [list(each.objects.order_by("pk").values()) for each in (Comment, Decision, Case, AuditEntry, Event)]
    judged = SecondLook.objects.get()
    assert (judged.moderator, judged.agrees) == (mona, False)
    assert waiting(api(mona)) == []


@pytest.mark.parametrize(
    ("said", "fields"),
    [
        ({"verdict": "down"}, ["reason"]),
        ({"verdict": "x"}, ["verdict"]),
        ({"verdict": "down", "reason": "x"}, ["reason"]),
    ],
)
def test_a_judgement_is_complete(api, rejected, mona, said, fields):
    (look,) = waiting(api(mona))
    refused = api(mona).post(f"{LOOKS}{look['id']}/", said)
    assert (refused.status_code, list(refused.json()["errors"])) == (422, fields)


def test_it_is_judged_on_the_page_too(client, rejected, mona):
    client.force_login(mona)
    look = SecondLook.objects.get().pk

    refused = client.post(PAGE, {"look": look, "verdict": "down"})
    assert (refused.status_code, "-reason-error" in refused.content.decode()) == (422, True)
    done = client.post(PAGE, {"look": look, "verdict": "down", "reason": "insult"}, follow=True)

    assert "Ihr Urteil ist notiert." in done.content.decode()
    assert SecondLook.objects.get().agrees is True
    again = client.post(PAGE, {"look": look, "verdict": "down", "reason": "insult"}, follow=True)
    assert "kein zweiter Blick mehr" in again.content.decode()
    assert client.post(PAGE, {"look": "x", "verdict": "stand"}).status_code == 302


def test_whoever_has_decided_before_knows_too_much(api, clock, wait, mo, mona, person):
    held = wait()
    actions.approve(held.pk, actor=mona)
    actions.remove(held.pk, actor=mo, reason="insult")
    clock.shift(timedelta(seconds=61))

    assert (waiting(api(mona)), waiting(api(mo))) == ([], [])
    look = SecondLook.objects.latest("id").pk
    assert judge(api(mona), look).status_code == judge(api(mo), look).status_code == 404
    assert len(waiting(api(person("Marie", "moderator")))) == 1


def test_its_author_does_not_judge_it(api, clock, discussion, mo, mona):
    own = actions.post(discussion.pk, author=mona, text=TEXT).comment
    Comment.objects.filter(pk=own.pk).update(state="held", published_at=None, order=None)
    SecondLook.objects.create(
        decision=Decision.objects.create(comment=own, moderator=mo, action="reject", reason="spam"),
        opens_at=timezone.now(),
    )
    Comment.objects.filter(pk=own.pk).update(state="rejected")

    assert waiting(api(mona)) == []


@pytest.mark.parametrize("what", ["undone", "overturned", "edited", "withdrawn", "bulk", "of a rule", "old"])
def test_what_does_not_stand_is_not_judged(api, clock, wait, alice, mo, mona, person, what):
    held = wait()
    if what == "of a rule":
        SecondLook.objects.all().delete()
        actions.take_down(held.pk, rule="imported", note="")
    else:
        job = actions.start_bulk([(held.pk, held.public_version)], "approve", actor=mo) if what == "bulk" else None
        ruling = job or actions.approve(held.pk, actor=mo).ruling
    if what == "undone":
        actions.undo_decision(ruling.pk, actor=mo)
    if what == "overturned":
        actions.remove(held.pk, actor=person("Marie", "moderator"), reason="spam")
        SecondLook.objects.exclude(decision=ruling).delete()
    if what == "edited":
        clock.shift(timedelta(seconds=1))
        actions.edit(held.pk, actor=alice, text="Etwas anderes")
    if what == "withdrawn":
        actions.withdraw(held.pk, actor=alice)
    clock.shift(timedelta(days=15) if what == "old" else timedelta(seconds=61))

    assert waiting(api(mona)) == []


def test_a_share_of_all_decisions_is_chosen(settings, wait, mo):
    settings.SECOND_LOOK_PERCENT = 0
    for number in range(5):
        actions.approve(wait(f"Nummer {number}").pk, actor=mo)
    assert not SecondLook.objects.exists()


def test_a_moderator_of_one_section_judges_there_alone(api, rejected, person, section):
    other = type(section).objects.create(name="Sport", slug="sport")
    sina = person("Sina")
    for at, found in ((section, 1), (other, 0)):
        sina.give(Duties.of([("moderate", at.pk)]))
        sina.save()
        assert len(waiting(api(sina))) == found
    look = SecondLook.objects.get().pk
    assert judge(api(sina), look).status_code in {403, 404}


def test_how_often_people_agree_and_where_they_do_not(api, client, clock, wait, mo, mona, person, section):
    for number, (deed, verdict) in enumerate([("reject", "down"), ("reject", "stand"), ("approve", "stand")]):
        actions.decide(wait(f"{TEXT} {number}").pk, deed, actor=mo, reason="insult")
        clock.shift(timedelta(seconds=61))
        (look,) = waiting(api(mona))
        assert judge(api(mona), look["id"], verdict, reason="insult").status_code == 200

    found = page(api(mona), f"{LOOKS}agreement/")
    assert found == {
        "by_reason": [{"reason": "insult", "looked": 2, "agreed": 1}, {"reason": "", "looked": 1, "agreed": 1}],
        "by_rule": [{"rule": "premoderated", "looked": 3, "agreed": 2}],
    }
    (other,) = page(api(mo), f"{LOOKS}disagreements/")["results"]
    assert other["first"] == {"by": "Mo", "action": "reject", "reason": "insult"}
    assert other["second"] == {"by": "Mona", "verdict": "stand", "reason": ""}
    assert page(api(mo), f"{LOOKS}agreement/", to="2026-03-09") == {"by_reason": [], "by_rule": []}

    client.force_login(mo)
    assert "Nicht gleich beurteilt" in client.get("/moderation/statistics/").content.decode()
    sina = person("Sina")
    sina.give(Duties.of([("moderate", section.pk)]))
    sina.save()
    client.force_login(sina)
    shown = client.get("/moderation/statistics/").content.decode()
    assert "second-look" in shown
    assert "Nicht gleich beurteilt" not in shown
    assert api(sina).get(f"{LOOKS}disagreements/").status_code == 403


def test_of_two_who_judge_at_once_one_is_first(rejected, mona, person, many_connections):
    others = [mona, person("Marie", "moderator")]
    look = SecondLook.objects.get().pk

    def try_it(number: int) -> str:
        try:
            return actions.judge_again(look, "stand", actor=others[number]).verdict
        except Refused as refused:
            return refused.code

    assert sorted(in_parallel(2, try_it)) == ["conflict", "stand"]


def test_the_tab_says_how_many_wait_for_whom(client, rejected, mo, mona):
    for who, number in ((mona, "1"), (mo, "0")):
        client.force_login(who)
        tab = client.get("/moderation/queue/").content.decode().partition('href="/moderation/second/"')[2]
        assert re.search(r'class="badge">(\d+)<', tab.partition("</a>")[0])[1] == number
