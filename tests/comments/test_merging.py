"""Two discussions of one page become one; every comment is found where its link led before."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from comments import actions
from comments.actions.upkeep import announce_activity
from comments.models import Comment, Discussion
from tests.comments.tools import events, in_parallel, kinds, page, url, walk

PAGE = "https://blatt.example/2026/faehre"
COUNTS = "/api/v1/discussions/counts/"


@pytest.fixture
def pages(mo, alice, bob) -> tuple[Discussion, Discussion]:
    """Two addresses of one page, spoken about by turns: A1, B1 (with a reply), A2, B2."""
    a, b = (actions.discuss_page(f"{PAGE}/{name}", actor=mo, title=name)[0] for name in "ab")
    for number in (1, 2):
        actions.post(a.pk, author=alice, text=f"A{number}")
        top = actions.post(b.pk, author=bob, text=f"B{number}").comment
        if number == 1:
            actions.post(b.pk, author=alice, text="B1.1", parent_id=top.pk)
    return a, b


def merge_url(discussion: Discussion) -> str:
    return f"/api/v1/discussions/{discussion.pk}/merge/"


def texts(client: Any, discussion: Discussion, **params: Any) -> list[str]:
    return [each["text"] for each in page(client, url(discussion), **params)["results"]]


def said(text: str) -> Comment:
    return Comment.objects.get(text=text)


def test_both_addresses_lead_to_all_comments_in_the_order_of_their_times(api, client, mo, pages):
    a, b = pages
    link = f"/comments/{said('B1.1').pk}/"

    answer = api(mo).put(merge_url(b), {"into": a.pk})

    assert (answer.status_code, answer.json()["into"]) == (200, a.pk)
    for asked in (a, b):
        body = page(api(), url(asked), sort="oldest")
        assert [each["text"] for each in body["results"]] == ["A1", "B1", "A2", "B2"]
        assert [each["text"] for each in body["results"][1]["replies"]] == ["B1.1"]
        assert (body["comment_count"], body["stream"]) == (5, a.stream)
        assert page(api(), f"/api/v1/discussions/{asked.pk}/")["id"] == a.pk
    assert client.get(link).url.startswith(f"/chats/{a.pk}/")
    assert client.get(f"/chats/{b.pk}/").url.startswith(f"/chats/{a.pk}/")
    counted = page(api(), COUNTS, url=[f"{PAGE}/a", f"{PAGE}/b"])["results"]
    assert [(each["discussion"], each["comment_count"]) for each in counted] == [(a.pk, 5)] * 2
    assert b.pk not in [each["id"] for each in page(api(), "/api/v1/discussions/")["results"]]


def test_whoever_reads_either_loads_it_anew(mo, pages):
    a, b = pages

    actions.merge(b.pk, a.pk, actor=mo)

    assert kinds(a.stream)[-1] == kinds(b.stream)[-1] == "discussion.rebuilt"
    assert events(a.stream)[-1]["data"]["comment_count"] == 5


def test_the_list_of_discussions_forgets_what_it_was_told_of_it(mo, pages):
    a, b = pages
    announce_activity()
    assert b.pk in [event["data"].get("id") for event in events("chats")]

    actions.merge(b.pk, a.pk, actor=mo)

    announce_activity()
    assert b.pk not in [event["data"].get("id") for event in events("chats")]


def test_what_is_said_afterwards_is_said_in_the_other(api, alice, bob, mo, pages):
    a, b = pages
    actions.merge(b.pk, a.pk, actor=mo)

    answer = api(bob).post(url(b), {"text": "Danach", "parent": said("A1").pk})

    assert (answer.status_code, answer.json()["discussion"]) == (201, a.pk)
    assert api(bob).put(f"/api/v1/comments/{said('B2').pk}/reactions/like/").json()["reactions"] == {"like": 1}
    assert kinds(a.stream)[-2:] == ["comment.posted", "comment.reacted"]
    assert api(bob).delete(f"/api/v1/comments/{said('B2').pk}/").status_code == 204
    assert kinds(a.stream)[-1] == "comment.withdrawn"
    assert page(api(), url(a))["comment_count"] == 5


def test_who_follows_or_searches_either_finds_what_is_said(api, alice, bob, mo, pages):
    a, b = pages
    follow = f"/api/v1/subscriptions/discussion/{b.pk}/"
    api(bob).put(follow)
    actions.merge(b.pk, a.pk, actor=mo)
    assert api(mo).put(follow).json()["id"] == str(a.pk)

    actions.post(a.pk, author=alice, text="Neuigkeiten")

    announce_activity()
    found = page(api(), "/api/v1/search/", q="Neuigkeiten", discussion=b.pk)["results"]
    assert [each["text"] for each in found] == ["Neuigkeiten"]
    for person in (bob, mo):
        assert "notification.created" in kinds(f"user.{person.pk}")
    assert "notification.created" not in kinds(f"user.{alice.pk}")


def test_it_can_be_undone_with_what_was_answered_meanwhile(api, alice, mo, pages):
    a, b = pages
    before = {each.pk: page(api(), url(each), sort="oldest") for each in pages}
    actions.merge(b.pk, a.pk, actor=mo)
    actions.post(a.pk, author=alice, text="B1.2", parent_id=said("B1").pk)
    actions.post(a.pk, author=alice, text="A3")

    assert api(mo).delete(merge_url(b)).status_code == 204

    assert texts(api(), a, sort="oldest") == ["A1", "A2", "A3"]
    there = page(api(), url(b), sort="oldest")
    assert [each["text"] for each in there["results"]] == ["B1", "B2"]
    assert [each["text"] for each in there["results"][0]["replies"]] == ["B1.1", "B1.2"]
    assert [each["order"] for each in there["results"]] == [each["order"] for each in before[b.pk]["results"]]
    assert (page(api(), url(a))["comment_count"], there["comment_count"]) == (3, 4)
    assert kinds(b.stream)[-1] == "discussion.rebuilt"
    assert api(mo).delete(merge_url(b)).status_code == 404
    assert api(mo).put(merge_url(b), {"into": a.pk}).status_code == 200


def test_one_after_the_other_is_undone_in_turn(api, alice, mo, pages):
    a, b = pages
    c = actions.discuss_page(f"{PAGE}/c", actor=mo, title="c")[0]
    actions.post(c.pk, author=alice, text="C1")
    actions.merge(b.pk, a.pk, actor=mo)
    actions.merge(a.pk, c.pk, actor=mo)
    assert texts(api(), b, sort="oldest") == ["A1", "B1", "A2", "B2", "C1"]

    assert api(mo).delete(merge_url(b)).status_code == 409
    assert api(mo).delete(merge_url(a)).status_code == 204
    assert api(mo).delete(merge_url(b)).status_code == 204

    assert [texts(api(), each, sort="oldest") for each in (a, b, c)] == [["A1", "A2"], ["B1", "B2"], ["C1"]]


def test_comments_of_the_same_moment_both_find_a_place(api, mo, pages):
    a, b = pages
    Comment.objects.filter(pk=said("B2").pk).update(order=said("A2").order)

    actions.merge(b.pk, a.pk, actor=mo)

    assert texts(api(), a, sort="oldest") == ["A1", "B1", "A2", "B2"]
    assert texts(api(), a, sort="newest") == ["B2", "A2", "B1", "A1"]


def test_the_best_are_met_on_a_walk_wherever_they_come_from(api, bob, mo, pages):
    a, b = pages
    for name in ("B1", "B2", "B1"):
        actions.react(said(name).pk, "like", actor=mo if name == "B1" else bob)
    actions.merge(b.pk, a.pk, actor=mo)

    met = [each["text"] for body in walk(api(), f"{url(a)}?sort=best&limit=1") for each in body["results"]]

    assert Counter(met) == Counter(["A1", "A2", "B1", "B2"])
    assert {*met[:2]} == {"B1", "B2"}


def test_what_does_not_go_together_stays_apart(api, mo, discussion, chat, pages):
    a, b = pages
    for source, into in ((a, a), (discussion, a), (chat, a), (a, chat)):
        refused = api(mo).put(merge_url(source), {"into": into.pk})
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert api(mo).put(merge_url(a), {"into": 2**62}).status_code == 404
    assert api(mo).put(merge_url(a), {}).status_code == 422
    for number in (0, a.pk, 2**63):
        assert api(mo).delete(f"/api/v1/discussions/{number}/merge/").status_code == 404
    assert api(mo).put(merge_url(b), {"into": discussion.pk}).status_code == 200
    assert api(mo).put(merge_url(b), {"into": discussion.pk}).status_code == 200
    assert api(mo).put(merge_url(b), {"into": a.pk}).status_code == 409
    assert api(mo).put(merge_url(a), {"into": b.pk}).status_code == 409


def test_only_those_who_run_discussions_merge_them(api, alice, eddy, pages):
    a, b = pages
    for client, status in ((api(), 401), (api(alice), 403)):
        assert client.put(merge_url(b), {"into": a.pk}).status_code == status
        assert client.delete(merge_url(b)).status_code == status
    assert api(eddy).put(merge_url(b), {"into": a.pk}).status_code == 200


def test_nothing_is_lost_while_others_write(api, alice, bob, mo, pages, many_connections):
    a, b = pages

    def deed(number: int) -> object:
        if number == 3:
            return actions.merge(b.pk, a.pk, actor=mo)
        return actions.post((a, b)[number % 2].pk, author=(alice, bob)[number % 2], text=f"Nr. {number}")

    in_parallel(8, deed)

    met = [each["id"] for body in walk(api(), f"{url(a)}?limit=3") for each in body["results"]]
    there = Comment.objects.filter(discussion=a, root=None)
    assert len(met) == len(set(met)) == there.count() == 11
    assert page(api(), url(a))["comment_count"] == Comment.objects.filter(state="published").count() == 12


def test_a_reply_that_has_made_room_is_shown_in_its_place_after_the_undo_too(api, mo, pages):
    a, b = pages
    Comment.objects.filter(pk=said("B1.1").pk).update(order=said("A2").order)

    def shown() -> int:
        ((reply,),) = [
            each["replies"] for each in page(api(), url(b), sort="oldest")["results"] if each["text"] == "B1"
        ]
        return int(reply["order"])

    before = shown()
    actions.merge(b.pk, a.pk, actor=mo)
    actions.undo_merge(b.pk, actor=mo)

    assert shown() == said("B1.1").order > before
