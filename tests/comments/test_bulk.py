"""One decision about many comments: in the background, exact, each like a single decision, and undone as a whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.duties import Duties
from accounts.models import AuditEntry, Notification
from accounts.notifications.telling_by_mail import mail_about
from comments import actions, tasks
from comments.actions import bulk, cases
from comments.actions.bulk import go_on_with_bulk
from comments.errors import AlreadyDecided
from comments.models import BulkItem, BulkJob, Case, Comment, Decision
from newsroom.errors import PreconditionFailed
from tests.comments.tools import events, in_parallel, kinds

BULK = "/api/v1/moderation/bulk/"
SPAM = {"action": "reject", "reason": "spam"}


@pytest.fixture
def hold(discussion, alice, mo):
    """Comments that wait."""

    def hold(number: int) -> list[Comment]:
        actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
        held = [actions.post(discussion.pk, author=alice, text=f"Nummer {n} wartet").comment for n in range(number)]
        actions.open_discussion(discussion.pk, actor=mo)
        return held

    return hold


@pytest.fixture
def crowd(discussion, alice):
    """Many that wait, without their events: 1,000 posts would take too long."""

    def make(number: int) -> list[int]:
        said = {"discussion": discussion, "author": alice, "state": "held"}
        rows = [Comment(text=f"Nummer {n}", html=f"<p>Nummer {n}</p>", **said) for n in range(number)]
        made = Comment.objects.bulk_create(rows)
        cases.open_many(made)
        return [each.pk for each in made]

    return make


def start(mo, comments, action="reject", reason="spam", **more) -> BulkJob:
    chosen = [(each.pk, each.public_version) for each in comments]
    return actions.start_bulk(chosen, action, actor=mo, reason=reason, **more)


def finish(job) -> BulkJob:
    while go_on_with_bulk(job.pk):
        pass
    job.refresh_from_db()
    return job


def states(comments) -> list[str]:
    known = dict(Comment.objects.values_list("pk", "state"))
    return [known[each.pk] for each in comments]


def test_chosen_comments_are_decided_and_the_answer_counts_them(api, mo, hold, alice):
    held = hold(3)

    answer = api(mo).post(BULK, {"ids": [each.pk for each in held[:2]], **SPAM, "text": "Bitte keine Reklame."})

    assert answer.status_code == 202
    job = answer.json()
    assert (job["state"], job["count"], job["done"], job["refused"], job["why"]) == ("done", 2, 2, 0, {})
    assert api(mo).get(f"{BULK}{job['id']}/").json() == job
    assert states(held) == ["rejected", "rejected", "held"]
    made = Decision.objects.filter(bulk_item__job=job["id"])
    assert {(each.moderator, each.action, each.reason, each.text, each.is_bulk) for each in made} == {
        (mo, "reject", "spam", "Bitte keine Reklame.", True)
    }
    assert {each.comment_id for each in made} == {each.pk for each in held[:2]}
    told = Notification.objects.filter(user=alice, kind="comment.rejected")
    assert {each.details["text"] for each in told} == {"Bitte keine Reklame."}
    assert told.count() == 2


def test_a_filter_chooses_all_open_cases_of_it_exactly(api, mo, hold, comment, bob, discussion):
    hold(3)
    actions.report(comment.pk, actor=bob, reason="insult")

    answer = api(mo).post(BULK, {"filter": {"kind": "held", "discussion": discussion.pk}, **SPAM, "count": 3})

    assert (answer.json()["count"], answer.json()["done"]) == (3, 3)
    assert list(Case.objects.open().values_list("comment", flat=True)) == [comment.pk]


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({**SPAM}, 422, "invalid"),
        ({"ids": [], **SPAM}, 422, "invalid"),
        ({"ids": [999999], **SPAM}, 422, "invalid"),
        ({"ids": [0], **SPAM}, 422, "invalid"),
        ({"ids": ["x"], **SPAM}, 422, "invalid"),
        ({"filter": {"kind": "held"}, "ids": [1], **SPAM}, 422, "invalid"),
        ({"filter": {"kind": "nonsense"}, **SPAM}, 422, "invalid"),
        ({"filter": {"colour": "red"}, **SPAM}, 422, "invalid"),
        ({"filter": {"section": "nirgends"}, **SPAM}, 404, "not_found"),
        ({"filter": {}, "action": "reject"}, 422, "invalid"),
        ({"filter": {}, "action": "edit", "reason": "spam"}, 422, "invalid"),
        ({"filter": {}, "action": "hold"}, 422, "invalid"),
        ({"filter": {}, **SPAM, "text": "x" * 1001}, 422, "invalid"),
        ({"filter": {}, **SPAM, "count": 2}, 409, "count_differs"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_decided(api, mo, hold, said, status, code):
    (held,) = hold(1)

    answer = api(mo).post(BULK, said)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert states([held]) == ["held"]
    assert not BulkJob.objects.exists()


def test_more_than_500_take_the_duty_head_and_the_number_typed_in(api, mo, person, crowd, section):
    ids = crowd(501)
    leads_elsewhere = person("Leo")
    leads_elsewhere.give(Duties.of([("moderate", None), ("head", section.pk + 1)]))
    leads_elsewhere.save()
    leads_here = person("Lena")
    leads_here.give(Duties.of([("moderate", None), ("head", section.pk)]))
    leads_here.save()

    wrong = [api(mo).post(BULK, {"ids": ids, **SPAM, **count}) for count in ({}, {"count": 500})]
    assert [(each.status_code, each.json()["code"], each.json()["count"]) for each in wrong] == [
        (409, "count_differs", 501)
    ] * 2
    assert api(leads_elsewhere).post(BULK, {"ids": ids, **SPAM, "count": 501}).status_code == 403
    assert not BulkJob.objects.exists()
    chosen = [(pk, 1) for pk in ids]
    assert actions.start_bulk(chosen, "reject", actor=leads_here, reason="spam", count=501).count == 501
    assert actions.start_bulk(chosen[:500], "reject", actor=leads_elsewhere, reason="spam").count == 500


def test_many_are_decided_exactly_once_each(mo, crowd, request):
    many = 1000 if request.config.getoption("--full") else 101  # three steps, the last of them not a whole one
    ids = crowd(many)
    kept = crowd(1)

    job = finish(actions.start_bulk([(pk, 1) for pk in ids], "reject", actor=mo, reason="spam", count=many))

    assert (job.state, job.count, job.done, job.refused) == ("done", many, many, 0)
    assert Comment.objects.filter(pk__in=ids, state="rejected").count() == many
    made = Decision.objects.filter(action="reject")
    assert made.count() == made.values("comment").distinct().count() == many
    assert AuditEntry.objects.filter(deed="comment.rejected", after__job=job.pk).count() == many
    assert Case.objects.open().get().comment_id == kept[0]
    steps = [each["data"]["done"] for each in events(f"user.{mo.pk}") if each["kind"] == "bulk.changed"]
    assert steps == [*range(50, many, 50), many]
    (told,) = mo.notifications.filter(kind="many.decided")
    assert (told.details, told.url) == ({"n": many, "refused": 0}, f"/moderation/bulk/{job.pk}/")


def test_a_step_that_is_cut_off_is_made_again_and_none_is_decided_twice(mo, hold, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    held = hold(5)
    job = start(mo, held)
    assert go_on_with_bulk(job.pk)
    decide = bulk.decide

    def die(comment_id, *args, **more):
        if comment_id == held[3].pk:
            raise KeyboardInterrupt
        return decide(comment_id, *args, **more)

    monkeypatch.setattr(bulk, "decide", die)
    with pytest.raises(KeyboardInterrupt):
        go_on_with_bulk(job.pk)
    assert states(held) == ["rejected"] * 2 + ["held"] * 3
    monkeypatch.setattr(bulk, "decide", decide)

    assert finish(job).done == 5
    assert not go_on_with_bulk(job.pk)
    assert Decision.objects.filter(action="reject").count() == 5


def test_a_job_whose_task_is_lost_is_taken_up_again(mo, hold):
    job = start(mo, hold(2))
    assert tasks.resume_bulk() == 0

    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert tasks.resume_bulk() == 1
        assert tasks.resume_bulk() == 0

    job.refresh_from_db()
    assert (job.state, job.done) == ("done", 2)


def test_what_may_not_be_decided_is_counted_with_its_why(api, mo, alice, person, discussion, chat, section):
    here = person("Sina")
    here.give(Duties.of([("moderate", section.pk)]))
    here.save()
    elsewhere = actions.post(chat.pk, author=alice, text="Im Treff").comment
    own = actions.post(discussion.pk, author=here, text="Von mir").comment
    gone, edited, stands = (actions.post(discussion.pk, author=alice, text=f"Nr. {n}").comment for n in range(3))
    actions.remove(gone.pk, actor=mo, reason="spam")
    read = edited.public_version
    actions.edit(edited.pk, actor=alice, text="Anders")

    said = {"ids": [each.pk for each in (elsewhere, own, gone, edited, stands)], "seen": {str(edited.pk): read}}
    job = api(here).post(BULK, said | {"action": "remove", "reason": "spam"}).json()

    assert (job["count"], job["done"], job["refused"]) == (5, 1, 4)
    assert job["why"] == {"forbidden": 2, "already_decided": 1, "precondition_failed": 1}
    assert states([elsewhere, own, edited, stands]) == ["published", "published", "published", "removed"]
    held = Comment.objects.filter(pk=elsewhere.pk)
    held.update(state="held", published_at=None, order=None)
    assert api(here).post(BULK, {"ids": [elsewhere.pk], **SPAM}).status_code == 422  # she may not know of it


def test_a_job_belongs_to_the_moderator_who_began_it(api, mo, ada, alice, hold):
    job = start(mo, hold(1))

    for who, status in ((None, 401), (alice, 403), (ada, 404)):
        assert api(who).get(f"{BULK}{job.pk}/").status_code == status
        assert api(who).delete(f"{BULK}{job.pk}/").status_code == status
        assert api(who).post(f"{BULK}{job.pk}/undo/").status_code == status
    assert api(mo).get(f"{BULK}{10**18}/").status_code == 404
    assert api(mo).delete(f"{BULK}{10**18}/").status_code == 404


def test_it_is_cancelled_half_way_and_what_is_decided_stays(api, mo, hold, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    held = hold(5)
    job = start(mo, held)
    assert go_on_with_bulk(job.pk)

    answer = api(mo).delete(f"{BULK}{job.pk}/").json()

    assert (answer["state"], answer["count"], answer["done"]) == ("cancelled", 5, 2)
    assert not go_on_with_bulk(job.pk)
    assert states(held) == ["rejected"] * 2 + ["held"] * 3
    assert api(mo).delete(f"{BULK}{job.pk}/").json() == answer
    undone = api(mo).post(f"{BULK}{job.pk}/undo/").json()
    assert (undone["state"], undone["undone"], undone["left"]) == ("undone", 2, 0)
    assert states(held) == ["held"] * 5


def test_undo_brings_back_what_nobody_has_touched_since(api, mo, ada, alice, bob, hold, discussion):
    held = hold(4)
    job = finish(start(mo, held, "approve", ""))
    actions.remove(held[1].pk, actor=ada, reason="insult")
    actions.edit(held[2].pk, actor=alice, text="Geändert")
    actions.post(discussion.pk, author=bob, text="So ist es", parent_id=held[3].pk)

    answer = api(mo).post(f"{BULK}{job.pk}/undo/")

    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["undone"], answer.json()["left"]) == ("undone", 1, 3)
    assert answer.json()["finished_at"]
    assert states(held) == ["held", "removed", "published", "published"]
    assert Case.objects.open().filter(comment=held[0]).exists()
    again = api(mo).post(f"{BULK}{job.pk}/undo/")
    assert (again.status_code, again.json()["code"]) == (409, "already_undone")


@pytest.mark.parametrize(("minutes", "status"), [(9, 202), (11, 409)])
def test_it_can_be_undone_for_ten_minutes(api, mo, hold, minutes, status):
    held = hold(1)
    job = start(mo, held)
    running = api(mo).post(f"{BULK}{job.pk}/undo/")
    assert (running.status_code, running.json()["code"]) == (409, "conflict")
    finish(job)

    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        answer = api(mo).post(f"{BULK}{job.pk}/undo/")

    assert answer.status_code == status
    assert answer.json().get("code") == (None if status == 202 else "too_late")
    assert states(held) == (["held"] if status == 202 else ["rejected"])


def test_single_decisions_at_the_same_time_win_or_lose_and_each_has_one_line(
    mo, ada, hold, discussion, many_connections, monkeypatch
):
    monkeypatch.setattr(bulk, "AT_ONCE", 5)
    held = hold(20)
    job = start(mo, held)
    won = []

    def approve(number: int) -> None:
        for comment in held[number::3] if number < 3 else ():
            try:
                actions.approve(comment.pk, actor=ada, seen={comment.public_version})
                won.append(comment.pk)
            except (AlreadyDecided, PreconditionFailed):
                pass

    in_parallel(4, lambda number: finish(BulkJob.objects.get(pk=job.pk)) if number == 3 else approve(number))

    job.refresh_from_db()
    made = Decision.objects.exclude(action="hold")
    assert sorted(made.values_list("comment", flat=True)) == [each.pk for each in held]
    assert job.done + job.refused == 20
    assert made.filter(is_bulk=True).count() == job.done == 20 - len(won)
    assert set(job.why) <= {"already_decided", "precondition_failed"}
    assert AuditEntry.objects.filter(deed__in=["comment.approved", "comment.rejected"]).count() == 20
    assert states(held) == ["published" if each.pk in won else "rejected" for each in held]
    assert not Case.objects.open().exists()
    last = {each["data"]["id"]: each["data"]["state"] for each in events("moderation") if each["kind"] == "queue.left"}
    assert last == {each.pk: state for each, state in zip(held, states(held), strict=True)}


def test_two_workers_with_one_job_share_it(mo, hold, many_connections, monkeypatch):
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    held = hold(12)
    job = start(mo, held)

    in_parallel(3, lambda _number: finish(BulkJob.objects.get(pk=job.pk)))

    job.refresh_from_db()
    assert (job.state, job.done, job.refused) == ("done", 12, 0)
    assert Decision.objects.filter(action="reject").count() == BulkItem.objects.filter(outcome="done").count() == 12
    assert mo.notifications.filter(kind="many.decided").count() == 1


def test_the_text_of_what_was_decided_is_nowhere_in_the_log(mo, hold, discussion):
    held = hold(2)
    finish(start(mo, held, note="Nur für uns"))

    assert kinds(f"user.{mo.pk}")[-2:] == ["bulk.changed", "notification.created"]
    assert "Nummer 0" not in str([*events("moderation"), *events(f"user.{mo.pk}"), *events(discussion.stream)])


@pytest.mark.usefixtures("queue")
def test_mails_wait_until_the_job_can_no_longer_be_undone(mo, alice, hold):
    first, second = (finish(start(mo, [held])) for held in hold(2))

    def send(row: DBTaskResult) -> None:
        row.delete()
        mail_about.call(*row.args_kwargs["args"])

    def waiting() -> list[DBTaskResult]:
        return list(DBTaskResult.objects.filter(task_path__endswith="mail_about").order_by("enqueued_at"))

    for row in waiting():
        send(row)
    assert len(waiting()) == 2
    assert all(row.run_after > first.undoable_until for row in waiting())
    actions.undo_bulk(first.pk, actor=mo)
    finish(first)
    with time_machine.travel(second.undoable_until + timedelta(seconds=5)):
        for row in waiting():
            send(row)
        for row in DBTaskResult.objects.filter(task_path__endswith="deliver"):
            row.task.call(*row.args_kwargs["args"])

    assert not waiting()
    assert [message.to for message in mail.outbox] == [[alice.email]]
