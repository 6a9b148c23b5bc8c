"""Moderators pin comments to the top of their discussion, and feature good ones."""

from __future__ import annotations

import pytest

from accounts.models import AuditEntry, Notification
from comments import actions
from comments.models import Case, Comment, Decision
from tests.comments.tools import events, kinds, page, url


def decide(client, comment, action, **more):
    return client.post(f"/api/v1/comments/{comment.pk}/decisions/", {"action": action, **more})


def marks(client, discussion):
    """The list's pinned ones, and of all that it shows who is pinned and featured."""
    body = page(client, url(discussion))
    shown = {row["id"]: (row["pinned"], row["featured"]) for row in body["results"]}
    return [row["id"] for row in body["pinned"]], shown


@pytest.fixture
def four(comment, alice, discussion):
    more = [actions.post(discussion.pk, author=alice, text=f"Gedanke {n}").comment for n in range(3)]
    return [comment, *more]


def test_a_pinned_comment_stands_on_top_for_all_until_it_is_unpinned(api, alice, bob, mo, discussion, comment):
    before = page(api(), url(discussion))
    actions.report(comment.pk, actor=bob, reason="spam")

    answer = decide(api(mo), comment, "pin", seen=comment.public_version)

    assert answer.status_code == 201
    said = answer.json()
    assert (said["pinned"], said["featured"], said["state"], said["decision"]["action"]) == (
        True,
        False,
        "published",
        "pin",
    )
    assert marks(api(), discussion) == ([comment.pk], {comment.pk: (True, False)})
    (event,) = events(discussion.stream, before["position"])
    assert (event["kind"], event["data"]["pinned"], event["data"]["comment_count"]) == ("comment.pinned", True, 1)
    assert event["data"]["version"] == said["version"] == before["results"][0]["version"] + 1
    assert Case.objects.open().filter(comment=comment).exists()  # whether it may stand is not decided
    assert not Notification.objects.filter(user=alice).exists()
    entry = AuditEntry.objects.get(deed="comment.pinned")
    assert (entry.actor, entry.subject) == (mo, comment.subject)
    assert api(mo).get("/api/v1/moderation/decisions/?action=pin").json()["results"][0]["comment"] == comment.pk

    again = decide(api(mo), comment, "pin")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert decide(api(mo), comment, "unpin").json()["pinned"] is False
    assert marks(api(), discussion) == ([], {comment.pk: (False, False)})
    assert kinds(discussion.stream)[-1] == "comment.unpinned"
    assert decide(api(mo), comment, "unpin").json()["code"] == "already_decided"


def test_authors_hear_that_their_comment_is_featured_and_no_more(api, alice, mo, discussion, comment):
    assert decide(api(mo), comment, "feature").json()["featured"] is True

    assert marks(api(), discussion) == ([], {comment.pk: (False, True)})
    told = Notification.objects.get(user=alice)
    assert (told.kind, told.subject, told.details) == ("comment.featured", comment.subject, {})
    assert decide(api(mo), comment, "unfeature").json()["featured"] is False
    assert Notification.objects.filter(user=alice).count() == 1
    assert kinds(discussion.stream)[-2:] == ["comment.featured", "comment.unfeatured"]


@pytest.mark.parametrize("action", ["pin", "unpin", "feature", "unfeature"])
def test_a_mark_is_undone_within_a_minute(api, alice, mo, discussion, comment, action):
    if action.startswith("un"):
        decide(api(mo), comment, action.removeprefix("un"))
    Notification.objects.all().delete()
    before = marks(api(), discussion)
    decided = decide(api(mo), comment, action).json()["decision"]["id"]
    assert marks(api(), discussion) != before

    undone = api(mo).post(f"/api/v1/decisions/{decided}/undo/")

    assert undone.status_code == 200, undone.content
    assert marks(api(), discussion) == before
    assert not Notification.objects.filter(user=alice).exists()
    assert api(mo).post(f"/api/v1/decisions/{decided}/undo/").json()["code"] == "already_undone"


def test_only_moderators_mark_what_is_published_and_of_others(api, alice, bob, jo, mo, ada, discussion, comment):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Wartet").comment
    own = actions.post(discussion.pk, author=mo, text="Meins").comment
    of_higher = actions.post(discussion.pk, author=ada, text="Von oben").comment

    for action in ("pin", "feature"):
        assert decide(api(bob), comment, action).status_code == 403
        assert decide(api(jo), comment, action).status_code == 403
        assert decide(api(), comment, action).status_code == 401
        assert decide(api(mo), own, action).status_code == 403
        assert decide(api(mo), of_higher, action).status_code == 403
        assert decide(api(mo), held, action).json()["code"] == "already_decided"
        changed = decide(api(mo), comment, action, seen=comment.public_version + 7)
        assert (changed.status_code, changed.json()["code"]) == (412, "precondition_failed")
    assert marks(api(), discussion)[0] == []


