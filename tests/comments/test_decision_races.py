"""Approve against reject against edit, and remove against keep against edit, at the same moment: one winner, one line
in the record, and the stream ends with what is so.

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
from comments.models import Case, Comment, Decision
from newsroom.errors import PreconditionFailed, Refused
from newsroom.live.outbox import catch_up, position
from tests.comments.tools import events, in_parallel

FEW, ON_POSTGRES, FULL = 12, 30, 500
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
