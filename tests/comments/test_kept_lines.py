"""Lines of pages that were read before: they are what the database holds now, whoever has changed it, and when."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import FieldFetchBlocked
from django.db import transaction
from django.utils import timezone

from accounts.actions import change_profile, give_duties
from accounts.duties import OF_ROLE
from comments import actions
from comments.models import Comment, CommentTally, Discussion
from newsroom.api.renderers import iso
from newsroom.database import statements
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
    give_duties(alice.pk, actor=ada, duties=OF_ROLE["moderator"])
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
    give_duties(bob.pk, actor=ada, duties=OF_ROLE["moderator"])

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


def test_what_was_changed_by_hand_below_a_thread_is_shown(below, reply):
    below()
    Comment.objects.filter(pk=reply.pk).update(html="<p>von Hand</p>")

    assert below()["html"] == "<p>von Hand</p>"


def test_a_page_is_whole_however_little_is_kept(api, alice, discussion, monkeypatch):
    monkeypatch.setattr(statements, "KEPT_ROWS", 2)
    texts = [actions.post(discussion.pk, author=alice, text=f"Nr. {number}").comment.text for number in range(9)]

    for _ in range(3):
        assert [line["text"] for line in page(api(), f"{url(discussion)}?sort=oldest&limit=11")["results"]] == texts


@pytest.mark.parametrize("place", ["list", "detail", "page"])
def test_a_discussion_is_shown_as_it_stands_at_the_moment(api, discussion, comment, client, time_machine, place):
    now = timezone.now()
    Discussion.objects.filter(pk=discussion.pk).update(closes_at=now + timedelta(hours=1))

    def listed(minutes: float) -> tuple[str, str | None]:
        time_machine.move_to(now + timedelta(minutes=minutes))
        if place == "page":
            html = client.get(discussion.page).text
            return ("closed" if re.search(r"data-closed\s*>", html) else "open"), None
        address = "/api/v1/discussions/" if place == "list" else f"/api/v1/discussions/{discussion.pk}/"
        found = page(api(), address)
        (found,) = found["results"] if place == "list" else (found,)
        return found["state"], found["next_change"]

    closing = listed(1)
    assert closing == ("open", None if place == "page" else iso(now + timedelta(hours=1)))
    assert [listed(at) for at in (59, 61, 300, 59)] == [closing, ("closed", None), ("closed", None), closing]
    Discussion.objects.filter(pk=discussion.pk).update(closes_at=now + timedelta(minutes=10))
    assert listed(20) == ("closed", None)


def test_a_row_that_is_kept_loads_nothing_later(discussion):
    """It would keep that, and it is not among the values by which a changed row is told from an old one."""

    def modes(pk: int) -> Any:
        return Discussion.objects.only("mode").filter(pk=pk)

    (row,) = statements.prepared(int)(modes)(discussion.pk)
    (kept,) = statements.prepared(int, is_kept=True)(modes)(discussion.pk)

    assert (row.title, kept.mode) == (discussion.title, discussion.mode)
    with pytest.raises(FieldFetchBlocked):
        assert kept.title
