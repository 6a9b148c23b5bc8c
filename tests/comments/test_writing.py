"""What helps those who write: undo, drafts, mentions."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.actions import change_profile
from accounts.representations import notification_json
from comments import actions
from comments.models import Comment, Draft
from comments.participants import participants
from tests.comments.tools import events, kinds, page, url


def test_what_was_withdrawn_comes_back_to_its_place_within_a_minute(api, alice, bob, discussion, comment):
    actions.post(discussion.pk, author=bob, text="Danach")
    before = page(api(), url(discussion))
    api(alice).delete(f"/api/v1/comments/{comment.pk}/")
    gone = page(api(), url(discussion))

    answer = api(alice).post(f"/api/v1/comments/{comment.pk}/undo/")

    assert (answer.status_code, answer.json()["text"]) == (200, comment.text)
    after = page(api(), url(discussion))
    assert [each["state"] for each in gone["results"]] == ["published", "withdrawn"]
    assert (gone["comment_count"], after["comment_count"]) == (1, 2)
    assert [each["id"] for each in after["results"]] == [each["id"] for each in before["results"]]
    assert kinds(discussion.stream)[-2:] == ["comment.withdrawn", "comment.restored"]
    assert events(discussion.stream)[-1]["data"]["text"] == comment.text


def test_after_a_minute_it_is_too_late(api, alice, comment):
    actions.withdraw(comment.pk, actor=alice)
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        late = api(alice).post(f"/api/v1/comments/{comment.pk}/undo/")
    with time_machine.travel(timezone.now() + timedelta(seconds=50), tick=False):
        in_time = api(alice).post(f"/api/v1/comments/{comment.pk}/undo/")

    assert (late.status_code, in_time.status_code) == (403, 200)


def test_undo_is_for_ones_own_and_for_what_is_withdrawn(api, alice, bob, mo, comment):
    here = f"/api/v1/comments/{comment.pk}/undo/"
    assert api(alice).post(here).status_code == 409
    actions.withdraw(comment.pk, actor=alice)
    assert api().post(here).status_code == 401
    assert api(bob).post(here).status_code == 403
    assert api(alice).post(here).status_code == 200
    actions.remove(comment.pk, actor=mo, reason="spam")
    assert api(alice).post(here).json()["code"] == "already_decided"


def test_what_was_waiting_waits_again(alice, mo, discussion):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Wartet").comment
    actions.withdraw(held.pk, actor=alice)

    undone = actions.undo(held.pk, actor=alice)

    assert undone.state == Comment.State.HELD
    assert kinds("moderation")[-4:] == ["queue.left", "case.closed", "queue.entered", "case.opened"]
    assert "comment.posted" not in kinds(discussion.stream)
    assert actions.approve(held.pk, actor=mo).state == Comment.State.PUBLISHED


def test_a_draft_is_kept_for_its_person_alone(api, alice, bob, discussion, comment):
    here = f"/api/v1/discussions/{discussion.pk}/draft/"

    kept = api(alice).put(here, {"text": "Ich wollte noch", "parent": comment.pk})
    api(alice).put(here, {"text": "Ich wollte noch sagen"})

    assert (kept.status_code, kept.json()["parent"]) == (200, comment.pk)
    assert page(api(alice), here)["text"] == "Ich wollte noch sagen"
    assert page(api(bob), here) == {"text": "", "parent": None, "updated_at": None}
    assert Draft.objects.count() == 1
    assert [api(alice).delete(here).status_code for _ in range(2)] == [204, 204]
    assert page(api(alice), here)["text"] == ""
    assert api().get(here).status_code == 401


def test_a_draft_has_the_length_of_a_comment_and_an_empty_one_is_none(api, alice, discussion, chat):
    here = f"/api/v1/discussions/{discussion.pk}/draft/"
    foreign = actions.post(chat.pk, author=alice, text="Im Chat").comment

    assert api(alice).put(here, {"text": "x" * 5001}).json()["code"] == "invalid"
    assert api(alice).put(here, {"text": "x" * 50_000}).status_code == 422
    assert "parent" in api(alice).put(here, {"text": "x", "parent": foreign.pk}).json()["errors"]
    assert api(alice).put(here, {"text": "a\0b"}).status_code == 200
    assert api(alice).put(here, {"text": " \n"}).json()["text"] == ""
    assert not Draft.objects.exists()


def test_those_who_take_part_are_found_by_the_beginning_of_their_name(api, person, alice, bob, discussion, comment):
    anna, annika = person("Анна"), person("Annika Berg")
    for who in (anna, annika):
        actions.post(discussion.pk, author=who, text=f"Hallo von {who.name}")
    here = f"/api/v1/discussions/{discussion.pk}/participants/"

    def names(query: str) -> list[str]:
        return [each["name"] for each in page(api(bob), here, q=query)["results"]]

    assert names("ann") == ["Annika Berg"]
    assert names("АН") == ["Анна"]
    assert names("bo") == []  # he has said nothing here
    assert names("") == ["Annika Berg", "Анна", "Alice"]
    assert names("%_") == []
    assert api(bob).get(here, {"q": "\0%_"}).json()["code"] == "malformed"
    assert api().get(here).status_code == 401


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("Ёлка", ["елка", "ЁЛ", "ел"]),
        ("Émile Zola", ["emile", "ÉMI", "zol", "em zo"]),
        ("Straßer", ["strasser", "STRASS", "straß", "stras"]),
        ("Müller", ["mueller", "muller", "Mül"]),
        ("Arno", ["ar", "arn"]),
        ("マリア・ロペス", ["マリ", "ロペス"]),
    ],
)
def test_a_name_is_found_however_it_is_spelt_and_after_it_was_changed(api, person, bob, discussion, name, queries):
    found, other = person("Noch ohne"), person("Otto")
    for who in (found, other):
        actions.post(discussion.pk, author=who, text=f"Hallo von {who.name}")
    change_profile(found.pk, name=name)
    here = f"/api/v1/discussions/{discussion.pk}/participants/"

    def names(query: str) -> list[str]:
        return [each["name"] for each in page(api(bob), here, q=query)["results"]]

    assert [names(query) for query in queries] == [[name]] * len(queries)
    assert [names(f"{query} ot") for query in queries] == [[]] * len(queries)
    assert (names("noch"), names("ot")) == ([], ["Otto"])


def test_who_spoke_lately_is_offered_first_and_others_are_found_too(api, person, bob, discussion, monkeypatch):
    monkeypatch.setattr("comments.participants.LATELY", 2)
    for name in ("Anna Alt", "Anna Zuletzt", "Otto"):
        actions.post(discussion.pk, author=person(name), text=f"Hallo von {name}")
    person("Anna Nirgends")

    def names(query: str) -> list[str]:
        found = page(api(bob), f"/api/v1/discussions/{discussion.pk}/participants/", q=query)["results"]
        return [each["name"] for each in found]

    assert names("an") == ["Anna Zuletzt", "Anna Alt"]
    assert (names("alt"), names("ott"), names("nir")) == (["Anna Alt"], ["Otto"], [])
    monkeypatch.setattr("comments.participants.MOST_FOUND", 1)
    assert names("an") == ["Anna Zuletzt"]


def test_a_list_of_participants_is_asked_for_in_as_many_arguments_however_many_speak(person, discussion, monkeypatch):
    def arguments(query, *names):
        met = []

        def note(execute, sql, params, many, context):
            met.append(len(params or ()))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            assert [each.name for each in participants(discussion, query)] == [*names]
        return met

    for name in ("Anna", "Otto"):
        actions.post(discussion.pk, author=person(name), text=f"Hallo von {name}")
    few, none = arguments("ann", "Anna"), arguments("nirgends")
    for number in range(9):
        actions.post(discussion.pk, author=person(f"Otto {number}"), text=f"Hallo {number}")

    monkeypatch.setattr("comments.participants.LATELY", 5)  # then others are looked for, too
    assert arguments("nirgends") == none
    monkeypatch.undo()
    assert arguments("ann", "Anna") == few


def test_a_name_is_no_word_of_a_language(api, person, bob, discussion):
    actions.post(discussion.pk, author=person("Berge"), text="Hallo")

    assert page(api(bob), f"/api/v1/discussions/{discussion.pk}/participants/", q="bergen")["results"] == []
    assert page(api(bob), f"/api/v1/discussions/{discussion.pk}/participants/", q="berge")["results"] != []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@Annika Berg, wie meinst du das?", True),
        ("Ja (@annika berg)", True),
        ("Das sah @Annika   Berg anders", True),
        ("> @Annika Berg schrieb\n\nStimmt", False),
        ("`@Annika Berg`", False),
        ("mail@Annika Berg", False),
        ("@Annika", False),
    ],
)
def test_who_is_named_hears_of_it(person, bob, discussion, text, told):
    annika = person("Annika Berg")
    actions.post(discussion.pk, author=annika, text="Zuerst")

    said = actions.post(discussion.pk, author=bob, text=text).comment

    heard = [event["data"] for event in events(f"user.{annika.pk}")]
    assert heard == [notification_json(row) for row in annika.notifications.all()]
    wanted = {"kind": "comment.mentioned", "subject": said.subject, "title": discussion.title}
    wanted |= {"url": f"/comments/{said.pk}/"}
    assert [{name: each[name] for name in wanted} for each in heard] == ([wanted] if told else [])


def test_nobody_hears_twice_nor_of_what_waits_and_strangers_hear_nothing(person, alice, bob, mo, discussion, comment):
    stranger = person("Stranger")
    actions.post(discussion.pk, author=bob, text="@Alice @Bob @Stranger", parent_id=comment.pk)
    assert [event["data"]["kind"] for event in events(f"user.{alice.pk}")] == ["comment.replied"]
    assert events(f"user.{stranger.pk}") == []

    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=bob, text="@Alice noch einmal").comment
    assert len(events(f"user.{alice.pk}")) == 1
    actions.approve(held.pk, actor=mo)
    assert events(f"user.{alice.pk}")[-1]["data"]["kind"] == "comment.mentioned"
    actions.remove(held.pk, actor=mo, reason="spam")
    assert f"/comments/{held.pk}/" not in str(events(f"user.{alice.pk}"))


def test_who_names_a_crowd_names_nobody(person, bob, discussion):
    crowd = [person(f"Leser {number}") for number in range(12)]
    for who in crowd:
        actions.post(discussion.pk, author=who, text=f"Hier {who.name}")

    actions.post(discussion.pk, author=bob, text=" ".join(f"@{who.name}" for who in crowd))

    assert all(events(f"user.{who.pk}") == [] for who in crowd)
