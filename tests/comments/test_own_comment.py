"""What authors do with their own comments."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from comments import actions
from tests.comments.tools import events, kinds, log_holds, page, url
from tests.support.directions import directed


def address(comment):
    return f"/api/v1/comments/{comment.pk}/"


def test_an_edit_replaces_the_text_and_leaves_nothing_of_it_in_the_log(api, alice, discussion, comment):
    answer = api(alice).patch(address(comment), {"text": "Endlich *zwei* Fähren!"})

    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    (listed,) = page(api(), url(discussion))["results"]
    assert (listed["html"], listed["order"]) == (directed("<p>Endlich <em>zwei</em> Fähren!</p>"), comment.order)
    assert listed["edited_at"] is not None
    assert not log_holds("Endlich eine Fähre")
    assert kinds(discussion.stream) == ["void", "comment.edited"]
    assert events(discussion.stream)[-1]["data"]["comment_count"] == 1


def test_after_five_minutes_a_comment_stays_as_it_is(api, alice, comment):
    with time_machine.travel(comment.created_at + timedelta(minutes=4, seconds=59), tick=False):
        assert api(alice).patch(address(comment), {"text": "Noch schnell"}).status_code == 200
    with time_machine.travel(comment.created_at + timedelta(minutes=5, seconds=1), tick=False):
        refused = api(alice).patch(address(comment), {"text": "Zu spät"})

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_if_match_guards_against_an_edit_elsewhere(api, alice, comment):
    first = api(alice).patch(address(comment), {"text": "Aus dem einen Fenster"}, headers={"If-Match": '"v1"'})
    second = api(alice).patch(address(comment), {"text": "Aus dem anderen"}, headers={"If-Match": '"v1"'})
    deleted = api(alice).delete(address(comment), headers={"If-Match": '"v1"'})

    assert [each.status_code for each in (first, second, deleted)] == [200, 412, 412]
    assert (second.json()["code"], second.json()["version"]) == ("precondition_failed", 2)
    assert api(alice).delete(address(comment), headers={"If-Match": '"v1", "v2"'}).status_code == 204


@pytest.mark.parametrize("header", ["v1", 'W/"v1"', '"v01x"', "\u00e4", '"v' + "9" * 30 + '"'])
def test_a_strange_if_match_matches_nothing(api, alice, comment, header):
    assert api(alice).patch(address(comment), {"text": "x"}, headers={"If-Match": header}).status_code == 412


def test_only_its_author_edits_and_withdraws(api, alice, bob, mo, comment):
    for who in (bob, mo):
        refused = api(who).patch(address(comment), {"text": "Gekapert"})
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert api(who).delete(address(comment)).status_code == 403
    assert api().patch(address(comment), {"text": "Gekapert"}).status_code == 401
    assert api().delete(address(comment)).status_code == 401
    assert api(alice).patch(address(comment), {"text": "Meins"}).status_code == 200


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("de", "Einen Kommentar kann nur ändern oder zurückziehen, wer ihn geschrieben hat."),
        ("en", "Only its author can change or withdraw a comment."),
        ("ru", "Изменить или отозвать комментарий может только его автор."),
    ],
)
def test_others_are_told_what_they_may_not_do(api, client, bob, comment, language, sentence):
    client.force_login(bob)
    program = api(bob)
    client.cookies["language"] = program.cookies["language"] = language

    assert program.patch(address(comment), {"text": "Nicht von mir"}).json()["detail"] == sentence
    shown = client.get(f"/comments/{comment.pk}/edit/")
    assert shown.status_code == 403
    assert sentence in shown.content.decode()


def test_an_edit_is_judged_like_a_new_comment(api, alice, comment):
    many = " ".join(f"https://example.org/{n}" for n in range(4))

    assert api(alice).patch(address(comment), {"text": ""}).json()["code"] == "invalid"
    assert api(alice).patch(address(comment), {"text": "x" * 5001}).json()["code"] == "invalid"
    refused = api(alice).patch(address(comment), {"text": many})
    assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (422, "refused", "too_many_links")


def test_in_a_closed_discussion_nothing_new_is_said_by_editing(api, alice, mo, discussion, comment):
    actions.close_discussion(discussion.pk, actor=mo)

    assert api(alice).patch(address(comment), {"text": "Nachgeschoben"}).json()["code"] == "discussion_closed"
    assert api(alice).delete(address(comment)).status_code == 204


def test_a_withdrawn_comment_keeps_its_place_without_its_text(api, alice, bob, discussion, comment):
    reply = actions.post(discussion.pk, author=bob, text="Hm", parent_id=comment.pk).comment

    assert api(alice).delete(address(comment)).status_code == 204

    body = page(api(), url(discussion))
    (place,) = body["results"]
    assert (place["state"], place["text"], place["html"]) == ("withdrawn", "", "")
    assert [each["id"] for each in place["replies"]] == [reply.pk]
    assert body["comment_count"] == 1
    assert not log_holds("Endlich eine Fähre")
    again = api(alice).delete(address(comment))
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_a_comment_that_waits_can_be_changed_and_taken_back(api, alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Ein Entwurf").comment

    assert api(alice).patch(address(held), {"text": "Die Reinschrift"}).json()["state"] == "held"
    assert not log_holds("Ein Entwurf")
    assert page(api(mo), "/api/v1/moderation/queue/")["results"][0]["text"] == "Die Reinschrift"
    assert api(alice).delete(address(held)).status_code == 204
    assert page(api(mo), "/api/v1/moderation/queue/")["results"] == []
    assert page(api(), url(discussion))["results"] == []
    assert kinds("moderation")[-2:] == ["queue.left", "case.closed"]


def test_mine_shows_what_only_i_see(api, alice, bob, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Wartet noch").comment
    mine = f"/api/v1/discussions/{discussion.pk}/mine/"

    hers, his = api(alice).get(mine), api(bob).get(mine)

    assert [each["id"] for each in hers.json()["held"]] == [held.pk]
    assert his.json()["held"] == []
    assert hers.json()["standing"]["may_post"] is True
    assert "no-store" in hers["Cache-Control"]
    assert api().get(mine).status_code == 401
    actions.close_discussion(discussion.pk, actor=mo)
    standing = api(bob).get(mine).json()["standing"]
    assert (standing["may_post"], standing["code"]) == (False, "discussion_closed")


def test_a_waiting_comment_is_seen_by_its_author_and_moderators_only(api, alice, bob, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Wartet noch").comment

    answers = [client.get(address(held)) for client in (api(), api(bob), api(alice), api(mo))]

    assert [answer.status_code for answer in answers] == [404, 404, 200, 200]
    assert "no-store" in answers[2]["Cache-Control"]
