"""Cases: what opens them, what closes them, and which moderator reads one now.

The caller holds the comment: in its row's lock no other action opens or closes a case about it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must_moderate_somewhere
from accounts.models import User
from articles.models import Article
from comments import events
from comments.access import cases_of
from comments.actions.guards import hold_comment
from comments.models import Case, Comment, Decision, Discussion, Report, ReporterTally
from newsroom.errors import NotFound

LEASE = timedelta(minutes=2)
AT_ONCE = 100
_Outcome = Report.Outcome
_LETS_STAND = [Decision.Action.KEEP, Decision.Action.APPROVE, Decision.Action.RESTORE, Decision.Action.REOPEN]
_OUTCOMES = {
    **dict.fromkeys([Decision.Action.REMOVE, Decision.Action.REJECT, Decision.Action.EDIT], _Outcome.UPHELD),
    **dict.fromkeys(_LETS_STAND, _Outcome.DISMISSED),
}
# Of a comment in another state such a case has nothing to decide.
_STATE = {Case.Kind.HELD: Comment.State.HELD, Case.Kind.REPORTED: Comment.State.PUBLISHED}


def open_held(comment: Comment, *, is_new: bool = False) -> Case:
    """The open case of a comment that waits: a new one, or the one that it had, even if its withdrawal has closed that.

    `is_new`: the comment has just been made.
    """
    had = None if is_new else _latest(comment, Case.Kind.HELD)
    if had is None:
        return open_case(comment, Case.Kind.HELD)
    _open_again(had)
    return had


def open_flagged(comment: Comment, known: Iterable[Case] = ()) -> list[Case]:
    """A new case for a published comment that a rule has flagged, as if a reader had reported it; none if `known`, the
    open cases about it, has one.
    """
    is_known = any(case.kind == Case.Kind.REPORTED for case in known)
    return [] if is_known else [open_case(comment, Case.Kind.REPORTED)]


def open_case(comment: Comment, kind: Case.Kind, **values: object) -> Case:
    """A new case, with all that its JSON is made of."""
    article = _article_of(comment.discussion)
    comment.discussion.article = article
    case = Case(
        kind=kind,
        comment=comment,
        discussion=comment.discussion,
        section=article.section if article else None,
        author_id=comment.author_id,
        **values,
    )
    case.save()
    return case


def open_many(held: Sequence[Comment]) -> dict[int, Case]:
    """New cases for comments of one discussion that an import holds: comment → case."""
    discussion = held[0].discussion
    article = _article_of(discussion)
    discussion.article = article
    made = []
    for comment in held:
        comment.discussion = discussion
        known = {"comment": comment, "discussion": discussion, "author_id": comment.author_id}
        section = article.section if article else None
        made.append(Case(kind=Case.Kind.HELD, section=section, opened_at=comment.created_at, **known))
    return {case.comment_id: case for case in Case.objects.bulk_create(made)}


def open_about(comment: Comment) -> list[Case]:
    """The open cases about a comment, with the comment as the caller has it."""
    return _shown(Case.objects.open().filter(comment=comment), comment)


def is_reported(comment: Comment) -> bool:
    return Case.objects.open().filter(comment=comment, kind=Case.Kind.REPORTED).exists()


def close(comment: Comment, decision: Decision | None = None) -> events.Closed:
    """Close all open cases about a comment, by a decision or (None) by its withdrawal, and give its reports their
    outcome.
    """
    now = timezone.now()
    found = open_about(comment)
    for case in found:
        case.closed_at, case.decision, case.claimed_by, case.claimed_until = now, decision, None, None
        case.save(update_fields=["closed_at", "decision", "claimed_by", "claimed_until"])
    outcome = _OUTCOMES[Decision.Action(decision.action)] if decision else _Outcome.GONE
    reports = list(Report.objects.waiting().filter(comment=comment).order_by("reporter"))
    if reports:
        for report in reports:
            report.outcome, report.decided_at = outcome, now
        Report.objects.filter(pk__in=[each.pk for each in reports]).update(outcome=outcome, decided_at=now)
        _count(reports, outcome)
    return events.Closed(found, reports)


def reopen(comment: Comment) -> list[Case]:
    """Open again what a withdrawal has closed, with its reports. Returns the cases."""
    case = _latest(comment, Case.Kind.REPORTED)
    back = Report.objects.filter(comment=comment, outcome=_Outcome.GONE)
    back.update(outcome="", decided_at=None)
    if case is None:
        return []
    _open_again(case)
    return [case]


def take_back(comment: Comment, decision: Decision) -> events.Closed:
    """Open again what a decision has closed, and take the outcome of its reports back. Returns both.

    Nothing else has happened to the comment since, and no case about it is open.
    """
    closed = _shown(Case.objects.filter(decision=decision).order_by("pk"), comment)
    for case in closed:
        case.closed_at = case.decision = None
        case.save(update_fields=["closed_at", "decision"])
    answered = Report.objects.filter(comment=comment, decided_at__gte=decision.created_at).exclude(outcome="")
    reports = list(answered.exclude(outcome=_Outcome.GONE).order_by("reporter"))
    if reports:
        Report.objects.filter(pk__in=[each.pk for each in reports]).update(outcome="", decided_at=None)
        _count(reports, reports[0].outcome, -1)
    return events.Closed(closed, reports)


def follow(was: Discussion, now: Discussion) -> None:
    """After comments of `was` have come into `now`, or that has come into another section: the open cases follow."""
    article = _article_of(now)
    section = article.section if article else None
    astray = ~Q(section=section) | ~Q(discussion=now)
    moved = Case.objects.open().filter(astray, discussion=was, comment__discussion=now).with_all()
    for case in moved.order_by("pk"):
        left = case.section
        case.discussion, case.section = now, section
        case.save(update_fields=["discussion", "section"])
        more = [f"{events.MODERATION}.{left.slug}"] if left and left != section else []
        events.cases_told([case], "case.changed", *more)


@transaction.atomic
def claim(case_id: int, *, actor: User) -> Case:
    """Show other moderators for two minutes that `actor` reads this case. It warns them and keeps nobody from anything.

    Somebody else's claim that is not over stays. Raises Forbidden, NotFound.
    """
    case, moderator, now = *claimable(case_id, actor), timezone.now()
    if case.is_open and case.claim_at(now) in {None, moderator}:
        case.claimed_by, case.claimed_until = moderator, now + LEASE
        case.save(update_fields=["claimed_by", "claimed_until"])
        events.cases_told([case], "case.claimed")
    return case


@transaction.atomic
def release(case_id: int, *, actor: User) -> Case:
    """End one's own claim; idempotent. Raises Forbidden, NotFound."""
    case, moderator = claimable(case_id, actor)
    if case.claimed_by == moderator:
        case.claimed_by = case.claimed_until = None
        case.save(update_fields=["claimed_by", "claimed_until"])
        events.cases_told([case], "case.claimed")
    return case


