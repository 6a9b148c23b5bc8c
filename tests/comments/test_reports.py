"""What readers report, what moderators see of it, and what the reporters hear."""

from __future__ import annotations

import pytest

from accounts.access import Barred
from accounts.actions import impose_sanction
from accounts.models import Notification
from comments import actions
from comments.models import Case, Comment, Report, ReporterTally
from newsroom.errors import Forbidden, Gone, Invalid, NotFound, Refused, TooManyRequests
from tests.comments.tools import events, in_parallel, kinds


def heard(person) -> list[str]:
    return list(Notification.objects.filter(user=person, kind__startswith="report.").values_list("kind", flat=True))


def test_the_first_report_opens_a_case_and_the_next_raise_it(comment, bob, jo, person):
    report, is_new = actions.report(comment.pk, actor=bob, reason="off_topic", text="Gehört hier nicht hin")
    case = Case.objects.get()
    assert (is_new, report.version, case.kind, case.reports) == (True, comment.version, "reported", 1)
    actions.report(comment.pk, actor=jo, reason="hate")

    case.refresh_from_db()
    assert (case.reports, case.reasons) == (2, {"off_topic": 1, "hate": 1})
    assert kinds("moderation") == ["case.opened", "case.changed"]
    changed = events("moderation.lokales")[-1]["data"]
    assert (changed["reports"]["count"], changed["counts"]["reported"]) == (2, 1)
    newest = changed["reports"]["newest"]
    assert [(each["reason"], each["text"]) for each in newest] == [("hate", ""), ("off_topic", "Gehört hier nicht hin")]
    assert newest[1]["reporter"]["reports"] == {"made": 1, "upheld": 0, "dismissed": 0}


def test_hatred_comes_before_whatever_is_older(discussion, comment, alice, bob, jo):
    late = actions.post(discussion.pk, author=alice, text="Und noch etwas").comment
    actions.report(comment.pk, actor=bob, reason="spam")
    actions.report(comment.pk, actor=jo, reason="insult")
    actions.report(late.pk, actor=bob, reason="violence")

    assert [case.comment for case in Case.objects.order_by("rank", "id")] == [late, comment]


def test_the_same_person_has_one_report(comment, bob):
    first = actions.report(comment.pk, actor=bob, reason="spam")[0]

    assert actions.report(comment.pk, actor=bob, reason="hate") == (first, False)
    assert Case.objects.get().reports == 1


def test_nobody_reports_what_is_their_own_or_gone_or_hidden(comment, discussion, alice, bob, mo):
    with pytest.raises(Forbidden):
        actions.report(comment.pk, actor=alice, reason="spam")
    actions.remove(comment.pk, actor=mo, reason="spam")
    with pytest.raises(NotFound):
        actions.report(comment.pk, actor=bob, reason="spam")
    actions.open_discussion(discussion.pk, actor=mo, premoderated=True)
    held = actions.post(discussion.pk, author=alice, text="Wartet noch").comment
    for actor in (bob, mo):
        with pytest.raises(NotFound):
            actions.report(held.pk, actor=actor, reason="spam")
    assert not Report.objects.exists()


def test_a_retracted_article_takes_its_comments_with_it(comment, article, bob, eddy):
    from articles import actions as article_actions

    article_actions.retract_article(article.pk, actor=eddy)
    with pytest.raises(Gone):
        actions.report(comment.pk, actor=bob, reason="spam")


@pytest.mark.parametrize("given", [{"reason": ""}, {"reason": "nonsense"}, {"reason": "spam", "text": "x" * 1001}])
def test_a_report_needs_a_reason_and_is_short(comment, bob, given):
    with pytest.raises(Invalid):
        actions.report(comment.pk, actor=bob, **given)


def test_a_restriction_to_report_bars_from_that_and_from_nothing_else(comment, discussion, bob, mo):
    impose_sanction(bob.pk, actor=mo, scope="report", until=None, reason="spam")

    with pytest.raises(Barred):
        actions.report(comment.pk, actor=bob, reason="spam")
    assert actions.post(discussion.pk, author=bob, text="Schreiben darf ich").status == 201


def test_reports_are_counted_within_their_limit(settings, discussion, alice, bob):
    settings.LIMITS = {**settings.LIMITS, "reports": "2/h"}
    said = [actions.post(discussion.pk, author=alice, text=f"Nummer {n}").comment for n in range(3)]
    for each in said[:2]:
        actions.report(each.pk, actor=bob, reason="spam")

    with pytest.raises(TooManyRequests):
        actions.report(said[2].pk, actor=bob, reason="spam")
    actions.report(said[0].pk, actor=bob, reason="spam")  # a repeat costs nothing


