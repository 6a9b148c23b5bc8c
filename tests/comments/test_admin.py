"""Discussions and comments in the admin: whatever is changed goes through an action."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import search
from accounts.actions import impose_sanction
from accounts.models import User
from comments import actions
from comments.models import Case, Comment, Decision, Discussion
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


def test_comments_and_decisions_lead_those_who_moderate_to_the_panel(mo, eddy, alice, bob, comment):
    actions.report(comment.pk, actor=bob, reason="spam")
    case = Case.objects.get()
    decision = actions.keep(comment.pk, actor=mo).ruling
    pages = [
        reverse("admin:comments_comment_change", args=[comment.pk]),
        reverse("admin:comments_decision_change", args=[decision.pk]),
    ]

    of_comment, of_decision = (enter(mo).get(each).text for each in pages)

    ways = (f"/moderation/cases/{case.pk}/", f"/comments/{comment.pk}/moderate/", f"/moderation/people/{alice.pk}/")
    for way in ways:
        assert f'href="{way}"' in of_comment
    assert f'href="{ways[0]}"' in of_decision
    log = re.search(r'href="(/moderation/decisions/[^"]+)"', of_decision)[1].replace("&amp;", "&")
    assert f'id="decision-{decision.pk}"' in enter(mo).get(log).text
    assert "/moderation/cases/" not in enter(eddy).get(pages[0]).text  # who edits here does not moderate


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
    monkeypatch.setattr("comments.admin.discussions.DiscussionAdmin.list_per_page", 1)
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
    monkeypatch.setattr("comments.admin.comments.CommentAdmin.list_per_page", 2)
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
    monkeypatch.setattr("newsroom.desk.lists.MOST", 3)
    monkeypatch.setattr("comments.admin.comments.CommentAdmin.list_per_page", 2)
    for number in range(5):
        actions.post(discussion.pk, author=alice, text=f"Nr. {number}")

    page = enter(mo).get(COMMENTS)

    assert page.context["cl"].result_count == len(page.context["cl"].result_list) == 2
    assert "Es gibt mehr" in page.text
    assert [enter(mo).get(f"{COMMENTS}?p={number}").status_code for number in (2, 3)] == [200, 302]


def test_comments_are_found_by_their_words_whatever_has_become_of_them(mo, alice, discussion):
    said = {}
    for deed in ("stay", "remove", "withdraw", "hold", "reject"):
        if deed == "hold":
            actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
        said[deed] = actions.post(discussion.pk, author=alice, text=f"Die Fähre nach {deed}").comment.pk
    actions.remove(said["remove"], actor=mo, reason="spam")
    actions.withdraw(said["withdraw"], actor=alice)
    actions.reject(said["reject"], actor=mo, reason="spam")

    def found(query: str, **more: str) -> set[int]:
        return {row.pk for row in enter(mo).get(COMMENTS, {"q": query, **more}).context["cl"].result_list}

    assert found("FÄHRE") == found("fähre nach") == set(said.values())
    assert [found("fähre", state__exact=state) for state in ("removed", "held")] == [{said["remove"]}, {said["hold"]}]
    assert [found(f"fähre {deed}") for deed in said] == [{pk} for pk in said.values()]
    assert (found("faehre"), found("nirgends")) == ({said["stay"]}, set())


@pytest.mark.parametrize("words", ["alice", "example.org", "ALICE@example.org", "alice exam"])
def test_people_are_found_by_their_addresses(ada, alice, bob, words):
    here = reverse("admin:accounts_user_changelist")
    found = {row.name for row in enter(ada).get(here, {"q": words}).context["cl"].result_list}

    assert alice.name in found
    assert (bob.name in found) == (words == "example.org")


def test_of_a_whole_address_one_person_is_found(ada, person):
    found, other = person("Sieben"), person("Sieben Siebzig")
    User.objects.filter(pk=found.pk).update(email="sieben7@example.org")
    User.objects.filter(pk=other.pk).update(email="sieben7@example.org.example")
    search.install()  # learns what no person has saved
    here = reverse("admin:accounts_user_changelist")

    def shown(words: str) -> list[int]:
        return [row.pk for row in enter(ada).get(here, {"q": words}).context["cl"].result_list]

    assert shown("Sieben7@example.org") == [found.pk]
    assert shown("sieben7 example.org") == shown("sieben") == [other.pk, found.pk]


def test_a_search_that_takes_too_long_says_so(ada, alice, settings):
    here = reverse("admin:accounts_user_changelist")
    assert alice.name in enter(ada).get(here, {"q": "alice"}).text
    settings.SEARCH_TIMEOUT = 0.05
    endless = "SELECT 1 FROM generate_series(1, 1e12)"
    if connection.vendor == "sqlite":
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0"

    def never_end(execute, sql, params, many, context):
        is_asked = any(words in sql.upper() for words in ("MATCH", "@@"))
        return execute(endless, None, many, context) if is_asked else execute(sql, params, many, context)

    with connection.execute_wrapper(never_end):
        page = enter(ada).get(here, {"q": "alice"})

    assert [message.level_tag for message in page.context["messages"]] == ["error"]
    assert list(page.context["cl"].result_list) == []


@pytest.mark.parametrize(
    ("list_of", "whose"),
    [
        ("accounts_user", ""),
        ("accounts_sanction", "user"),
        ("accounts_auditentry", "actor"),
        ("comments_comment", "author"),
    ],
)
def test_people_are_found_however_their_names_are_spelt(ada, bob, person, discussion, list_of, whose):
    names = ["Ёлка", "Émile Straßer", "Otto"]
    for name in names:
        found = person(name, "moderator")
        actions.post(discussion.pk, author=found, text="Hallo")
        said = actions.post(discussion.pk, author=bob, text=f"Hallo {name}").comment
        actions.remove(said.pk, actor=found, reason="spam")
        impose_sanction(found.pk, actor=ada, scope="react", reason="spam", until=None)
    client, address = enter(ada), reverse(f"admin:{list_of}_changelist")

    def shown(query: str) -> list[str]:
        rows = client.get(address, {"q": query}).context["cl"].result_list
        found = {(getattr(row, whose) if whose else row).name for row in rows}
        return [name for name in names if name in found]

    assert [shown(query) for query in ("елка", "emile", "strass em", "OTTO", "nirgends")] == [
        *([each] for each in (names[0], names[1], names[1], names[2])),
        [],
    ]
