"""Lines of pages that were read before: they are what the database holds now, whoever has changed it, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.actions import change_profile, change_role
from comments import actions
from comments.lines import KEPT_SECONDS
from comments.models import Comment, CommentTally, Discussion
from newsroom import kept
from newsroom.api.renderers import iso
from tests.comments.tools import page, url


@pytest.fixture
def show(api, discussion):
    """The lines of the first page, again and again by the same process."""

    def lines() -> list[dict]:
        return page(api(), url(discussion))["results"]

    return lines


def test_a_line_shows_the_text_that_was_last_written(show, comment, alice, mo):
    (before,) = show()
    actions.edit(comment.pk, actor=alice, text="Anders gesagt.")
    (edited,) = show()
    actions.remove(comment.pk, actor=mo, reason="spam")
    (removed,) = show()

    assert [line["text"] for line in (before, edited, removed)] == [comment.text, "Anders gesagt.", ""]


def test_a_line_shows_who_its_author_is_now(show, comment, alice, ada):
    (before,) = show()
    change_profile(alice.pk, name="Alice Neu")
    change_role(alice.pk, actor=ada, role="moderator")
    (after,) = show()

    assert before["author"]["name"] != "Alice Neu"
    assert (after["author"]["name"], after["author"]["role"]) == ("Alice Neu", "moderator")


def test_a_line_shows_how_others_react_and_answer_now(show, comment, bob, discussion):
    (before,) = show()
    actions.react(comment.pk, "like", actor=bob)
    (liked,) = show()
    reply = actions.post(discussion.pk, author=bob, text="Ja.", parent_id=comment.pk).comment
    (answered,) = show()
    actions.react(reply.pk, "like", actor=bob)
    (again,) = show()

    assert [line["reactions"] for line in (before, liked, answered)] == [{}, {"like": 1}, {"like": 1}]
    assert [line["reply_count"] for line in (before, answered)] == [0, 1]
    assert [line["replies"][0]["reactions"] for line in (answered, again)] == [{}, {"like": 1}]


def test_each_change_within_one_transaction_is_seen_and_none_after_it_is_taken_back(show, comment):
    def written(text: str) -> str:
        Comment.objects.filter(pk=comment.pk).update(text=text)
        return show()[0]["text"]

    (before,) = show()
    with transaction.atomic():
        assert [written(text) for text in ("eins", "zwei", "drei")] == ["eins", "zwei", "drei"]
        transaction.set_rollback(True)

    assert show()[0]["text"] == before["text"]


def test_what_others_have_written_is_seen(show, comment):
    (before,) = show()
    CommentTally.objects.update_or_create(comment=comment, defaults={"rounds": 7})
    Comment.objects.filter(pk=comment.pk).update(html="<p>von Hand</p>")
    (after,) = show()

    assert after["html"] == "<p>von Hand</p>" != before["html"]
    assert after["version"] == before["version"] + 7


@pytest.fixture
def reply(discussion, comment, bob) -> Comment:
    return actions.post(discussion.pk, author=bob, text="Ja.", parent_id=comment.pk).comment


@pytest.fixture
def below(show) -> Callable[[], dict[str, Any]]:
    """The only reply of the only thread."""

    def shown() -> dict[str, Any]:
        ((only,),) = [line["replies"] for line in show()]
        return only

    return shown


def test_a_thread_shows_each_change_below_it(below, reply, alice, bob, mo, discussion):
    seen = [below()]
    for change in (
        lambda: actions.edit(reply.pk, actor=bob, text="Nein."),
        lambda: actions.react(reply.pk, "like", actor=alice),
        lambda: actions.remove(reply.pk, actor=mo, reason="spam"),
        lambda: actions.restore(reply.pk, actor=mo),
        lambda: actions.withdraw(reply.pk, actor=bob),
        lambda: actions.undo(reply.pk, actor=bob),
    ):
        change()
        seen.append(below())

    assert [each["text"] for each in seen] == ["Ja.", "Nein.", "Nein.", "", "Nein.", "", "Nein."]
    assert [each["reactions"] for each in seen[:3]] == [{}, {}, {"like": 1}]
    assert len({each["version"] for each in seen}) == len(seen)


def test_a_thread_shows_who_its_authors_are_now(below, reply, bob, ada):
    before = below()["author"]
    change_profile(bob.pk, name="Bob Neu")
    renamed = below()["author"]
    change_role(bob.pk, actor=ada, role="moderator")

    assert [each["name"] for each in (before, renamed)] == [bob.name, "Bob Neu"]
    assert below()["author"] == renamed | {"role": "moderator"}


def test_what_is_approved_below_a_thread_is_shown(show, reply, bob, mo, discussion, comment):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=bob, text="Doch.", parent_id=comment.pk).comment
    assert [len(line["replies"]) for line in show()] == [1]

    actions.approve(held.pk, actor=mo)
    assert [[each["text"] for each in line["replies"]] for line in show()] == [["Ja.", "Doch."]]


def test_what_is_taken_down_is_gone_before_its_event_has_a_number(below, reply, mo):
    assert below()["text"] == "Ja."
    with transaction.atomic():
        actions.remove(reply.pk, actor=mo, reason="spam")
        assert below()["text"] == ""
        transaction.set_rollback(True)

    assert below()["text"] == "Ja."


def test_what_was_changed_by_hand_below_a_thread_is_shown_after_a_while(below, reply, monkeypatch):
    before = below()["html"]
    Comment.objects.filter(pk=reply.pk).update(html="<p>von Hand</p>")
    assert below()["html"] == before

    monkeypatch.setattr("comments.lines.monotonic", lambda: monotonic() + KEPT_SECONDS + 1)
    assert below()["html"] == "<p>von Hand</p>"


def test_a_page_is_whole_however_little_is_kept(api, alice, discussion, monkeypatch):
    monkeypatch.setattr(kept, "MOST_ROWS", 2)
    texts = [actions.post(discussion.pk, author=alice, text=f"Nr. {number}").comment.text for number in range(9)]

    for _ in range(3):
        assert [line["text"] for line in page(api(), f"{url(discussion)}?sort=oldest")["results"]] == texts


def test_what_goes_between_two_looks_is_left_out(api, alice, discussion, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("one look finds and reads")
    texts = [actions.post(discussion.pk, author=alice, text=f"Nr. {number}").comment for number in range(3)]
    from comments import lists

    run = lists._LINES._read.run

    def late(*values: str) -> list[Comment]:
        Comment.objects.filter(pk=texts[1].pk).delete()
        return run(*values)

    monkeypatch.setattr(lists._LINES._read, "run", late)

    shown = page(api(), f"{url(discussion)}?sort=oldest")["results"]
    assert [line["text"] for line in shown] == ["Nr. 0", "Nr. 2"]


def test_a_list_of_discussions_shows_how_each_stands_at_the_moment(api, discussion, comment, mo, time_machine):
    now = timezone.now()
    Discussion.objects.filter(pk=discussion.pk).update(closes_at=now + timedelta(hours=1))

    def listed(minutes: float) -> tuple[str, str | None]:
        time_machine.move_to(now + timedelta(minutes=minutes))
        ((state, until),) = [
            (each["state"], each["next_change"]) for each in page(api(), "/api/v1/discussions/")["results"]
        ]
        return state, until

    closing = listed(1)
    assert closing == ("open", iso(now + timedelta(hours=1)))
    assert [listed(at) for at in (59, 61, 300, 59)] == [closing, ("closed", None), ("closed", None), closing]
    Discussion.objects.filter(pk=discussion.pk).update(closes_at=now + timedelta(minutes=10))
    assert listed(20) == ("closed", None)
