"""A moderator hands a case over to another one: over the API, by the form, and as the other one finds it."""

from __future__ import annotations

import re
from html import unescape

import pytest

from accounts.duties import Duties
from accounts.models import AuditEntry, Notification, User
from comments import actions
from comments.models import Case, Comment
from tests.comments.tools import events
from tests.support.forms import forms_of

pytestmark = pytest.mark.django_db
NOTE = "Das kennst du besser."


@pytest.fixture
def mona(person) -> User:
    return person("Mona", "moderator")


@pytest.fixture
def held(discussion, alice, mo) -> Comment:
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    return actions.post(discussion.pk, author=alice, text="Darf das hinein?").comment


@pytest.fixture
def case(held) -> Case:
    return Case.objects.get(comment=held)


def hand(client, case: Case, **said):
    return client.post(f"/api/v1/moderation/cases/{case.pk}/hand-over/", said)


def page(client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def test_the_other_one_is_told_and_finds_who_hands_it_over_and_why(api, client, case, mo, mona, discussion):
    actions.claim(case.pk, actor=mo)

    answer = hand(api(mo), case, to=" mona ", note=f"{NOTE}\u202e")

    assert answer.status_code == 200
    handed = answer.json()["handed"]
    assert (handed["by"]["name"], handed["to"]["name"], handed["note"]) == ("Mo", "Mona", NOTE)
    assert answer.json()["claim"] is None
    (told,) = mona.notifications.all()
    assert (told.kind, told.url, told.title) == ("case.handed", f"/moderation/cases/{case.pk}/", discussion.title)
    assert NOTE not in str(told.details)
    assert events(f"user.{mona.pk}")[-1]["data"]["kind"] == "case.handed"
    changed = [each["data"] for each in events("moderation") if each["kind"] == "case.changed"][-1]
    assert changed["handed"] == handed
    entry = AuditEntry.objects.latest("id")
    assert (entry.deed, entry.actor, entry.after["handed_to"]) == ("case.handed_over", mo, mona.pk)

    for viewer, is_passed_over in ((mo, True), (mona, False)):
        client.force_login(viewer)
        queue = page(client, "/moderation/queue/")
        assert re.search(r"<bdi>Mo</bdi> gibt das an <bdi>Mona</bdi> weiter: <q[^>]*>Das kennst du besser", queue)
        assert bool(re.search(r'class="case card"[^>]* data-handed[ >\n]', queue)) is is_passed_over
    client.force_login(mona)
    assert "Ein Fall wurde an Sie weitergegeben" in page(client, "/accounts/profile/")
    assert NOTE in page(client, told.url)
    assert actions.approve(case.comment_id, actor=mona).state == "published"


def test_the_claim_of_somebody_else_stays(case, mo, mona):
    actions.claim(case.pk, actor=mona)
    assert actions.hand_over(case.pk, actor=mo, to="Mona").claimed_by == mona


def test_only_those_take_it_who_may_decide(api, case, mo, mona, person, section, alice):
    here, elsewhere = person("Sina"), person("Kuno")
    from articles.models import Section

    other = Section.objects.create(name="Sport", slug="sport")
    for each, at in ((here, section), (elsewhere, other)):
        each.give(Duties.of([("moderate", at.pk)]))
        each.save()
    boss = person("Bo", "administrator")
    own = actions.post(case.discussion_id, author=boss, text="Von oben").comment
    actions.report(own.pk, actor=alice, reason="spam")
    theirs = Case.objects.get(comment=own)

    def refusal(which=case, by=mo, **said) -> str:
        answer = hand(api(by), which, **said)
        assert answer.status_code == 422, answer.content
        assert answer.json()["code"] == "invalid"
        return " ".join(sentence for each in answer.json()["errors"].values() for sentence in each)

    assert refusal(to="Niemand") == "Diese Person gibt es nicht."
    assert refusal(to="Mo") == "Das sind Sie selbst."
    assert refusal(to="Alice") == refusal(to="Kuno") == "Diese Person moderiert hier nicht."
    assert "auch diese person" in refusal(theirs, to="Mona").lower()
    assert "1000" in refusal(to="Mona", note="x" * 1001)
    refusal()
    assert hand(api(alice), case, to="Mona").status_code == 403
    assert hand(api(elsewhere), case, to="Mona").status_code == 404
    assert Notification.objects.filter(kind="case.handed").count() == 0
    assert hand(api(mo), case, to="Sina").status_code == 200
    actions.reject(case.comment_id, actor=mona, reason="spam")
    late = hand(api(mo), case, to="Mona")
    assert (late.status_code, late.json()["code"], late.json()["decision"]["by"]) == (409, "already_decided", "Mona")


def test_ones_own_comment_and_one_of_a_higher_rank_are_handed_over_and_not_decided(
    client, api, person, alice, mo, chat
):
    bo, mona = person("Bo", "administrator"), person("Mona", "moderator")
    for author in (mo, bo):
        said = actions.post(chat.pk, author=author, text=f"Gesagt von {author.name}").comment
        actions.report(said.pk, actor=alice, reason="spam")
    client.force_login(mo)

    queue = page(client, "/moderation/queue/")

    assert "Das ist Ihr eigener Kommentar" in queue
    assert "höheren Rang" in queue
    forms = [each for each in forms_of(queue) if each.action.startswith("/moderation/cases/")]
    assert forms == []
    own = Case.objects.get(author=mo)
    form = next(
        each for each in forms_of(page(client, f"/moderation/cases/{own.pk}/hand-over/")) if "to" in each.controls
    )
    assert {"to", "note", "next", "csrfmiddlewaretoken"} <= form.controls.keys()
    names = re.findall(r'<option value="([^"]+)">', page(client, f"/moderation/cases/{own.pk}/hand-over/"))
    assert names == ["Bo", "Mona"]
    back = "/moderation/queue/?kind=reported"
    done = client.post(
        f"/moderation/cases/{own.pk}/hand-over/", {"to": "Mona", "note": NOTE, "next": back}, follow=True
    )
    assert done.redirect_chain == [(back, 302)]
    assert "Der Fall ist an Mona weitergegeben." in unescape(done.content.decode())
    refused = client.post(f"/moderation/cases/{own.pk}/hand-over/", {"to": "Keiner", "note": NOTE})
    assert refused.status_code == 422
    assert f"{NOTE}</textarea>" in unescape(refused.content.decode())
    assert "hand-to-error" in refused.content.decode()
    assert mona.notifications.count() == 1


def test_once_it_is_decided_against_the_note_leaves_the_log(case, mo, mona):
    actions.hand_over(case.pk, actor=mo, to="Mona", note=NOTE)
    actions.reject(case.comment_id, actor=mona, reason="spam")
    assert NOTE not in str(events("moderation"))
