"""Readers' reports about comments."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.access import may_take_part
from accounts.models import Sanction, User
from accounts.reasons import Reason
from comments import events
from comments.access import find_comment
from comments.actions import cases
from comments.actions.guards import lock_author
from comments.errors import OwnComment
from comments.models import MAX_REPORT, Case, Comment, Decision, Report, ReporterTally
from newsroom import limits
from newsroom.errors import Invalid, NotFound
from newsroom.text import clean

GRAVE = frozenset({Reason.HATE, Reason.VIOLENCE})  # come before all others, however old these are
GRAVE_WEIGHT = 1000
STANDS = (Decision.Action.APPROVE, Decision.Action.RESTORE, Decision.Action.KEEP)


@transaction.atomic
def report(comment_id: int, *, actor: User, reason: str, text: str = "") -> tuple[Report, bool]:
    """Report a published comment to the moderators. Returns the report, and whether it is new: each person has one.

    It opens a case, or joins the one that is open. If a moderator has let the comment stand, it takes
    REPORTS_AFTER_APPROVAL reports to open another. Raises Invalid, NotFound, Gone, OwnComment, NotLoggedIn,
    Unconfirmed, Barred, TooManyRequests.
    """
    text = _checked(reason, text)
    reporter = lock_author(actor.pk, Sanction.Scope.REPORT)
    found = find_comment(reporter, comment_id)
    may_take_part(reporter, Sanction.Scope.REPORT, found.discussion)
    if found.author_id == reporter.pk:
        raise OwnComment(_("This is your own comment: you can withdraw it."))
    known = Report.objects.filter(comment=comment_id, reporter=reporter).first()
    if known is not None:
        return known, False
    _must_be_there(found)
    limits.hit("reports", reporter.pk)
    comment = cases.locked(comment_id)
    _must_be_there(comment)
    made = Report.objects.create(
        comment=comment, reporter=reporter, reason=reason, text=text, version=comment.public_version
    )
    ReporterTally.objects.bulk_create([ReporterTally(person=reporter)], ignore_conflicts=True)
    ReporterTally.objects.filter(person=reporter).update(made=F("made") + 1)
    _join(comment, made)
    return made, True


def _must_be_there(comment: Comment) -> None:
    """Raises NotFound for a comment that readers do not see, or no longer."""
    if comment.state != Comment.State.PUBLISHED:
        raise NotFound(_("This comment is no longer there."))


def _checked(reason: str, text: str) -> str:
    """The clean text. Raises Invalid."""
    text, errors = clean(text), {}
    if reason not in Reason.values:
        errors["reason"] = [_("Choose a reason.")]
    if len(text) > MAX_REPORT:
        errors["text"] = [_("At most %d characters fit in here.") % MAX_REPORT]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)
    return text


def _join(comment: Comment, made: Report) -> None:
    """Bring the report into the comment's case, or open one if there are enough for it."""
    case = next((each for each in cases.open_about(comment) if each.kind == Case.Kind.REPORTED), None)
    kind = "case.changed"
    if case is None:
        loose = list(Report.objects.waiting().filter(comment=comment, case=None))
        if _stands(comment) and len(loose) < settings.REPORTS_AFTER_APPROVAL:
            return
        case, kind = cases.open_case(comment, Case.Kind.REPORTED), "case.opened"
    else:
        loose = [made]
    for report in loose:
        case.reports += 1
        case.reasons[report.reason] = case.reasons.get(report.reason, 0) + 1
        case.rank -= GRAVE_WEIGHT if report.reason in GRAVE else 1
    case.save(update_fields=["reports", "reasons", "rank"])
    Report.objects.filter(pk__in=[each.pk for each in loose]).update(case=case)
    events.cases_told([case], kind)


def _stands(comment: Comment) -> bool:
    """Whether a moderator has read the comment, as it is now, and let it stand."""
    unchanged = Q() if comment.edited_at is None else Q(created_at__gt=comment.edited_at)
    return comment.decisions.standing().filter(unchanged, action__in=STANDS, moderator__isnull=False).exists()
