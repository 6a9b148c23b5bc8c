"""A comment's page for readers who report it to the moderators. It calls the same action as the API."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import person
from accounts.models import Sanction, User
from accounts.reasons import Reason
from comments import actions
from comments.access import find_comment
from comments.models import MAX_REPORT, Comment, Report
from comments.representations import comment_json
from newsroom.errors import Refused
from newsroom.pages.discussions import address_of
from newsroom.pages.sentences import REPORTED
from newsroom.pages.thread import why_barred


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Report a comment, or see what has become of one's report."""
    reader, refused = person(request.user), None
    comment = find_comment(reader, pk)
    if request.method == "POST":
        reason, text = (request.POST.get(name, "") for name in ("reason", "text"))
        try:
            _made, is_new = actions.report(pk, actor=reader, reason=reason, text=text)
            messages.success(request, REPORTED["sent" if is_new else "known"]())
            return redirect(address_of(comment))
        except Refused as error:
            comment, refused = find_comment(reader, pk), error
    context = {
        "comment": comment_json(comment),
        "place": address_of(comment),
        "hindrance": _hindrance(comment, reader),
        "errors": refused.extra.get("errors", {}) if refused else {},
        "error": refused.detail if refused else "",
        "said": {name: request.POST.get(name, "") for name in ("reason", "text")},
        "reasons": Reason.choices,
        "most": MAX_REPORT,
    }
    response = render(request, "pages/report.html", context, status=_status(refused))
    if refused and "retry_after" in refused.extra:
        response["Retry-After"] = str(refused.extra["retry_after"])
    return response


def _status(refused: Refused | None) -> int:
    if refused is None:
        return HTTPStatus.OK
    return refused.status if refused.status == HTTPStatus.TOO_MANY_REQUESTS else HTTPStatus.UNPROCESSABLE_ENTITY


def _hindrance(comment: Comment, reader: User) -> str:
    """Why there is no form; "" if there is one."""
    mine = Report.objects.filter(comment=comment, reporter=reader).first()
    if mine is not None:
        return f"{REPORTED['known']()} {_outcome(mine)}".strip()
    if comment.author_id == reader.pk:
        return _("This is your own comment: you can withdraw it.")
    if comment.state != Comment.State.PUBLISHED:
        return _("This comment is no longer there.")
    return why_barred(reader, Sanction.Scope.REPORT, comment.discussion)


def _outcome(report: Report) -> str:
    return _("Outcome: {outcome}").format(outcome=report.get_outcome_display()) if report.outcome else ""
