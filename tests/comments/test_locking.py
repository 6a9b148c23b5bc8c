"""Moderators close the replies to a comment and to all that is below it."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry
from comments import actions
from comments.errors import BranchLocked
from newsroom.live import registry
from tests.comments.tools import events, kinds, page, url


def decide(client, comment, action, **more):
    return client.post(f"/api/v1/comments/{comment.pk}/decisions/", {"action": action, **more})


@pytest.fixture
def tree(discussion, alice, bob):
    """A comment, an answer, one to that, one to that again; and another answer to the first."""

    def say(text, above=None):
        author = alice if text != "Daneben" else bob
        return actions.post(discussion.pk, author=author, text=text, parent_id=above and above.pk).comment

    top = say("Oben")
    answer = say("Antwort", top)
    deeper = say("Tiefer", answer)
    return {
        "top": top,
        "answer": answer,
        "deeper": deeper,
        "deepest": say("Ganz unten", deeper),
        "beside": say("Daneben", top),
    }


def refused(client, discussion, parent) -> str:
    answer = client.post(url(discussion), {"text": f"Dazu, unter {parent.pk}", "parent": parent.pk})
    return answer.json().get("code", "") if answer.status_code != 201 else ""


def test_below_a_locked_comment_nobody_answers_until_it_is_unlocked(api, client, bob, mo, discussion, tree):
    before = page(api(), url(discussion))
    locked = tree["answer"]

    said = decide(api(mo), locked, "lock", note="Es wird persönlich")

    assert said.status_code == 201
    assert (said.json()["locked"], said.json()["state"]) == (True, "published")
    (event,) = events(discussion.stream, before["position"])
    assert (event["kind"], event["data"]["locked"], event["data"]["id"]) == ("comment.locked", True, locked.pk)
    shown = {each["id"]: each["locked"] for each in page(api(), url(discussion), parent=tree["top"].pk)["results"]}
    assert shown == {tree[name].pk: name == "answer" for name in ("answer", "deeper", "deepest", "beside")}
    logged = api(mo).get("/api/v1/moderation/decisions/?action=lock").json()["results"][0]
    assert (logged["comment"], logged["moderator"]["name"], logged["note"]) == (
        locked.pk,
        mo.name,
        "Es wird persönlich",
    )
    assert AuditEntry.objects.get(deed="comment.locked").actor == mo

    for name in ("answer", "deeper", "deepest"):
        assert refused(api(bob), discussion, tree[name]) == "branch_locked"
    for name in ("top", "beside"):
        assert refused(api(bob), discussion, tree[name]) == ""
    wish = {"type": "comment", "discussion": discussion.pk, "text": "Dazu", "parent": tree["deepest"].pk}
    with pytest.raises(BranchLocked) as by_socket:
        registry.handler("comment")(bob, wish | {"key": "5b0e9f1c-3d57-4e05-9b4c-7f6f7f5a4a10"}, "127.0.0.1")
    assert by_socket.value.extra["locked"] == locked.pk
    client.force_login(bob)
    sent = client.post(f"/discussions/{discussion.pk}/comments/", {"text": "Dazu", "parent": tree["deeper"].pk})
    assert sent.status_code == 403
    assert "Die Moderation hat die Antworten hier geschlossen." in sent.text

    assert decide(api(mo), locked, "lock").json()["code"] == "already_decided"
    assert decide(api(mo), locked, "unlock").json()["locked"] is False
    assert kinds(discussion.stream)[-1] == "comment.unlocked"
    assert refused(api(bob), discussion, tree["deepest"]) == ""


def test_readers_see_that_the_replies_are_closed_and_no_button_below(client, bob, mo, discussion, tree):
    actions.lock(tree["answer"].pk, actor=mo)
    client.force_login(bob)

    shown = client.get(discussion.get_absolute_url()).text

    boxes = {
        name: shown.partition(f'id="comment-{each.pk}"')[2].partition("</article>")[0] for name, each in tree.items()
    }
    buttons = {name: box.partition('data-action="reply"')[2].partition("</a>")[0] for name, box in boxes.items() if box}
    assert {name for name, button in buttons.items() if " hidden" in button} == {"answer", "deeper", "deepest"}
    words = {name: box.partition('data-field="locked"')[2].partition("</p>")[0] for name, box in boxes.items() if box}
    assert {name for name, each in words.items() if "hidden" not in each} == {"answer"}

    def offers(name, **asked):
        part = client.get(f"/comments/{tree[name].pk}/replies/", asked).text.partition("data-take-part")[2]
        before = part.partition("<form")[0]
        return "Die Moderation hat die Antworten" not in before and "<div hidden" not in before

    assert [offers("top"), offers("beside", reply=""), offers("deepest")] == [True] * 3  # it answers the first
    assert [offers("answer", reply=""), offers("deepest", reply="")] == [False] * 2


def test_a_lock_is_undone_and_outlives_the_text_above(api, alice, bob, mo, discussion, tree):
    decided = decide(api(mo), tree["top"], "lock").json()["decision"]["id"]
    assert refused(api(bob), discussion, tree["beside"]) == "branch_locked"
    assert api(mo).post(f"/api/v1/decisions/{decided}/undo/").status_code == 200
    assert kinds(discussion.stream)[-1] == "comment.unlocked"
    assert refused(api(bob), discussion, tree["beside"]) == ""

    actions.remove(tree["top"].pk, actor=mo, reason="spam")
    assert decide(api(mo), tree["top"], "lock").json()["locked"] is True  # what is below a tombstone went on
    assert refused(api(bob), discussion, tree["deepest"]) == "branch_locked"
    assert api(alice).patch(f"/api/v1/comments/{tree['answer'].pk}/", {"text": "Anders"}).status_code == 200
    actions.restore(tree["top"].pk, actor=mo)
    assert refused(api(bob), discussion, tree["deepest"]) == "branch_locked"


def test_moderators_lock_what_others_wrote_and_nobody_else_does(api, alice, jo, mo, discussion, tree, client):
    own = actions.post(discussion.pk, author=mo, text="Meins").comment
    for who, comment, status in ((alice, tree["top"], 403), (jo, tree["top"], 403), (mo, own, 403)):
        assert decide(api(who), comment, "lock").status_code == status
    assert decide(api(), tree["top"], "lock").status_code == 401
    assert decide(api(mo), tree["top"], "lock", seen=999).status_code == 412
    client.force_login(mo)
    form = {"deed": "lock", "seen": tree["top"].public_version, "note": "Genug"}
    assert client.post(f"/comments/{tree['top'].pk}/moderate/", form).status_code == 302

    tree["top"].refresh_from_db()

    assert tree["top"].locked_at is not None
    assert tree["top"].decisions.get().note == "Genug"
    assert 'value="unlock"' in client.get(f"/comments/{tree['top'].pk}/moderate/").text
