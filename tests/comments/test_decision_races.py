"""Approve against reject against edit, and remove against keep against edit, at the same moment: one winner, one line
in the record, and the stream ends with what is so. The same of a job about many against a moderator and authors.

On PostgreSQL they meet in the database; on SQLite they take turns, in any order. `--full` plays 500 rounds.
"""

from __future__ import annotations

from collections import Counter
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from accounts.models import AuditEntry
from comments import actions
from comments.actions import bulk
from comments.models import BulkItem, BulkJob, Case, Comment, Decision
from comments.reads.cases import counts
from newsroom.errors import PreconditionFailed, Refused
from newsroom.live.outbox import catch_up, position
from tests.comments.tools import events, in_parallel

FEW, ON_POSTGRES, FULL = 12, 30, 500
MANY = {"sqlite": 30, "postgresql": 200}  # comments of a job
STREAMS = ("moderation", "moderation.lokales")


@pytest.fixture
def rounds(request) -> int:
    if request.config.getoption("--full"):
        return FULL
    return ON_POSTGRES if connection.vendor == "postgresql" else FEW


@pytest.fixture
def others(person, settings) -> tuple[Any, Any]:
    settings.LIMITS = {**settings.LIMITS, "comments": "100000/m", "reports": "100000/h"}
    return person("Mia", "moderator"), person("Max", "moderator")


def race(*deeds) -> list[str]:
    """All at once; "done" or the code of the refusal of each."""
    begin = Barrier(len(deeds))

    def run(number: int) -> str:
        begin.wait(20)
        try:
            deeds[number]()
        except Refused as refused:
            return refused.code
        return "done"

    return in_parallel(len(deeds), run)


def now() -> dict[str, Any]:
    """Where the streams of moderators are."""
    here = {stream: position(stream) for stream in STREAMS}
    return {stream: {"epoch": each.epoch, "offset": each.offset} for stream, each in here.items()}


def about(comment: int, stream: str) -> list[dict[str, Any]]:
    """Of the stream's last events those about this comment."""
    here = position(stream)
    since = {"epoch": here.epoch, "offset": max(here.offset - 50, 0)}
    return [
        each for each in events(stream, since) if each["kind"].startswith("comment.") and each["data"]["id"] == comment
    ]


@pytest.mark.timeout(3600)
def test_of_approve_reject_and_edit_one_wins_and_nothing_unread_is_public(
    rounds, others, discussion, alice, mo, many_connections
):
    mia, max_ = others
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    outcomes: Counter[tuple[str, ...]] = Counter()
    for number in range(rounds):
        before = now()
        held = actions.post(discussion.pk, author=alice, text=f"Gelesen {number}").comment
        seen = {held.public_version}
        outcome = race(
            lambda pk=held.pk, seen=seen: actions.approve(pk, actor=mia, seen=seen),
            lambda pk=held.pk, seen=seen: actions.reject(pk, actor=max_, reason="spam", seen=seen),
            lambda pk=held.pk, number=number: actions.edit(pk, actor=alice, text=f"Ungelesen {number}"),
        )
        outcomes[tuple(outcome)] += 1
        catch_up(discussion.stream)
        _holds(Comment.objects.get(pk=held.pk), outcome, discussion, before)

    print(dict(outcomes))
    assert outcomes.total() == rounds


def _holds(comment: Comment, outcome: list[str], discussion, before: dict[str, Any]) -> None:
    approved, rejected, edited = (each == "done" for each in outcome)
    rulings = list(Decision.objects.filter(comment=comment).exclude(action="hold").values_list("action", flat=True))
    assert len(rulings) == approved + rejected <= 1, outcome
    assert AuditEntry.objects.filter(subject=comment.subject).count() == len(rulings)
    state = "published" if approved else "rejected" if rejected else "held"
    assert comment.state == state, outcome
    if approved:  # what it says was read, or is a change of what is public already
        assert comment.text.startswith("Gelesen") or comment.revisions.get().text.startswith("Gelesen")
        first = about(comment.pk, discussion.stream)
        assert first, outcome
    if edited and not approved:
        assert outcome[0] in {PreconditionFailed.code, "already_decided"}, outcome
    for stream in STREAMS:
        of_cases = [each["data"] for each in events(stream, before[stream]) if each["kind"].startswith("case.")]
        last = [each for each in of_cases if each["comment"]["id"] == comment.pk][-1]
        assert ((last["closed_at"] is None), last["comment"]["state"]) == (state == "held", state), (outcome, last)
    assert Case.objects.open().filter(comment=comment).exists() == (state == "held")
    if not approved:
        assert about(comment.pk, discussion.stream) == [], outcome


