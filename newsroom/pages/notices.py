"""The sentences of notifications: for the page that lists them, for the bell, and for <newsroom-notices>."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Sanction, User
from accounts.models.bell import MOST_COUNTED
from accounts.reasons import Reason
from newsroom.formats.moments import in_words
from newsroom.pages.sentences import forms


def notice_words() -> dict[str, Any]:
    """The sentences of the scripts: one for each kind of notification; reasons and the like by code."""
    return {
        "kinds": kinds(),
        "close": _("Close"),
        "reasons": _labels(Reason),
        "scopes": _labels(Sanction.Scope),
        "roles": _labels(User.Role),
        "unread_notices": forms(_unread),
        "unread_many": _unread_many(),
        "new_notices": forms(lambda n: ngettext("{n} new notification", "{n} new notifications", n)),
    }


def unread_words(unread: int) -> str:
    """How much is unread: what the bell is called by, beside its name."""
    return _unread_many() if unread >= MOST_COUNTED else _unread(unread).replace("{n}", str(unread))


def sentence(told: Mapping[str, Any]) -> str:
    """What a notification (as JSON) says, as `fill` of newsroom-notices.js does it. A kind that is known no longer is
    told by its title.
    """
    said = kinds().get(told["kind"], "{title}")
    until, section, scope = told.get("until"), told.get("section"), told.get("scope")
    if not isinstance(said, str):  # a restriction: of everything or of some, until a time or for good
        said = said[f"{'all' if scope == Sanction.Scope.ALL and not section else 'some'}{'_until' if until else ''}"]
    reasons = _labels(Reason)
    known = {
        "title": told["title"],
        "reason": reasons.get(told.get("reason", ""), reasons[Reason.OTHER]),
        "scope": f"{_labels(Sanction.Scope).get(scope or '', '')}{f' ({section})' if section else ''}",
        "role": _labels(User.Role).get(told.get("role", ""), ""),
        "until": in_words(datetime.fromisoformat(until)) if until else "",
        "n": told.get("n", ""),
        "refused": told.get("refused", ""),
    }
    return str(said.format(**known))


def kinds() -> dict[str, Any]:
    """Kind of a notification → its sentence. `{title}`: it is about a thing of others, which has that title."""
    return {
        "article.published": _("New article: {title}"),
        "article.corrected": _("Corrected: {title}"),
        "item.published": _("In the ticker: {title}"),
        "discussion.active": _("New comments: {title}"),
        "comment.replied": _("Your comment was answered: {title}"),
        "comment.mentioned": _("You were mentioned: {title}"),
        "comment.approved": _("Your comment has been published."),
        "comment.rejected": _("Your comment was not published. Reason: {reason}"),
        "comment.removed": _("Your comment was removed. Reason: {reason}"),
        "comment.restored": _("Your comment is public again."),
        "comment.rewritten": _("Moderators have changed your comment. Reason: {reason}"),
        "comment.featured": _("Moderators recommend your comment to all readers. Thank you!"),
        "comment.reopened": _("Your comment is being looked at once more."),
        "avatar.removed": _("Moderators have removed your picture. Reason: {reason}"),
        "decision.undone": _("A decision about a comment was undone."),
        "report.upheld": _("Thank you: the comment that you reported is no longer there."),
        "report.dismissed": _("Moderators have read the comment that you reported, and it stays."),
        "report.gone": _("The comment that you reported was withdrawn by its author."),
        "sanction.imposed": {
            "all": _("You can no longer take part. Reason: {reason}"),
            "all_until": _("You cannot take part until {until}. Reason: {reason}"),
            "some": _("Closed to you for good: {scope}. Reason: {reason}"),
            "some_until": _("Closed to you until {until}: {scope}. Reason: {reason}"),
        },
        "sanction.lifted": _("A restriction is over: {scope}."),
        "sessions.ended": _("You were logged out on all devices, and your keys have ended."),
        "warning.issued": _("Moderators have warned you. Reason: {reason}"),
        "warning.withdrawn": _("A warning was taken back."),
        "case.handed": _("A case was handed over to you."),
        "many.decided": _("Decided: {n}. Not decided: {refused}."),
        "duties.changed": _("Your duties have changed. You are now: {role}."),
        "role.changed": _("You have another role now: {role}."),  # as it was told before there were duties
    }


def _labels(choices: Any) -> dict[str, str]:
    return {code: str(label) for code, label in choices.choices}


def _unread(n: int) -> str:
    return ngettext("{n} unread", "{n} unread", n)


def _unread_many() -> str:
    return _("more than 99 unread")
