"""For a minute a moderator can undo a decision, and readers see no trace of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import AuditEntry, Notification
from articles.actions import retract_article
from comments import actions
from comments.models import AuthorTally, Case, Comment, CommentTally, Decision, Report, ReporterTally
from newsroom.errors import Refused
from tests.comments.tools import events, in_parallel, kinds, log_holds, page, url

QUEUE = "/api/v1/moderation/queue/"
TEXT = "Darf das hinein?"
REASONS = {"reject": "insult", "remove": "insult"}


def decide(client, comment_id, action):
    asked = {"action": action, "reason": REASONS.get(action, "")}
    answer = client.post(f"/api/v1/comments/{comment_id}/decisions/", asked)
    assert answer.status_code == 201, answer.json()
    return answer.json()["decision"]["id"]


def undo(client, decision_id):
    return client.post(f"/api/v1/decisions/{decision_id}/undo/")


@pytest.fixture
def held(alice, mo, discussion) -> Comment:
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    comment = actions.post(discussion.pk, author=alice, text=TEXT).comment
    actions.open_discussion(discussion.pk, actor=mo)
    return comment


def test_what_was_approved_waits_again_and_readers_find_no_trace(api, alice, mo, discussion, comment, held):
    before = page(api(), url(discussion))
    decision = decide(api(mo), held.pk, "approve")
    assert len(page(api(), url(discussion))["results"]) == 2

    answer = undo(api(mo), decision)

    assert (answer.status_code, answer.json()["state"]) == (200, "held")
    assert answer.json()["decision"]["undone_at"]
    after = page(api(), url(discussion))
    assert [after[name] for name in ("results", "comment_count")] == [before[n] for n in ("results", "comment_count")]
    assert api().get(f"/api/v1/comments/{held.pk}/").status_code == 404
    assert [each["id"] for each in page(api(mo), QUEUE)["results"]] == [held.pk]
    assert kinds(discussion.stream)[-2:] == ["void", "discussion.rebuilt"]
    assert [each["id"] for each in api(alice).get(f"/api/v1/discussions/{discussion.pk}/mine/").json()["held"]] == [
        held.pk
    ]
    (case,) = Case.objects.filter(comment=held)
    assert (case.is_open, case.decision) == (True, None)

    decide(api(mo), held.pk, "approve")
    again = page(api(), url(discussion))
    assert (len(again["results"]), again["comment_count"]) == (2, before["comment_count"] + 1)


def test_an_answer_that_was_approved_leaves_the_count_of_its_parent(api, bob, mo, discussion, comment):
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    reply = actions.post(discussion.pk, author=bob, text="Meine Antwort", parent_id=comment.pk).comment
    decision = decide(api(mo), reply.pk, "approve")
    assert CommentTally.objects.get(pk=comment.pk).reply_count == 1

    undo(api(mo), decision)

    assert CommentTally.objects.get(pk=comment.pk).reply_count == 0
    assert not Notification.objects.filter(kind="comment.replied").exists()
    assert page(api(), url(discussion))["results"][0]["replies"] == []


@pytest.mark.parametrize(
    ("steps", "state"),
    [(["reject"], "held"), (["reject", "restore"], "rejected"), (["approve", "remove"], "published")],
)
def test_what_was_comes_back(api, mo, discussion, held, steps, state):
    for step in steps:
        decision = decide(api(mo), held.pk, step)

    assert undo(api(mo), decision).json()["state"] == state
    assert Comment.objects.get(pk=held.pk).state == state
    listed = page(api(), url(discussion))["results"]
    assert [(each["state"], each["text"]) for each in listed] == ([("published", TEXT)] if state == "published" else [])
    assert log_holds(TEXT) is (state != "rejected")
    assert AuditEntry.objects.filter(deed="decision.undone", subject=held.subject, after__state=state).count() == 1


def test_a_comment_that_was_restored_is_gone_again(api, mo, discussion, comment):
    decide(api(mo), comment.pk, "remove")
    decision = decide(api(mo), comment.pk, "restore")

    undo(api(mo), decision)

    (place,) = page(api(), url(discussion))["results"]
    assert (place["state"], place["text"]) == ("removed", "")
    assert not log_holds(comment.text)


def test_reports_have_no_outcome_any_more_and_reporters_hear_nothing(api, bob, jo, mo, comment):
    actions.report(comment.pk, actor=bob, reason="spam")
    actions.report(comment.pk, actor=jo, reason="hate")
    Notification.objects.all().delete()
    decision = decide(api(mo), comment.pk, "remove")
    Notification.objects.filter(user=jo).update(read_at=timezone.now())
    assert ReporterTally.objects.get(pk=bob.pk).upheld == 1

    undo(api(mo), decision)

    assert set(Report.objects.values_list("outcome", "decided_at")) == {("", None)}
    assert ReporterTally.objects.get(pk=bob.pk).upheld == 0
    (case,) = Case.objects.open()
    assert (case.kind, case.reports, case.decision) == ("reported", 2, None)
    kept = list(Notification.objects.order_by("pk").values_list("user__name", "kind"))
    assert kept == [(jo.name, "report.upheld"), (jo.name, "decision.undone")]
    assert kinds(f"user.{bob.pk}") == ["void", "notification.withdrawn"]
    assert kinds("moderation")[-2:] == ["decision.undone", "case.opened"]

    decide(api(mo), comment.pk, "keep")
    assert (ReporterTally.objects.get(pk=bob.pk).upheld, ReporterTally.objects.get(pk=bob.pk).dismissed) == (0, 1)


def test_only_for_a_minute_only_once_and_only_by_the_same_person(api, alice, ada, mo, held):
    decision = decide(api(mo), held.pk, "reject")

    assert undo(api(), decision).status_code == 401
    assert undo(api(alice), decision).status_code == 403
    assert undo(api(ada), decision).status_code == 403
    assert undo(api(mo), 10**12).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        late = undo(api(mo), decision)
    assert (late.status_code, late.json()["code"]) == (409, "too_late")
    assert undo(api(mo), decision).status_code == 200
    again = undo(api(mo), decision)
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


def test_below_an_article_that_was_retracted_it_is_gone(api, mo, eddy, article, comment):
    decision = decide(api(mo), comment.pk, "remove")
    retract_article(article.pk, actor=eddy)

    assert undo(api(mo), decision).status_code == 410
    assert Comment.objects.get(pk=comment.pk).state == "removed"


def test_what_somebody_has_decided_since_stays(api, ada, mo, comment):
    decision = decide(api(mo), comment.pk, "remove")
    decide(api(ada), comment.pk, "restore")

    refused = undo(api(mo), decision)

    assert (refused.status_code, refused.json()["code"]) == (409, "already_decided")
    assert refused.json()["decision"]["by"] == ada.name


def test_what_readers_have_answered_or_reported_stays(api, bob, mo, discussion, held, comment, settings):
    settings.REPORTS_AFTER_APPROVAL = 1
    decision = decide(api(mo), held.pk, "approve")
    actions.post(discussion.pk, author=bob, text="Eine Antwort", parent_id=held.pk)
    actions.report(comment.pk, actor=bob, reason="spam")
    kept = decide(api(mo), comment.pk, "keep")
    actions.report(comment.pk, actor=mo, reason="spam")

    for each in (decision, kept):
        refused = undo(api(mo), each)
        assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert Comment.objects.get(pk=held.pk).state == "published"


def test_an_undone_decision_counts_for_nothing_and_stands_in_the_history(api, bob, mo, discussion, comment):
    decide(api(mo), comment.pk, "remove")
    undo(api(mo), decide(api(mo), comment.pk, "restore"))

    assert Comment.objects.get(pk=comment.pk).state == "removed"
    history = api(mo).get(f"/api/v1/comments/{comment.pk}/history/").json()["decisions"]
    assert [(each["action"], each["undone_at"] is None) for each in history] == [("remove", True), ("restore", False)]
    assert not Decision.objects.standing().filter(action="restore").exists()

    undo(api(mo), decide(api(mo), comment.pk, "restore"))
    Comment.objects.filter(pk=comment.pk).update(state="published")
    assert actions.take_down(comment.pk, rule="imported", note="")


def test_the_authors_figures_are_what_they_were(mo, alice, held):
    figures = ("published", "linked", "rejected", "removed", "restored")

    def known():
        return AuthorTally.objects.filter(author=alice).values_list(*figures).first() or (0,) * len(figures)

    before = known()
    for action in ("approve", "reject"):
        decided = actions.decide(held.pk, action, actor=mo, reason=REASONS.get(action, "")).ruling.pk
        assert known() != before
        actions.undo_decision(decided, actor=mo)
        assert known() == before


def test_of_those_who_undo_at_once_one_is_first(mo, held, many_connections):
    decided = actions.approve(held.pk, actor=mo).ruling.pk

    def try_it(_: int) -> str:
        try:
            return actions.undo_decision(decided, actor=mo).state
        except Refused as refused:
            return refused.code

    assert sorted(in_parallel(5, try_it)) == ["already_undone"] * 4 + ["held"]


def test_an_answer_and_an_undoing_at_once_leave_no_answer_to_nothing(bob, mo, discussion, held, many_connections):
    decided = actions.approve(held.pk, actor=mo).ruling.pk

    def deed(number: int) -> str:
        try:
            if number:
                actions.post(discussion.pk, author=bob, text="Eine Antwort", parent_id=held.pk)
            else:
                actions.undo_decision(decided, actor=mo)
        except Refused as refused:
            return refused.code
        return "done"

    undone, answered = in_parallel(2, deed)

    assert (undone == "done") is not (answered == "done")
    assert (Comment.objects.get(pk=held.pk).state == "held") is (undone == "done")
    assert Comment.objects.filter(parent=held).exists() is (answered == "done")


def test_events_of_a_minute_tell_nothing_of_what_was_undone(api, alice, mo, discussion, held):
    seen = {"epoch": (at := page(api(), url(discussion))["position"])["epoch"], "offset": at["offset"]}

    undo(api(mo), decide(api(mo), held.pk, "approve"))

    told = events(discussion.stream, seen)
    assert [event["kind"] for event in told] == ["void", "discussion.rebuilt"]
    assert TEXT not in str(told)
    assert TEXT not in str(events("chats"))


def test_the_page_offers_it_without_javascript(client, mo, held):
    client.force_login(mo)
    address = f"/comments/{held.pk}/moderate/"
    form = {"deed": "reject", "reason": "spam", "seen": held.public_version}
    decided = client.post(address, form, follow=True)
    assert f'<a href="{address}#undo">' in decided.text
    page = client.get(address).text
    number = re.search(r'name="decision" value="(\d+)"', page)[1]

    assert client.post(address, {"deed": "undo", "decision": number}).status_code == 302

    assert Comment.objects.get(pk=held.pk).state == "held"
    page = client.get(address).text
    assert 'name="decision"' not in page
    assert "rückgängig gemacht" in page
    assert client.post(address, {"deed": "undo", "decision": number}).status_code == 422


def test_the_desk_offers_it(client, mo, ada, comment):
    actions.remove(comment.pk, actor=mo, reason="spam")
    asked = {"action": "undo", "_selected_action": [comment.pk]}

    client.force_login(ada)
    refused = client.post("/admin/comments/comment/", asked, follow=True)
    assert "nichts entschieden" in refused.text
    client.force_login(mo)
    client.post("/admin/comments/comment/", asked, follow=True)

    assert Comment.objects.get(pk=comment.pk).state == "published"
