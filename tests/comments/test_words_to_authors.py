"""What a decision says to the author, and about whose comments nobody decides."""

from __future__ import annotations

import pytest

from accounts.models import Notification
from comments import actions
from comments.models import Case, Decision
from tests.comments.tools import kinds, page

QUEUE = "/api/v1/moderation/queue/"
WORDS = {"text": "Bitte \u202eohne Schimpfwort.", "ground": "terms", "norm": "§ 4"}


def decide(client, comment_id, action, **more):
    return client.post(f"/api/v1/comments/{comment_id}/decisions/", {"action": action, **more})


@pytest.fixture
def held(alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    return actions.post(discussion.pk, author=alice, text="Darf das hinein?").comment


def test_the_author_reads_ground_and_words_and_no_note(api, client, alice, bob, mo, discussion, held):
    answer = decide(api(mo), held.pk, "reject", reason="insult", note="nur für uns", **WORDS)
    assert answer.status_code == 201, answer.json()

    stored = Decision.objects.get(action="reject")
    assert (stored.text, stored.ground, stored.norm) == ("Bitte ohne Schimpfwort.", "terms", "§ 4")
    told = Notification.objects.get(user=alice, kind="comment.rejected").details
    assert told == {"reason": "insult", "text": "Bitte ohne Schimpfwort.", "ground": "terms", "norm": "§ 4"}
    (own,) = api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").json()["rejected"]
    assert own["sentence"].endswith("Grund: Beleidigung (Die Regeln dieser Seite, § 4) Bitte ohne Schimpfwort.")
    client.force_login(alice)
    assert "Bitte ohne Schimpfwort." in client.get(discussion.get_absolute_url()).text
    client.force_login(bob)
    assert "Bitte ohne Schimpfwort." not in client.get(discussion.get_absolute_url()).text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ground": "terms"}, "norm"),
        ({"norm": "§ 4"}, "norm"),
        ({"ground": "mood", "norm": "§ 4"}, "ground"),
        ({"text": "x" * 1001}, "text"),
        ({"ground": "law", "norm": "x" * 101}, "norm"),
    ],
)
def test_a_ground_has_a_paragraph_and_words_have_an_end(api, mo, held, more, field):
    refused = decide(api(mo), held.pk, "reject", reason="insult", **more)

    assert (refused.status_code, list(refused.json()["errors"])) == (422, [field])


def test_the_form_asks_for_them_without_javascript(client, mo, held):
    client.force_login(mo)
    address = f"/comments/{held.pk}/moderate/"
    form = {"deed": "reject", "reason": "insult", "seen": held.public_version, "text": "So nicht."}

    refused = client.post(address, form | {"ground": "law"})
    assert (refused.status_code, 'aria-describedby="reject-norm-error"' in refused.text) == (422, True)
    assert "So nicht." in refused.text
    assert client.post(address, form | {"ground": "law", "norm": "§ 185 StGB"}).status_code == 302
    assert Decision.objects.get(action="reject").norm == "§ 185 StGB"


def test_a_rejected_comment_waits_again(api, client, alice, mo, discussion, held):
    decide(api(mo), held.pk, "reject", reason="insult")

    answer = decide(api(mo), held.pk, "reopen")

    assert (answer.status_code, answer.json()["state"]) == (201, "held")
    assert [each["id"] for each in page(api(mo), QUEUE)["results"]] == [held.pk]
    assert Case.objects.open().get(comment=held).kind == "held"
    assert kinds(f"user.{alice.pk}")[-2:] == ["comment.held", "notification.created"]
    assert Notification.objects.filter(user=alice, kind="comment.reopened").exists()
    assert decide(api(mo), held.pk, "reopen").json()["code"] == "already_decided"

    undone = api(mo).post(f"/api/v1/decisions/{answer.json()['decision']['id']}/undo/")
    assert undone.json()["state"] == "rejected"
    assert page(api(mo), QUEUE)["results"] == []
    assert not Case.objects.open().exists()
    client.force_login(mo)
    form = {"deed": "reopen", "seen": undone.json()["version"]}
    assert client.post(f"/comments/{held.pk}/moderate/", form).status_code == 302
    assert decide(api(mo), held.pk, "approve").status_code == 201
    assert not Case.objects.open().exists()


def test_nobody_decides_about_their_own_or_a_higher_ones_comment(api, alice, mo, eddy, ada, discussion):
    own = actions.post(discussion.pk, author=mo, text="Von mir selbst").comment
    higher = actions.post(discussion.pk, author=eddy, text="Aus der Redaktion").comment

    for comment in (own, higher):
        refused = decide(api(mo), comment.pk, "remove", reason="spam")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert decide(api(ada), comment.pk, "remove", reason="spam").status_code == 201


def test_that_somebody_decided_first_comes_before_another_version(api, ada, mo, held):
    decide(api(ada), held.pk, "reject", reason="spam")

    refused = decide(api(mo), held.pk, "approve", seen=held.public_version)

    assert (refused.status_code, refused.json()["decision"]["by"]) == (409, ada.name)
