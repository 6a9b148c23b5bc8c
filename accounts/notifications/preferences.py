"""What people are told of, and on which ways: on the site, by mail, and by push, for each kind of notification.

Every stored notification (`kept` of `accounts.notifications.telling`) is of one of these kinds. A person's row holds
only what differs from the defaults, so that most people have none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import person
from accounts.duties import Duty
from accounts.models import Notification, Preference, User
from newsroom.errors import Invalid


class Kind(TextChoices):
    REPLY = "reply", gettext_lazy("Replies to my comments")
    MENTION = "mention", gettext_lazy("Comments that mention me")
    ARTICLE = "article", gettext_lazy("Articles and sections that I follow")
    DISCUSSION = "discussion", gettext_lazy("New comments in discussions that I follow")
    TICKER = "ticker", gettext_lazy("Tickers that I follow")
    DECISION = "decision", gettext_lazy("Decisions about my comments, my reports and my account")
    QUEUE = "queue", gettext_lazy("Tasks for me as a moderator")


class Mail(TextChoices):
    OFF = "off", gettext_lazy("No mails")
    NOW = "now", gettext_lazy("At once")
    HOURLY = "hourly", gettext_lazy("Once an hour")
    DAILY = "daily", gettext_lazy("Once a day")
    WEEKLY = "weekly", gettext_lazy("Once a week")


@dataclass(frozen=True, slots=True)
class Ways:
    """How a person is told of a kind."""

    web: bool = True
    mail: Mail = Mail.OFF
    push: bool = False


WAYS = ("web", "mail", "push")
DEFAULTS: dict[Kind, Ways] = {
    Kind.REPLY: Ways(mail=Mail.DAILY, push=True),
    Kind.MENTION: Ways(mail=Mail.DAILY, push=True),
    Kind.ARTICLE: Ways(mail=Mail.DAILY, push=True),
    Kind.DISCUSSION: Ways(),
    Kind.TICKER: Ways(),
    Kind.DECISION: Ways(mail=Mail.NOW, push=True),
    Kind.QUEUE: Ways(),
}
FIXED = {Kind.DECISION: ("web", "mail")}  # reasons of decisions have to be told: nobody switches them off
OF_MODERATORS = frozenset({Kind.QUEUE})
KIND_OF: dict[str, Kind] = {
    "comment.replied": Kind.REPLY,
    "comment.mentioned": Kind.MENTION,
    "article.published": Kind.ARTICLE,
    "article.corrected": Kind.ARTICLE,
    "discussion.active": Kind.DISCUSSION,
    "item.published": Kind.TICKER,
    **dict.fromkeys(
        [
            *(
                "avatar.removed",
                "comment.approved",
                "comment.featured",
                "comment.rejected",
                "comment.removed",
                "comment.reopened",
            ),
            *("comment.restored", "comment.rewritten", "decision.undone", "duties.changed", "report.dismissed"),
            *("report.gone", "report.upheld", "sanction.imposed", "sanction.lifted", "warning.issued"),
            *("warning.withdrawn", "sessions.ended"),
        ],
        Kind.DECISION,
    ),
    "case.handed": Kind.QUEUE,
    "many.decided": Kind.QUEUE,
}


def kinds_of(user: User) -> list[Kind]:
    """The kinds that concern this person: some are for moderators alone."""
    is_moderator = bool(user.sections(Duty.MODERATE))
    return [kind for kind in Kind if is_moderator or kind not in OF_MODERATORS]


def preferences_of(user: User) -> dict[Kind, Ways]:
    """How the person is told of each kind that concerns them."""
    known = {row.kind: row for row in Preference.objects.filter(user=user)}
    return {kind: _ways(kind, known.get(kind)) for kind in kinds_of(user)}


def chosen(user_ids: Iterable[int], kinds: Iterable[Kind]) -> dict[tuple[int, Kind], Ways]:
    """How these people are told of these kinds, in one statement; without one if all ways of the kinds are fixed."""
    people, wanted = list(user_ids), set(kinds)
    rows = Preference.objects.filter(user__in=people, kind__in=wanted) if people and wanted else ()
    known = {(row.user_id, Kind(row.kind)): row for row in rows}
    return {(who, kind): _ways(kind, known.get((who, kind))) for who in people for kind in wanted}


class Wanted(NamedTuple):
    """A notification, not stored yet, and how the person is told of it."""

    row: Notification
    ways: Ways


def wanted(rows: Iterable[Notification]) -> list[Wanted]:
    """These notifications without those that the person wants on no way.

    What is not wanted on the site, but by mail or push, has `on_site` unset.
    """
    rows = list(rows)
    people: dict[Kind, set[int]] = defaultdict(set)
    for row in rows:
        people[kind_of(row.kind)].add(row.user_id)
    people.pop(Kind.DECISION, None)  # always told
    ways = chosen(set().union(*people.values()), people)
    kept = []
    for row in rows:
        way = ways.get((row.user_id, kind_of(row.kind)), DEFAULTS[Kind.DECISION])
        row.on_site = way.web
        if way.web or way.push or way.mail != Mail.OFF:
            kept.append(Wanted(row, way))
    return kept


def kind_of(stored: str) -> Kind:
    return KIND_OF.get(stored, Kind.DECISION)


def checked(user: User, changes: Mapping[str, Mapping[str, Any]]) -> dict[Kind, Ways]:
    """The ways of the kinds that `changes` ({kind: {way: value}}) names, as they will be. Raises Invalid."""
    now = preferences_of(person(user))
    errors: dict[str, list[str]] = {}
    found: dict[Kind, Ways] = {}
    for name, values in changes.items():
        if name not in now:
            errors[name] = [_("There is no such kind of notification.")]
            continue
        kind = Kind(name)
        found[kind] = replace(now[kind], **{way: _value(way, value, errors, name) for way, value in values.items()})
        if any(getattr(found[kind], way) != getattr(DEFAULTS[kind], way) for way in FIXED.get(kind, ())):
            errors[name] = [_("Decisions are always told, on the site and by mail.")]
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
    return found


def differing(kind: Kind, ways: Ways) -> dict[str, Any]:
    """The columns of a row of Preference: what differs from the default, None for all else."""
    usual = DEFAULTS[kind]
    return {way: None if getattr(ways, way) == getattr(usual, way) else getattr(ways, way) for way in WAYS}


def _value(way: str, value: Any, errors: dict[str, list[str]], name: str) -> Any:
    if way == "mail" and value in Mail:
        return Mail(value)
    if way in {"web", "push"} and isinstance(value, bool):
        return value
    errors[name] = [_("There is no such choice.")]
    return None


def _ways(kind: Kind, row: Preference | None) -> Ways:
    usual = DEFAULTS[kind]
    if row is None:
        return usual
    return Ways(
        web=usual.web if row.web is None else row.web,
        mail=usual.mail if row.mail is None else Mail(row.mail),
        push=usual.push if row.push is None else row.push,
    )