@pytest.mark.timeout(3600)
def test_of_remove_keep_and_edit_the_stream_ends_with_what_is_so(
    rounds, others, discussion, alice, bob, mo, many_connections
):
    mia, max_ = others
    outcomes: Counter[tuple[str, ...]] = Counter()
    for number in range(rounds):
        said = actions.post(discussion.pk, author=alice, text=f"Gelesen {number}").comment
        actions.report(said.pk, actor=bob, reason="spam")
        seen = {Comment.objects.get(pk=said.pk).public_version}
        outcome = race(
            lambda pk=said.pk, seen=seen: actions.remove(pk, actor=mia, reason="spam", seen=seen),
            lambda pk=said.pk, seen=seen: actions.keep(pk, actor=max_, seen=seen),
            lambda pk=said.pk, number=number: actions.edit(pk, actor=alice, text=f"Ungelesen {number}"),
        )
        outcomes[tuple(outcome)] += 1
        catch_up(discussion.stream)
        comment = Comment.objects.get(pk=said.pk)
        removed, kept, _edited = (each == "done" for each in outcome)
        rulings = Decision.objects.filter(comment=comment).order_by("id")
        # To let it stand and to remove it afterwards are two decisions; the other way round there is one.
        assert [each.action for each in rulings] == ["keep"] * kept + ["remove"] * removed, outcome
        assert AuditEntry.objects.filter(subject=comment.subject).count() == len(rulings)
        assert comment.state == ("removed" if removed else "published"), outcome
        last = about(comment.pk, discussion.stream)[-1]["data"]
        assert (last["state"], last["text"]) == (comment.state, "" if removed else comment.text), outcome
        assert Case.objects.open().filter(comment=comment).exists() is not (removed or kept)

    print(dict(outcomes))
    assert outcomes.total() == rounds


def since(stream: str, start: dict[str, Any]) -> list[dict[str, Any]]:
    """All events after a position, however many."""
    found: list[dict[str, Any]] = []
    while more := events(stream, {**start, "offset": found[-1]["offset"] if found else start["offset"]}):
        found += more
    return found


def done_to(deed, comments) -> set[int]:
    """The ids of those to which it was done, one after the other."""
    found = set()
    for each in comments:
        try:
            deed(each)
        except Refused:
            continue
        found.add(each.pk)
    return found


@pytest.mark.timeout(600)
def test_of_a_job_about_many_approvals_and_edits_one_wins_for_each_comment(
    others, discussion, alice, mo, many_connections, monkeypatch
):
    monkeypatch.setattr(bulk, "AT_ONCE", 10)  # many steps, so that others come in between
    mia, max_ = others
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    number = MANY[connection.vendor]
    held = [actions.post(discussion.pk, author=alice, text=f"Gelesen {n}").comment for n in range(number)]
    job = actions.start_bulk([(each.pk, each.public_version) for each in held], "reject", actor=max_, reason="spam")
    starts = {**now(), discussion.stream: {**now()["moderation"], "offset": position(discussion.stream).offset}}

    def work() -> set[int]:
        while bulk.go_on_with_bulk(job.pk):
            pass
        return set()

    def approve(each: Comment) -> None:
        actions.approve(each.pk, actor=mia, seen={each.public_version})

    def edit(each: Comment) -> None:
        actions.edit(each.pk, actor=alice, text=f"Ungelesen {each.pk}")

    early = done_to(edit, held[1:3])  # after they were chosen, and before their turn
    backwards = held[::-1]  # the job goes forwards: they meet
    deeds = [work, lambda: done_to(approve, backwards[::2]), lambda: done_to(edit, backwards[::3])]
    _none, approved, edited = in_parallel(3, lambda n: deeds[n]())
    edited |= early
    catch_up(discussion.stream)

    job = BulkJob.objects.get(pk=job.pk)
    items = {item.comment_id: item for item in BulkItem.objects.filter(job=job)}
    made = {item.comment_id: item.outcome for item in items.values()}
    rejected = {pk for pk, outcome in made.items() if outcome == "done"}
    print(f"{number} comments: {len(rejected)} rejected, {len(approved)} approved, {len(edited)} edited, {job.why}")
    assert (job.state, job.count, job.done, job.refused) == ("done", number, len(rejected), number - len(rejected))
    assert job.refused == sum(job.why.values())
    assert set(job.why) <= {"already_decided", "precondition_failed"}
    assert approved.isdisjoint(rejected)
    assert early == {each.pk for each in held[1:3]}
    last = {stream: _last_of_each(since(stream, starts[stream]), discussion.stream == stream) for stream in starts}
    for comment in Comment.objects.filter(pk__in=[each.pk for each in held]):
        rulings = list(Decision.objects.filter(comment=comment).exclude(action="hold"))
        ruled = "approve" if comment.pk in approved else "reject" if comment.pk in rejected else ""
        assert [each.action for each in rulings] == [ruled] * bool(ruled)
        assert AuditEntry.objects.filter(subject=comment.subject).count() == len(rulings)
        state = {"approve": "published", "reject": "rejected", "": "held"}[ruled]
        assert comment.state == state
        read = comment.text.startswith("Gelesen") or comment.revisions.filter(text__startswith="Gelesen").exists()
        assert read or not ruled, "decided, and never read"
        assert comment.pk in edited or comment.text.startswith("Gelesen")
        for stream in STREAMS:
            told = last[stream].get(comment.pk)
            assert told is None if state == "held" and comment.pk not in edited else told == (state == "held", state)
        assert last[discussion.stream].get(comment.pk) == (comment.text if state == "published" else None)
        assert Case.objects.open().filter(comment=comment).exists() == (state == "held")
    assert counts(mo)["held"] == number - len(rejected) - len(approved)


def _last_of_each(found: list[dict[str, Any]], is_public: bool) -> dict[int, Any]:
    """Comment → what the stream says of it at last: its text, or whether its case is open, and its state."""
    if is_public:
        return {each["data"]["id"]: each["data"]["text"] for each in found if each["kind"].startswith("comment.")}
    of_cases = [each["data"] for each in found if each["kind"].startswith("case.")]
    return {each["comment"]["id"]: (each["closed_at"] is None, each["comment"]["state"]) for each in of_cases}
