"""Discussions and comments in the admin: whatever is changed goes through an action."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from comments import actions
from comments.models import Comment, Decision, Discussion
from tests.comments.tools import kinds

COMMENTS = reverse("admin:comments_comment_changelist")
DISCUSSIONS = reverse("admin:comments_discussion_changelist")


def enter(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tick(client: Client, address: str, action: str, *rows: int, **more: str):
    shown = {name: value for name, value in _seen(*rows).items() if name not in more}
    answer = client.post(address, {"action": action, **shown, "_selected_action": rows, **more}, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def _seen(*rows: int) -> dict[str, int]:
    """What the list sends along: the version of each row."""
    return {f"seen-{each.pk}": each.public_version for each in Comment.objects.filter(pk__in=rows)}


@pytest.mark.parametrize("name", ["comment", "discussion", "decision"])
def test_moderators_and_administrators_see_all_lists(mo, ada, comment, chat, name):
    actions.remove(comment.pk, actor=mo, reason="spam")

    for who in (mo, ada):
        client = enter(who)
        assert client.get(reverse(f"admin:comments_{name}_changelist")).status_code == 200
        pk = {"comment": comment.pk, "discussion": chat.pk, "decision": Decision.objects.get().pk}[name]
        assert client.get(reverse(f"admin:comments_{name}_change", args=[pk])).status_code == 200
    assert enter(mo).get(f"{COMMENTS}?q=F%C3%A4hre").status_code == 200


def test_readers_stay_outside(alice, comment):
    assert enter(alice).get(COMMENTS).status_code == 302


def test_ticked_comments_are_removed_with_a_reason(mo, discussion, comment):
    tick(enter(mo), COMMENTS, "remove", comment.pk, reason="hate", note="Regel 3")

    comment.refresh_from_db()
    assert comment.state == "removed"
    assert kinds(discussion.stream) == ["void", "comment.removed"]
    decision = Decision.objects.get()
    assert (decision.moderator, decision.reason, decision.note) == (mo, "hate", "Regel 3")


def test_without_a_reason_nothing_is_removed_and_it_is_said(mo, comment):
    (said,) = tick(enter(mo), COMMENTS, "remove", comment.pk)

    comment.refresh_from_db()
    assert comment.state == "published"
    assert said


def test_a_decision_can_be_written_below_the_comment(mo, comment):
    client, address = enter(mo), reverse("admin:comments_comment_change", args=[comment.pk])
    assert (
        b"decisions-0-action" in client.get(address).content
        or b"decisions-__prefix__-action" in client.get(address).content
    )
    form = {
        "decisions-TOTAL_FORMS": 1,
        "decisions-INITIAL_FORMS": 0,
        "decisions-0-action": "remove",
        "decisions-0-reason": "insult",
        "decisions-0-note": "",
        "decisions-0-seen": comment.version,
        "decisions-2-TOTAL_FORMS": 0,
        "decisions-2-INITIAL_FORMS": 0,
        "revisions-TOTAL_FORMS": 0,
        "revisions-INITIAL_FORMS": 0,
    }

    answer = client.post(address, form)

    assert answer.status_code == 302, answer.context["errors"]
    comment.refresh_from_db()
    assert comment.state == "removed"
    again = client.post(address, form | {"decisions-0-note": "Zu hart"})
    assert again.status_code == 200
    assert again.context["adminform"].form.non_field_errors()
    assert 'value="Zu hart"' in again.content.decode()
    assert Decision.objects.count() == 1


def test_nobody_changes_adds_or_deletes_a_comment_here(ada, comment):
    client = enter(ada)

    client.post(reverse("admin:comments_comment_change", args=[comment.pk]), {"text": "Gefälscht", "state": "held"})

    assert Comment.objects.get().text == comment.text
    assert client.get(reverse("admin:comments_comment_add")).status_code == 403
    assert client.post(reverse("admin:comments_comment_delete", args=[comment.pk]), {"post": "yes"}).status_code == 403


def test_a_discussion_is_closed_and_slowed_by_its_form(mo, discussion):
    address = reverse("admin:comments_discussion_change", args=[discussion.pk])
    form = {"title": discussion.title, "switch": "closed", "reason": "Feierabend", "slow_mode_seconds": 30}

    answer = enter(mo).post(address, form)

    assert answer.status_code == 302, answer.context["errors"]
    discussion.refresh_from_db()
    assert (discussion.switch, discussion.reason, discussion.slow_mode_seconds) == ("closed", "Feierabend", 30)
    assert kinds(discussion.stream) == ["discussion.closed", "discussion.slow"]


def test_ticked_discussions_are_opened_premoderated_and_closed(mo, discussion, chat):
    client = enter(mo)
    for action, switch in (("close", "closed"), ("premoderate", "premoderated"), ("open", "open")):
        tick(client, DISCUSSIONS, action, discussion.pk, chat.pk)
        assert set(Discussion.objects.values_list("switch", flat=True)) == {switch}


def test_of_discussions_those_that_are_shown_are_switched_not_all_there_are(mo, discussion, chat, monkeypatch):
    monkeypatch.setattr("comments.admin.DiscussionAdmin.list_per_page", 1)
    client = enter(mo)
    assert 'class="question' not in client.get(DISCUSSIONS).text

    wish = {"action": "close", "select_across": 1, "_selected_action": [chat.pk]}
    client.post(DISCUSSIONS, wish)

    assert dict(Discussion.objects.values_list("pk", "switch")) == {chat.pk: "closed", discussion.pk: "auto"}


def test_a_chat_is_started_here(mo):
    form = {"title": "Elbe-Treff", "switch": "auto", "reason": "", "slow_mode_seconds": 0}

    answer = enter(mo).post(reverse("admin:comments_discussion_add"), form)

    assert answer.status_code == 302, answer.context["errors"]
    chat = Discussion.objects.get()
    assert (chat.mode, chat.title, chat.tally.comment_count) == ("chat", "Elbe-Treff", 0)
    assert kinds(chat.stream) == ["discussion.opened"]


def test_all_that_a_list_holds_are_decided_in_the_background_by_their_true_number(mo, alice, discussion, monkeypatch):
    monkeypatch.setattr("comments.admin.CommentAdmin.list_per_page", 2)
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = [actions.post(discussion.pk, author=alice, text=f"Nr. {number}").comment.pk for number in range(5)]
    client, address = enter(mo), f"{COMMENTS}?state__exact=held"
    page = client.get(address)
    assert page.context["cl"].result_count == 5
    assert "9999999999" not in page.text

    wish = {"select_across": 1, "_selected_action": held[:2]}
    refused = client.post(address, {"action": "reject", **wish}, follow=True)
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]
    assert Comment.objects.filter(state="held").count() == 5
    said = client.post(address, {"action": "reject", "reason": "spam", **wish}, follow=True)

    assert [str(message)[:1] for message in said.context["messages"]] == ["5"]
    assert set(Comment.objects.values_list("state", flat=True)) == {"rejected"}
    told = mo.notifications.get(kind="many.decided")
    assert told.details == {"n": 5, "refused": 0}


def test_where_nobody_knows_how_many_there_are_none_are_offered(mo, alice, discussion, monkeypatch):
    monkeypatch.setattr("comments.admin.MOST", 3)
    monkeypatch.setattr("comments.admin.CommentAdmin.list_per_page", 2)
    for number in range(5):
        actions.post(discussion.pk, author=alice, text=f"Nr. {number}")

    page = enter(mo).get(COMMENTS)

    assert page.context["cl"].result_count == len(page.context["cl"].result_list) == 2
    assert "9999999999" not in page.text