@pytest.mark.parametrize(
    ("decision", "kind", "tally"),
    [("remove", "report.upheld", (1, 1, 0)), ("keep", "report.dismissed", (1, 0, 1))],
)
def test_the_reporter_hears_the_outcome_and_it_is_counted(comment, bob, mo, decision, kind, tally):
    actions.report(comment.pk, actor=bob, reason="spam")

    actions.decide(comment.pk, decision, actor=mo, reason="spam")

    assert heard(bob) == [kind]
    assert kinds(f"user.{bob.pk}") == ["notification.created"]
    assert "Mo" not in str(events(f"user.{bob.pk}"))
    counted = ReporterTally.objects.get(person=bob)
    assert (counted.made, counted.upheld, counted.dismissed) == tally
    case = Case.objects.get()
    assert (case.is_open, case.decision.action) == (False, decision)
    assert kinds("moderation")[-1] == "case.closed"
    assert Comment.objects.get().state == ("removed" if decision == "remove" else "published")


def test_what_nobody_reported_cannot_be_kept(comment, bob, mo):
    with pytest.raises(Refused) as refused:
        actions.keep(comment.pk, actor=mo)
    assert refused.value.code == "already_decided"

    actions.report(comment.pk, actor=bob, reason="spam")
    actions.keep(comment.pk, actor=mo)
    with pytest.raises(Refused) as refused:
        actions.keep(comment.pk, actor=mo)
    assert refused.value.extra["decision"]["by"] == "Mo"


def test_after_an_approval_it_takes_several_reports_to_open_a_new_case(settings, comment, bob, jo, mo, person):
    settings.REPORTS_AFTER_APPROVAL = 2
    actions.report(comment.pk, actor=bob, reason="spam")
    actions.keep(comment.pk, actor=mo)

    actions.report(comment.pk, actor=jo, reason="spam")
    assert Case.objects.open().count() == 0
    actions.report(comment.pk, actor=person("Carla"), reason="insult")

    case = Case.objects.open().get()
    assert (case.reports, case.reasons) == (2, {"spam": 1, "insult": 1})
    assert Case.objects.count() == 2
    actions.remove(comment.pk, actor=mo, reason="insult")
    assert (heard(bob), heard(jo)) == (["report.dismissed"], ["report.upheld"])


def test_a_text_that_was_changed_after_the_approval_is_a_new_one(comment, alice, bob, jo, mo):
    actions.report(comment.pk, actor=bob, reason="spam")
    actions.keep(comment.pk, actor=mo)
    actions.edit(comment.pk, actor=alice, text="Und nun etwas ganz anderes")

    actions.report(comment.pk, actor=jo, reason="insult")

    assert Case.objects.open().count() == 1


def test_moderators_see_the_new_text_of_a_reported_comment(comment, alice, bob):
    actions.report(comment.pk, actor=bob, reason="spam")
    actions.edit(comment.pk, actor=alice, text="Schnell noch geändert")

    last = events("moderation")[-1]
    assert (last["kind"], last["data"]["comment"]["text"]) == ("case.changed", "Schnell noch geändert")
    assert "Endlich eine" not in str(events("moderation"))


def test_who_withdraws_and_comes_back_does_not_get_rid_of_a_report(comment, alice, bob, jo):
    actions.report(comment.pk, actor=bob, reason="insult")
    actions.withdraw(comment.pk, actor=alice)
    assert (heard(bob), Case.objects.open().count()) == (["report.gone"], 0)
    assert "Endlich eine" not in str(events("moderation"))

    actions.undo(comment.pk, actor=alice)
    actions.report(comment.pk, actor=jo, reason="insult")

    case = Case.objects.get()
    assert (case.is_open, case.reports) == (True, 2)
    assert Report.objects.waiting().count() == 2


def test_of_many_who_report_at_once_each_is_counted(comment, person, many_connections):
    readers = [person(name) for name in ("Anna", "Berta", "Cora", "Dora", "Emma", "Frida")]

    in_parallel(len(readers), lambda number: actions.report(comment.pk, actor=readers[number], reason="spam"))

    case = Case.objects.get()
    assert (case.reports, case.reasons, Report.objects.filter(case=case).count()) == (6, {"spam": 6}, 6)
    assert events("moderation")[-1]["data"]["counts"]["reported"] == 1
