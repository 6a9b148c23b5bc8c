"""Reactions: one of each kind a person, counted exactly, told as one event where many come at once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actions import impose_sanction
from comments import actions
from comments.models import Comment, CommentTally, Reaction
from newsroom.live.log.numbering import sequence
from newsroom.live.models import Event
from tests.comments.tools import events, in_parallel, kinds, page, url


def address(comment: Comment, name: str = "like") -> str:
    return f"/api/v1/comments/{comment.pk}/reactions/{name}/"


def test_a_reaction_counts_once_however_often_it_is_put(api, bob, alice, discussion, comment):
    first, again = api(bob).put(address(comment)), api(bob).put(address(comment))
    api(alice).put(address(comment))
    both = api(bob).put(address(comment, "heart"))

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert first.json()["reactions"] == {"like": 1}
    assert both.json()["reactions"] == {"heart": 1, "like": 2}
    assert both.json()["mine"] == ["heart", "like"]
    assert page(api(), url(discussion))["results"][0]["reactions"] == {"heart": 1, "like": 2}
    assert kinds(discussion.stream) == ["comment.posted"] + ["comment.reacted"] * 3


@pytest.mark.parametrize(("first", "second"), [("like", "dislike"), ("dislike", "like")])
def test_a_like_and_a_dislike_take_each_others_place(api, alice, bob, discussion, comment, first, second):
    api(alice).put(address(comment, first))
    for name in ("heart", first):
        api(bob).put(address(comment, name))

    changed = api(bob).put(address(comment, second))

    assert changed.json()["reactions"] == {"heart": 1, "like": 1, "dislike": 1}
    assert changed.json()["mine"] == sorted(["heart", second])
    last = events(discussion.stream)[-1]
    assert last["data"]["reactions"] == {"heart": 1, "like": 1, "dislike": 1}
    assert kinds(discussion.stream) == ["comment.posted"] + ["comment.reacted"] * 4  # the change is one event


def test_it_is_taken_back_and_once_more_changes_nothing(api, bob, alice, discussion, comment):
    api(alice).put(address(comment))
    api(bob).put(address(comment))

    answers = [api(bob).delete(address(comment)) for _ in range(2)]

    assert [each.status_code for each in answers] == [200, 200]
    assert answers[1].json()["reactions"] == {"like": 1}
    assert answers[1].json()["mine"] == []
    assert kinds(discussion.stream) == ["comment.posted"] + ["comment.reacted"] * 3


def test_the_event_is_the_whole_comment_as_the_list_shows_it(api, bob, discussion, comment):
    before = page(api(), url(discussion))
    api(bob).put(address(comment))

    (event,) = events(discussion.stream, before["position"])

    (row,) = page(api(), url(discussion))["results"]
    assert {name: event["data"][name] for name in row if name != "replies"} == {
        name: value for name, value in row.items() if name != "replies"
    }
    assert row["version"] > before["results"][0]["version"]


def test_mine_tells_my_own(api, alice, bob, discussion, comment):
    actions.react(comment.pk, "like", actor=bob)
    actions.react(comment.pk, "sad", actor=bob)

    mine = f"/api/v1/discussions/{discussion.pk}/mine/"

    assert page(api(bob), mine)["reactions"] == {str(comment.pk): ["like", "sad"]}
    assert page(api(alice), mine)["reactions"] == {}


def test_a_like_does_not_stand_in_the_way_of_an_edit(api, alice, bob, comment):
    seen = api(alice).get(f"/api/v1/comments/{comment.pk}/").json()["version"]
    api(bob).put(address(comment))
    here = f"/api/v1/comments/{comment.pk}/"

    edited = api(alice).patch(here, {"text": "Neu"}, headers={"If-Match": f'"v{seen}"'})
    late = api(alice).patch(here, {"text": "Neuer"}, headers={"If-Match": f'"v{seen}"'})

    assert (edited.status_code, late.status_code) == (200, 412)
    assert edited.json()["version"] > seen
    assert late.json()["version"] == edited.json()["version"]
    again = api(alice).patch(here, {"text": "Neuer"}, headers={"If-Match": f'"v{late.json()["version"]}"'})
    assert again.status_code == 200


def test_who_may_not_take_part_does_not_react(api, unconfirmed, alice, bob, mo, comment):
    impose_sanction(bob.pk, actor=mo, scope="react", until=None, reason="spam")

    assert api().put(address(comment)).json()["code"] == "not_authenticated"
    assert api(unconfirmed).put(address(comment)).json()["code"] == "unconfirmed"
    assert api(bob).put(address(comment)).json()["code"] == "barred"
    assert api(alice).put(address(comment)).status_code == 200


def test_what_nobody_can_react_to(api, alice, bob, mo, discussion, comment):
    held_in = actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(held_in.pk, author=alice, text="Wartet").comment

    assert api(bob).put(address(comment, "hate")).json()["code"] == "not_found"
    assert api(bob).put(address(held)).status_code == 404  # which Bob may not know of
    assert api(alice).put(address(held)).json()["code"] == "conflict"
    assert api(bob).put("/api/v1/comments/999999/reactions/like/").status_code == 404
    assert api(bob).put(address(comment)).status_code == 200
    actions.remove(comment.pk, actor=mo, reason="spam")
    assert api(bob).put(address(comment, "sad")).json()["code"] == "conflict"


def test_where_it_is_closed_one_can_only_take_back(api, bob, mo, discussion, comment):
    actions.react(comment.pk, "like", actor=bob)
    actions.close_discussion(discussion.pk, actor=mo)

    assert api(bob).put(address(comment, "sad")).json()["code"] == "discussion_closed"
    assert api(bob).delete(address(comment)).json()["reactions"] == {}


def test_only_changes_are_limited(api, bob, comment, settings):
    settings.LIMITS = {**settings.LIMITS, "reactions": "2/m"}

    assert [api(bob).put(address(comment)).status_code for _ in range(4)] == [200] * 4
    assert api(bob).delete(address(comment)).status_code == 200
    refused = api(bob).put(address(comment))
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    assert int(refused["Retry-After"]) > 0
    assert not Reaction.objects.exists()


def test_sixty_four_changes_at_once_are_counted_exactly(person, discussion, comment, settings, many_connections):
    settings.LIMITS = {**settings.LIMITS, "reactions": "1000/m"}
    people = [person(f"Leser{number}") for number in range(16)]

    def change(number: int) -> None:
        who = people[number % 16]
        if number < 48:
            actions.react(comment.pk, ("like", "heart", "like")[number // 16], actor=who)
        else:
            actions.take_back(comment.pk, "heart", actor=who)

    in_parallel(64, change)

    hearts = Reaction.objects.filter(name="heart").count()
    wanted = {"like": 16, **({"heart": hearts} if hearts else {})}
    last = events(discussion.stream)[-1]
    assert CommentTally.objects.get(pk=comment.pk).reactions == wanted
    assert (last["kind"], last["data"]["reactions"]) == ("comment.reacted", wanted)


def test_of_a_run_one_event_is_numbered(person, discussion, comment, alice):
    """As they wait for a number on PostgreSQL, where that comes after the commit."""
    other = actions.post(discussion.pk, author=alice, text="Noch einer").comment
    before = len(kinds(discussion.stream))
    for number in range(5):
        Reaction.objects.create(comment=comment, person=person(f"Leser{number}"), name="like")
        for subject in (comment.subject, other.subject):
            row = {"stream": discussion.stream, "kind": "comment.reacted", "subject": subject}
            Event.objects.create(**row, data={}, created_at=timezone.now())

    sequence(discussion.stream)

    told = events(discussion.stream)[before:]
    assert [each["kind"] for each in told] == ["comment.reacted"] * 2
    assert [each["data"]["reactions"] for each in told] == [{"like": 5}, {}]
    assert not Event.objects.filter(offset=None).exists()


def test_taken_down_meanwhile_no_reaction_brings_the_text_back(bob, mo, discussion, comment):
    actions.react(comment.pk, "like", actor=bob)
    actions.remove(comment.pk, actor=mo, reason="spam")
    actions.take_back(comment.pk, "like", actor=bob)

    last = events(discussion.stream)[-1]["data"]

    assert (last["state"], last["text"], last["reactions"]) == ("removed", "", {})
    assert kinds(discussion.stream).count("void") == 2


def who(client, comment: Comment, more: str = "") -> list[tuple[str, str]]:
    """Who has reacted, and how, as the API tells it."""
    rows = page(client, f"/api/v1/comments/{comment.pk}/reactions/{more}")["results"]
    return [(each["person"]["name"], each["kind"]) for each in rows]


def test_people_with_an_account_are_told_who_has_reacted(api, alice, bob, mo, discussion, comment, person, settings):
    for each, name in ((alice, "like"), (bob, "heart"), (mo, "like")):
        actions.react(comment.pk, name, actor=each)
    gone = person("Cleo")
    actions.react(comment.pk, "sad", actor=gone)
    here = f"/api/v1/comments/{comment.pk}/reactions/"

    everybody = [("Cleo", "sad"), (mo.name, "like"), (bob.name, "heart"), (alice.name, "like")]
    assert who(api(bob), comment) == everybody
    first = page(api(bob), f"{here}?limit=3")
    assert first["results"][1] == {
        "kind": "like",
        "person": {"id": mo.pk, "name": mo.name, "role": "moderator", "avatar": None, "page": f"/people/{mo.pk}/"},
    }
    (last,) = page(api(bob), first["next"])["results"]
    assert last["person"]["id"] == alice.pk
    assert api(bob).get(here)["Cache-Control"] == "private, no-store"
    assert api().get(here).json()["code"] == "not_authenticated"
    assert api(bob).get(f"{here}?cursor=nonsense").json()["code"] == "unknown_cursor"
    assert api(bob).get("/api/v1/comments/999999/reactions/").status_code == 404

    actions.post(discussion.pk, author=mo, text="Guten Tag")
    actions.ignore(mo.pk, reader=bob)
    actions.ignore(alice.pk, reader=mo)  # decides about comments here, and sees all
    gone.delete()
    settings.REACTIONS = {name: sign for name, sign in settings.REACTIONS.items() if name != "heart"}
    assert who(api(bob), comment) == [(alice.name, "like")]
    assert who(api(mo), comment) == [(mo.name, "like"), (alice.name, "like")]
    actions.remove(comment.pk, actor=mo, reason="spam")
    assert who(api(mo), comment) == who(api(bob), comment) == []


def test_who_may_not_know_of_a_comment_is_not_told_who_reacted(api, alice, bob, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Wartet").comment

    assert api(bob).get(f"/api/v1/comments/{held.pk}/reactions/").status_code == 404
    assert who(api(alice), held) == []


def test_a_list_of_reactions_costs_one_statement_however_many_there_are(
    api, bob, comment, person, django_assert_max_num_queries
):
    people = [person(f"Leser{number}") for number in range(12)]
    Reaction.objects.bulk_create([Reaction(comment=comment, person=each, name="like") for each in people])
    reader = api(bob)
    page(reader, f"/api/v1/comments/{comment.pk}/reactions/?limit=1")

    with django_assert_max_num_queries(4) as asked:
        assert len(who(reader, comment)) == 12

    assert sum("comments_reaction" in each["sql"] for each in asked.captured_queries) == 1
