"""Many at once on pages, without JavaScript: ticked in the queue or all of a choice, then the job."""

from __future__ import annotations

import re
from html import unescape

import pytest

from comments import actions
from comments.actions.bulk import go_on_with_bulk
from comments.models import BulkJob, Case, Comment
from tests.support.forms import forms_of

QUEUE, BULK = "/moderation/queue/", "/moderation/bulk/"


@pytest.fixture
def held(discussion, alice, mo):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    found = [actions.post(discussion.pk, author=alice, text=f"Nummer {n} wartet").comment for n in range(3)]
    actions.open_discussion(discussion.pk, actor=mo)
    return found


@pytest.fixture
def look(client, mo):
    client.force_login(mo)

    def page(path, **asked) -> str:
        answer = client.get(path, asked)
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "private, no-store"
        return unescape(answer.content.decode())

    return page


def ticks(page: str) -> list[str]:
    return re.findall(r'<input type="checkbox" name="case" form="bulk"\s+value="([\d.]+)"', page)


def form_to_decide(page: str):
    (form,) = [each for each in forms_of(page) if each.action == BULK and each.method == "post"]
    return form


def test_ticked_cases_are_decided_in_the_version_that_the_queue_showed(client, look, held, alice, mo):
    values = ticks(look(QUEUE, kind="held"))
    assert len(values) == 3
    actions.edit(held[1].pk, actor=alice, text="Ganz anders")

    page = look(BULK, which="ticked", case=values[:2], next=f"{QUEUE}?kind=held")
    form = form_to_decide(page)
    assert "2 Kommentare werden entschieden." in page
    assert "Nummer 0 wartet" in page
    assert [value for name, value in form.buttons if name == "deed"] == ["approve", "reject", "keep", "remove"]
    refused = client.post(BULK, form.sent() | {"deed": "reject", "note": "Vermerk"})
    assert refused.status_code == 422
    assert "Vermerk</textarea>" in refused.content.decode()
    assert not BulkJob.objects.exists()
    answer = client.post(BULK, form.sent() | {"deed": "reject", "reason": "spam"}, follow=True)

    job = BulkJob.objects.get()
    assert answer.redirect_chain == [(f"{BULK}{job.pk}/", 302)]
    assert (job.done, job.why) == (1, {"precondition_failed": 1})
    assert "der Text hatte sich geändert (1)" in unescape(answer.content.decode())
    assert [Comment.objects.get(pk=each.pk).state for each in held] == ["rejected", "held", "held"]


@pytest.mark.parametrize(
    ("kind", "deeds", "buttons", "fields"),
    [
        ("held", "yes", {"approve"}, {"note"}),
        ("held", "no", {"reject"}, {"reason", "text", "note"}),
        ("", "yes", {"approve", "keep"}, {"note"}),
        ("", "no", {"reject", "remove"}, {"reason", "text", "note"}),
        ("held", "", {"approve", "reject"}, {"reason", "text", "note"}),
    ],
)
def test_the_keys_for_many_offer_one_side_alone(look, held, kind, deeds, buttons, fields):
    case = Case.objects.earliest("id")

    form = form_to_decide(look(BULK, which="ticked", kind=kind, deeds=deeds, case=f"{case.pk}.1"))

    assert {value for _name, value in form.buttons} == buttons
    assert {"reason", "text", "note"} & form.controls.keys() == fields


def test_without_a_tick_nothing_is_decided(client, look, held):
    page = look(BULK, which="ticked", kind="held")

    assert "Es ist nichts angekreuzt" in page
    assert not [each for each in forms_of(page) if each.action == BULK and each.method == "post"]
    answer = client.post(BULK, {"which": "ticked", "deed": "approve"})
    assert answer.status_code == 422
    assert not BulkJob.objects.exists()


def test_all_of_a_choice_are_decided_and_their_number_is_said(client, look, held, comment, bob):
    actions.report(comment.pk, actor=bob, reason="spam")
    address = re.search(r'href="(/moderation/bulk/\?[^"]+)"', look(QUEUE, kind="held", section="lokales"))[1]

    page = look(address)

    form = form_to_decide(page)
    assert "3 Kommentare werden entschieden." in page
    assert [value for name, value in form.buttons if name == "deed"] == ["approve", "reject"]
    answer = client.post(BULK, form.sent() | {"deed": "approve"}, follow=True)
    assert "Fertig" in answer.content.decode()
    assert not Comment.objects.filter(state="held").exists()
    assert Case.objects.open().get().comment_id == comment.pk


def test_more_than_can_be_done_by_anybody_are_typed_in(client, look, held, monkeypatch):
    for module in ("comments.panel.bulk", "comments.actions.bulk"):
        monkeypatch.setattr(f"{module}.MOST_UNLED", 2)
    form = form_to_decide(look(BULK, kind="held"))
    assert "count" in form.controls

    for typed, status in (("2", 409), ("drei", 422), ("3", 302)):
        answer = client.post(BULK, form.sent() | {"deed": "reject", "reason": "spam", "count": typed})
        assert answer.status_code == status, typed
        assert BulkJob.objects.exists() is (status == 302)


def test_a_job_shows_how_far_it_is_and_is_cancelled_and_undone_there(client, look, held, mo, alice, monkeypatch):
    monkeypatch.setattr("comments.actions.bulk.AT_ONCE", 1)
    job = actions.start_bulk([(each.pk, each.public_version) for each in held], "approve", actor=mo)
    go_on_with_bulk(job.pk)
    place = f"{BULK}{job.pk}/"
    page = look(place)
    assert '<progress max="3" value="1"' in page
    assert '<noscript><meta http-equiv="refresh"' in page

    client.post(place, {"deed": "cancel"})
    page = look(place)
    assert "Abgebrochen" in page
    assert "http-equiv" not in page
    client.post(place, {"deed": "undo"})

    assert "Rückgängig gemacht" in look(place)
    assert not Comment.objects.filter(state="published").exists()
    assert client.post(place, {"deed": "undo"}).status_code == 409
    assert client.post(place, {"deed": "nonsense"}).status_code == 422
    client.force_login(alice)
    assert client.get(place).status_code == 403


@pytest.mark.parametrize("asked", [{"kind": "nonsense"}, {"author": "x"}, {"discussion": "x"}])
def test_a_choice_that_makes_no_sense_is_refused(client, look, held, asked):
    look(BULK)
    assert client.get(BULK, asked).status_code == 400
    assert client.post(BULK, asked | {"deed": "approve"}).status_code == 400
    assert not BulkJob.objects.exists()


def test_signs_that_no_column_holds_find_nothing(client, look, held):
    answers = {}
    for page in (BULK, QUEUE):
        look(page)
        for name in ("rule", "section", "kind", "author"):
            answers[page, name] = client.get(page, {name: "a\0"}).status_code

    assert set(answers.values()) == {200, 400, 404}
    assert {client.post(BULK, {name: "a\0", "deed": "approve"}).status_code for name in ("rule", "section")} == {
        422,
        404,
    }
    assert not BulkJob.objects.exists()


def test_the_desk_leads_to_the_job(client, look, held, mo):
    wish = {"action": "reject", "reason": "spam", "select_across": 1, "_selected_action": [held[0].pk]}

    page = client.post("/admin/comments/comment/?state__exact=held", wish, follow=True).content.decode()

    assert f'href="{BULK}{BulkJob.objects.get().pk}/"' in page