def test_three_are_pinned_and_no_fourth(api, mo, discussion, four):
    for each in four[:3]:
        assert decide(api(mo), each, "pin").status_code == 201

    answer = decide(api(mo), four[3], "pin")

    assert (answer.status_code, answer.json()["code"], answer.json()["most"]) == (409, "too_many_pinned", 3)
    assert marks(api(), discussion)[0] == [each.pk for each in four[:3]]
    assert not Decision.objects.filter(comment=four[3]).exists()
    replies = page(api(), url(discussion), parent=four[0].pk)
    assert replies["pinned"] == []


@pytest.mark.parametrize("way", ["remove", "withdraw"])
def test_what_is_taken_down_is_pinned_no_more_and_comes_back_as_it_was(api, alice, mo, discussion, four, way):
    for each in four[:3]:
        decide(api(mo), each, "pin")
    decide(api(mo), four[0], "feature")

    if way == "remove":
        decided = decide(api(mo), four[0], "remove", reason="spam").json()
        assert (decided["pinned"], decided["featured"]) == (False, False)
        address = f"/api/v1/decisions/{decided['decision']['id']}/undo/"
        back = api(mo)
    else:
        assert api(alice).delete(f"/api/v1/comments/{four[0].pk}/").status_code == 204
        address, back = f"/api/v1/comments/{four[0].pk}/undo/", api(alice)
    assert marks(api(), discussion)[0] == [four[1].pk, four[2].pk]
    assert decide(api(mo), four[3], "pin").status_code == 201

    assert back.post(address).status_code == 200

    pinned, shown = marks(api(), discussion)
    assert pinned == [each.pk for each in four[1:]]  # another one has its place now
    assert shown[four[0].pk] == (False, True)


def test_what_is_restored_later_has_no_mark(api, mo, discussion, comment):
    decide(api(mo), comment, "pin")
    decide(api(mo), comment, "feature")
    decide(api(mo), comment, "remove", reason="spam")

    restored = decide(api(mo), comment, "restore").json()

    assert (restored["pinned"], restored["featured"], restored["state"]) == (False, False, "published")
    assert marks(api(), discussion) == ([], {comment.pk: (False, False)})


def test_a_text_that_its_author_changes_is_not_the_one_that_was_marked(api, alice, mo, discussion, comment):
    decide(api(mo), comment, "pin")
    decided = decide(api(mo), comment, "feature").json()

    same = api(alice).patch(f"/api/v1/comments/{comment.pk}/", {"text": comment.text}).json()
    assert (same["pinned"], same["featured"]) == (True, True)
    changed = api(alice).patch(f"/api/v1/comments/{comment.pk}/", {"text": "Etwas ganz anderes"}).json()
    assert (changed["pinned"], changed["featured"]) == (False, False)
    undone = api(mo).post(f"/api/v1/decisions/{decided['decision']['id']}/undo/")
    assert (undone.status_code, undone.json()["code"]) == (409, "already_decided")

    decide(api(mo), comment, "pin")
    shortened = decide(api(mo), comment, "edit", body="Kurz", reason="other").json()
    assert shortened["pinned"] is True  # the moderator has written it


def test_a_mark_keeps_no_approval_from_teaching(alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Gut gesagt").comment
    approved = actions.approve(held.pk, actor=mo).ruling

    actions.pin(held.pk, actor=mo)

    assert list(Decision.objects.teaching()) == [approved]


def test_what_is_merged_away_is_pinned_there_no_more(api, alice, mo, ada):
    here, there = (actions.start_chat(name, actor=mo) for name in ("Hier", "Dort"))
    said = {chat: actions.post(chat.pk, author=alice, text=f"In {chat.title}").comment for chat in (here, there)}
    for each in said.values():
        actions.pin(each.pk, actor=mo)
    actions.feature(said[here].pk, actor=mo)
    before = Comment.objects.get(pk=said[here].pk).public_version

    actions.merge(here.pk, there.pk, actor=ada)

    pinned, shown = marks(api(), there)
    assert pinned == [said[there].pk]
    assert shown[said[here].pk] == (False, True)
    assert Comment.objects.get(pk=said[here].pk).public_version > before
