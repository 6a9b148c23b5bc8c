"""Cases: what opens and closes them, that they are counted exactly, and who reads one now."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.db.models import ProtectedError
from django.utils import timezone

from articles import actions as article_actions
from articles.models import Section
from comments import actions
from comments.actions import cases
from comments.models import Case, Comment, QueueTally
from newsroom.errors import Forbidden, NotFound
from tests.comments.tools import events, in_parallel, kinds


@pytest.fixture
def wait(discussion, alice, mo):
    """`wait(text)` gives a comment of alice's that waits for a moderator."""
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    return lambda text="Darf das hinein?": actions.post(discussion.pk, author=alice, text=text).comment


def tallies() -> dict[tuple[str, str], int]:
    rows = QueueTally.objects.exclude(count=0)
    return {(row.section.slug if row.section else "", row.kind): row.count for row in rows}


def counts(stream: str = "moderation") -> dict[str, int]:
    return next(event["data"]["counts"] for event in reversed(events(stream)) if "counts" in event["data"])


def test_a_comment_that_waits_has_a_case_until_somebody_decides(wait, mo, discussion):
    held = wait()
    case = Case.objects.get()

    assert (case.kind, case.comment, case.discussion, case.author, case.is_open) == (
        *("held", held, discussion, held.author),
        True,
    )
    assert case.section.slug == "lokales"
    assert tallies() == {("", "held"): 1, ("lokales", "held"): 1}
    assert counts() == counts("moderation.lokales") == {"held": 1, "reported": 0, "appeals": 0, "notices": 0}

    actions.approve(held.pk, actor=mo)

    case.refresh_from_db()
    assert (case.is_open, case.decision.action) == (False, "approve")
    assert tallies() == {}
    assert counts() == counts("moderation.lokales") == {"held": 0, "reported": 0, "appeals": 0, "notices": 0}


def test_an_event_of_a_case_has_all_of_it_and_goes_with_the_text(wait, alice, mo):
    held = wait("Ein geheimes Wort")
    (opened,) = (event["data"] for event in events("moderation.lokales") if event["kind"] == "case.opened")
    assert (opened["comment"]["text"], opened["section"]["slug"]) == ("Ein geheimes Wort", "lokales")
    assert "title" not in opened["comment"]
    assert opened["comment"]["article"] == held.discussion.article.slug
    assert opened["hits"][0]["rule"] == "premoderated"
    assert (opened["claim"], opened["decision"], opened["author"]["name"]) == (None, None, "Alice")

    actions.reject(held.pk, actor=mo, reason="insult")

    assert "geheimes" not in str(events("moderation")) + str(events("moderation.lokales"))
    closed = events("moderation")[-1]["data"]
    assert (closed["decision"]["action"], closed["comment"]["state"]) == ("reject", "rejected")


def test_withdrawing_closes_and_bringing_back_opens_the_same_case(wait, alice):
    held = wait()
    actions.withdraw(held.pk, actor=alice)
    assert (Case.objects.get().is_open, tallies()) == (False, {})

    actions.undo(held.pk, actor=alice)

    assert (Case.objects.get().is_open, tallies()) == (True, {("", "held"): 1, ("lokales", "held"): 1})
    assert kinds("moderation")[-1] == "case.opened"


def test_a_new_text_is_shown_and_keeps_its_case(wait, alice):
    held = wait()
    actions.edit(held.pk, actor=alice, text="Und so?")

    assert Case.objects.count() == 1
    changed = events("moderation")[-1]
    assert (changed["kind"], changed["data"]["comment"]["text"]) == ("case.changed", "Und so?")
    assert "Darf das" not in str(events("moderation"))


def test_what_belongs_to_no_section_is_counted_among_all(chat, alice, mo):
    actions.open_discussion(chat.pk, actor=mo, premoderated=True)
    actions.post(chat.pk, author=alice, text="Unter keinem Artikel")

    assert tallies() == {("", "held"): 1}
    assert kinds("moderation") == ["queue.entered", "case.opened"]


def test_cases_follow_the_article_into_another_section(wait, article, eddy):
    wait()
    article_actions.correct_article(
        article.pk, actor=eddy, section=Section.objects.create(name="Kultur", slug="kultur")
    )

    assert Case.objects.get().section.slug == "kultur"
    assert tallies() == {("", "held"): 1, ("kultur", "held"): 1}
    assert counts("moderation.lokales")["held"] == 0
    assert counts("moderation.kultur")["held"] == 1


