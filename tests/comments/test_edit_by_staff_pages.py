"""Moderators change a text by the form that a card of the queue leads to."""

from __future__ import annotations

from html import unescape

import pytest

from comments import actions
from comments.models import Case, Comment, Decision
from tests.support.forms import forms_of

pytestmark = pytest.mark.django_db
QUEUE = "/moderation/queue/"


@pytest.fixture
def reported(comment, bob) -> Comment:
    actions.report(comment.pk, actor=bob, reason="privacy")
    return comment


def place(comment: Comment) -> str:
    return f"/moderation/cases/{Case.objects.get(comment=comment).pk}/edit/"


def test_a_text_is_changed_with_a_reason_and_its_author_is_told(client, mo, alice, reported):
    client.force_login(mo)
    assert f'href="{place(reported)}?next=' in client.get(QUEUE).content.decode()
    (form,) = [each for each in forms_of(client.get(place(reported)).content.decode()) if "body" in each.controls]
    assert form.controls["body"].holds == [reported.text]
    (seen,) = form.controls["seen"].holds

    answer = client.post(
        place(reported),
        {"body": "Gekürzt.", "reason": "privacy", "text": "Namen bitte nicht.", "seen": seen},
        follow=True,
    )

    assert answer.redirect_chain == [(QUEUE, 302)]
    assert "Der Text ist geändert." in answer.content.decode()
    assert "#undo" in answer.content.decode()
    ruling = Decision.objects.latest("id")
    assert (ruling.action, ruling.reason, ruling.text, ruling.moderator) == (
        "edit",
        "privacy",
        "Namen bitte nicht.",
        mo,
    )
    assert Comment.objects.get(pk=reported.pk).text == "Gekürzt."
    assert alice.notifications.get().kind == "comment.rewritten"
    assert not Case.objects.open().exists()


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [({"reason": ""}, 422, "reason"), ({"body": " "}, 422, "body"), ({"note": "x" * 1001}, 422, "note"), ({}, 412, "")],
)
def test_what_is_refused_stays_typed(client, mo, alice, reported, more, status, field):
    client.force_login(mo)
    if not more:
        actions.edit(reported.pk, actor=alice, text="Nachher")
    said = {"body": "Gekürzt.", "reason": "privacy", "note": "Vermerk", "seen": reported.public_version, **more}

    answer = client.post(place(reported), said)

    page = unescape(answer.content.decode())
    assert answer.status_code == status
    assert said["note"] in page
    assert said["body"].strip() in page
    assert f"edit-{field}-error" in page or not field
    assert Comment.objects.get(pk=reported.pk).text != "Gekürzt."