def catch_up() -> int:
    """Open and close what a process of the release without cases has held and decided. Returns the number of cases."""
    known = Case.objects.open().filter(comment=OuterRef("pk"), kind=Case.Kind.HELD)
    lacking = list(Comment.objects.waiting().filter(~Exists(known)).values_list("pk", flat=True)[:AT_ONCE])
    stale = list(Case.objects.open().exclude(_fitting()).values_list("comment", flat=True)[:AT_ONCE])
    for pk in {*lacking, *stale}:
        with transaction.atomic():
            _catch_up_with(pk)
    return len(lacking) + len(stale)


def _fitting() -> Q:
    fitting = Q(kind__in=set(Case.Kind) - _STATE.keys())
    for kind, state in _STATE.items():
        fitting |= Q(kind=kind, comment__state=state)
    return fitting


def _catch_up_with(comment_id: int) -> None:
    hold_comment(comment_id)
    comment = locked(comment_id)
    fit = {kind for kind, state in _STATE.items() if comment.state == state}
    if any(case.kind in _STATE.keys() - fit for case in open_about(comment)):
        last = comment.decisions.standing().exclude(action=Decision.Action.HOLD).order_by("-id").first()
        events.cases_told(close(comment, last).cases, "case.closed")
    if comment.state == Comment.State.HELD:
        events.cases_told([open_held(comment)], "case.opened")


def locked(comment_id: int) -> Comment:
    """The comment with its row locked, and all that a case shows of it. Raises NotFound."""
    rows = Comment.objects.filter(pk=comment_id)
    if rows.select_for_update(no_key=True).only("pk").first() is None:
        raise NotFound(_("There is no such comment."))
    return rows.select_related("author", "tally", "discussion").get()


def claimable(case_id: int, actor: User) -> tuple[Case, User]:
    """A case with its row locked, and the moderator as they are now. Raises Forbidden, NotFound."""
    moderator = must_moderate_somewhere(acting(actor))
    mine = cases_of(moderator).filter(pk=case_id)
    if mine.select_for_update(no_key=True, of=("self",)).only("pk").first() is None:
        raise NotFound(_("There is no such case."))
    return mine.with_all().get(), moderator


def _latest(comment: Comment, kind: Case.Kind) -> Case | None:
    """The last case of this kind about which nobody has decided."""
    undecided = Case.objects.filter(comment=comment, kind=kind, decision=None)
    return next(iter(_shown(undecided.order_by("-id")[:1], comment)), None)


def _open_again(case: Case) -> None:
    if not case.is_open:
        case.closed_at = None
        case.save(update_fields=["closed_at"])


def _shown(found: QuerySet[Case], comment: Comment) -> list[Case]:
    """These cases of a comment, with the comment as the caller has it."""
    whole = found.select_related("section", "discussion__article__section", "claimed_by", *Case.HANDS)
    rows = list(whole.defer("discussion__article__body"))
    for case in rows:
        comment.discussion.article = case.discussion.article
        case.comment = comment
    return rows


def _article_of(discussion: Discussion) -> Article | None:
    if discussion.article_id is None:
        return None
    return Article.objects.select_related("section").defer("body").get(pk=discussion.article_id)


def _count(reports: Iterable[Report], outcome: str, by: int = 1) -> None:
    """Each reporter's tally. The caller holds the moderators' stream, so no other decision counts the same people."""
    if outcome == _Outcome.GONE:
        return
    people = [each.reporter_id for each in reports if each.reporter_id is not None]
    name = "upheld" if outcome == _Outcome.UPHELD else "dismissed"
    ReporterTally.objects.filter(pk__in=people).update(**{name: F(name) + by})