def test_cases_follow_a_merge_there_and_back(discussion, alice, mo):
    page, _is_new = actions.discuss_page("https://example.org/seite", actor=mo, title="Seite")
    actions.open_discussion(page.pk, actor=mo, premoderated=True)
    actions.post(page.pk, author=alice, text="Darf das?")

    actions.merge(page.pk, discussion.pk, actor=mo)
    assert Case.objects.get().discussion == discussion
    assert tallies() == {("", "held"): 1, ("lokales", "held"): 1}

    actions.undo_merge(page.pk, actor=mo)
    assert Case.objects.get().discussion == page
    assert tallies() == {("", "held"): 1}


def test_a_case_outlives_comment_and_discussion(wait, discussion):
    held = wait()

    for thing in (held, discussion):
        with pytest.raises(ProtectedError):
            thing.delete()


def test_a_section_can_go_though_there_was_a_case(wait, mo, eddy, article):
    held = wait()
    actions.approve(held.pk, actor=mo)
    other = Section.objects.create(name="Kultur", slug="kultur")
    section = article.section
    article_actions.correct_article(article.pk, actor=eddy, section=other)

    article_actions.delete_place(section, actor=eddy)

    assert Case.objects.get().section is None
    assert tallies() == {}


def test_a_claim_is_a_lease_that_warns_and_blocks_nobody(wait, mo, person):
    held = wait()
    case = Case.objects.get()
    mona = person("Mona", "moderator")

    actions.claim(case.pk, actor=mo)
    claim = events("moderation")[-1]
    assert (claim["kind"], claim["data"]["claim"]["by"]["name"]) == ("case.claimed", "Mo")
    actions.claim(case.pk, actor=mona)
    assert Case.objects.get().claimed_by == mo  # the first one's holds

    actions.release(case.pk, actor=mona)
    assert Case.objects.get().claimed_by == mo
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert actions.claim(case.pk, actor=mona).claimed_by == mona
        actions.release(case.pk, actor=mona)
    assert events("moderation")[-1]["data"]["claim"] is None

    actions.claim(case.pk, actor=mo)
    actions.approve(held.pk, actor=mona)  # whoever decides, decides
    assert events("moderation")[-1]["data"]["claim"] is None


def test_only_moderators_claim(wait, alice, mo):
    wait()
    with pytest.raises(Forbidden):
        actions.claim(Case.objects.get().pk, actor=alice)
    with pytest.raises(NotFound):
        actions.claim(10**9, actor=mo)


def test_many_at_once_are_counted_exactly(wait, mo, many_connections):
    held = [wait(f"Darf das hinein? {n}") for n in range(6)]

    in_parallel(len(held), lambda number: actions.approve(held[number].pk, actor=mo))

    assert tallies() == {}
    assert Case.objects.open().count() == 0
    assert counts() == {"held": 0, "reported": 0, "appeals": 0, "notices": 0}


def test_a_process_of_the_release_before_leaves_nothing_uncounted(wait, mo):
    """It holds comments without a case, and decides about comments whose case stays open."""
    lacking, decided = wait("Ohne Fall"), wait("Schon entschieden")
    Case.objects.filter(comment=lacking).delete()
    QueueTally.objects.update(count=1)
    Comment.objects.filter(pk=decided.pk).update(state="rejected")

    assert cases.catch_up() == 2
    assert cases.catch_up() == 0

    assert [case.comment for case in Case.objects.open()] == [lacking]
    assert tallies() == {("", "held"): 1, ("lokales", "held"): 1}


def test_the_migration_opens_a_case_for_everything_that_waits(wait, chat, alice, mo):
    actions.open_discussion(chat.pk, actor=mo, premoderated=True)
    held = [wait("Eins"), wait("Zwei"), actions.post(chat.pk, author=alice, text="Drei").comment]
    Case.objects.all().delete()
    QueueTally.objects.all().delete()
    open_cases = import_module("comments.migrations.0025_open_cases").open_cases

    open_cases(apps, connection.schema_editor())
    open_cases(apps, connection.schema_editor())  # cut off and begun anew

    assert [case.comment for case in Case.objects.order_by("pk")] == held
    assert [case.opened_at for case in Case.objects.order_by("pk")] == [each.created_at for each in held]
    assert tallies() == {("", "held"): 3, ("lokales", "held"): 2}
    actions.approve(held[0].pk, actor=mo)
    assert tallies() == {("", "held"): 2, ("lokales", "held"): 1}


def test_a_headline_that_was_corrected_stands_in_no_event_of_moderators(comment, wait, bob, mo, eddy):
    wait()
    actions.report(comment.pk, actor=bob, reason="spam")
    actions.keep(comment.pk, actor=mo)

    article_actions.correct_article(comment.discussion.article_id, actor=eddy, headline="Anders", note="Falsch")

    for stream in ("moderation", "moderation.lokales"):
        told = events(stream)
        assert {"queue.entered", "case.opened", "case.closed", "decision.made"} <= {each["kind"] for each in told}
        assert "Die neue Fähre fährt" not in str(told)
