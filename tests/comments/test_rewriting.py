"""Moderators change the text of somebody else's comment, with a trace and a word to its author."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry, Notification
from comments import actions
from comments.models import Case, Comment
from tests.comments.tools import kinds, log_holds, page, url

OLD, NEW = "Ruft an: 0151 4711", "Ruft an: [Nummer entfernt]"


@pytest.fixture
def said(alice, discussion):
    return actions.post(discussion.pk, author=alice, text=OLD).comment


def rewrite(client, comment, body=NEW, **more):
    asked = {"action": "edit", "body": body, "reason": "privacy", "seen": comment.public_version, **more}
    return client.post(f"/api/v1/comments/{comment.pk}/decisions/", asked)


def test_readers_see_the_new_text_moderators_both_and_the_author_hears_why(api, alice, bob, mo, discussion, said):
    actions.report(said.pk, actor=bob, reason="privacy")

    answer = rewrite(api(mo), said, text="Bitte keine Nummern.")

    assert (answer.status_code, answer.json()["text"], answer.json()["state"]) == (201, NEW, "published")
    (listed,) = page(api(), url(discussion))["results"]
    assert (listed["text"], listed["edited_at"] is None) == (NEW, False)
    assert not log_holds(OLD)
    assert kinds(discussion.stream) == ["void", "comment.edited"]
    history = api(mo).get(f"/api/v1/comments/{said.pk}/history/").json()
    assert [each["text"] for each in history["revisions"]] == [OLD, NEW]
    told = Notification.objects.get(user=alice)
    assert (told.kind, told.details) == ("comment.rewritten", {"reason": "privacy", "text": "Bitte keine Nummern."})
    assert Notification.objects.get(user=bob).kind == "report.upheld"
    assert not Case.objects.open().exists()
    assert OLD not in str(list(AuditEntry.objects.values()))
    assert api(alice).get(f"/api/v1/comments/{said.pk}/history/").status_code == 403


def test_what_waits_goes_on_waiting(api, alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text=OLD).comment

    answer = rewrite(api(mo), held)

    assert (answer.status_code, answer.json()["state"]) == (201, "held")
    assert Case.objects.open().get(comment=held).kind == "held"
    (own,) = api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").json()["held"]
    assert own["text"] == NEW
    undone = api(mo).post(f"/api/v1/decisions/{answer.json()['decision']['id']}/undo/").json()
    assert (undone["text"], undone["state"]) == (OLD, "held")


def test_it_can_be_undone_without_a_trace_for_readers(api, mo, discussion, said):
    before = page(api(), url(discussion))["results"][0]
    decided = rewrite(api(mo), said).json()["decision"]["id"]

    assert api(mo).post(f"/api/v1/decisions/{decided}/undo/").json()["text"] == OLD

    after = page(api(), url(discussion))["results"][0]
    assert after | {"version": 0} == before | {"version": 0}
    assert not log_holds(NEW)
    assert not Notification.objects.filter(kind="comment.rewritten").exists()


def test_what_its_author_has_changed_since_stays(api, alice, mo, said):
    decided = rewrite(api(mo), said).json()["decision"]["id"]
    actions.edit(said.pk, actor=alice, text="Dann eben so")

    refused = api(mo).post(f"/api/v1/decisions/{decided}/undo/")

    assert (refused.status_code, refused.json()["code"]) == (409, "already_decided")
    assert Comment.objects.get(pk=said.pk).text == "Dann eben so"


@pytest.mark.parametrize("body", ["", "\u202e", OLD, "x" * 5001])
def test_a_text_is_needed_and_another_one(api, mo, said, body):
    refused = rewrite(api(mo), said, body)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, ["body"])


def test_a_reason_is_needed_and_the_version_that_was_read(api, alice, mo, said):
    assert list(rewrite(api(mo), said, reason="").json()["errors"]) == ["reason"]
    actions.edit(said.pk, actor=alice, text="Inzwischen anders")
    refused = rewrite(api(mo), said)
    assert (refused.status_code, refused.json()["text"]) == (412, "Inzwischen anders")


def test_the_page_changes_it_without_javascript(client, mo, said):
    client.force_login(mo)
    address = f"/comments/{said.pk}/moderate/"
    form = {"deed": "edit", "reason": "privacy", "seen": said.public_version}

    refused = client.post(address, form | {"body": " "})
    assert (refused.status_code, 'aria-describedby="edit-body-error"' in refused.text) == (422, True)
    assert client.post(address, form | {"body": NEW}).status_code == 302
    assert Comment.objects.get(pk=said.pk).text == NEW
