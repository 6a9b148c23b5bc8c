"""Events on a person's own stream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Count

from accounts.models import Notification, Sanction, User
from accounts.notifications import pushing
from accounts.notifications.mailing import await_mails
from accounts.notifications.preferences import Wanted, wanted
from accounts.notifications.telling_by_mail import UNDONE, announce
from accounts.representations import notification_json, sanction_json
from accounts.sections import in_words
from newsroom.api.renderers import iso
from newsroom.live.outbox import Fact, publish, redact, rights_changed


class Told(NamedTuple):
    """People, and what they are told of something of theirs. It contains no text that could be removed, so it stays.

    `job`: what it was done with, if it can be undone for longer than a single decision; mails wait for that.
    """

    people: Iterable[int]
    kind: str
    subject: str
    title: str = ""
    url: str = ""
    details: dict[str, Any] = {}
    job: int | None = None


def sanction_imposed(sanction: Sanction) -> None:
    _tell(sanction, "sanction.imposed")
    rights_changed(sanction.user_id)


def avatar_removed(user: User, reason: str, text: str) -> None:
    """Tell the person why their picture is gone, never by whom."""
    words: dict[str, Any] = {"reason": reason, "text": text} if text else {"reason": reason}
    tell([user.pk], "avatar.removed", f"user.{user.pk}", url="/accounts/profile/", **words)


def sessions_ended(user: User) -> None:
    """Tell the person that they were logged out everywhere, and cut their connections."""
    tell([user.pk], "sessions.ended", f"user.{user.pk}", url="/accounts/profile/")
    standing_changed(user.pk)


def sanction_lifted(sanction: Sanction) -> None:
    _tell(sanction, "sanction.lifted")


def duties_changed(user: User, before: str) -> None:
    """Tell the person of their new duties, and check their connections' rights again. `before`: their former role."""
    tell([user.pk], "duties.changed", f"user.{user.pk}", url="/accounts/profile/", before=before, role=user.role)
    standing_changed(user.pk)


def standing_changed(user_id: int) -> None:
    """After a change of role, password, session or key: check again what this person may read, and cut their
    connections.
    """
    rights_changed(user_id)


def notify(user_ids: Iterable[int], kind: str, subject: str, title: str, url: str) -> None:
    """Notify followers of something new: `kind` is its kind, `subject` names it ("article.5").

    When the subject is redacted, so is the event. The stored notification has no text of it, so it may stay.
    """
    rows = _stored(wanted(_rows(Told(user_ids, kind, subject, title, url))))
    publish(*(_created(row, row.subject) for row in rows if row.on_site))
    pushing.announce(rows)


def tell(
    user_ids: Iterable[int],
    kind: str,
    subject: str,
    *,
    title: str = "",
    url: str = "",
    facts: Sequence[Fact] = (),
    **details: Any,
) -> None:
    """Notify people of one thing: see `tell_each`."""
    tell_each(Told(user_ids, kind, subject, title, url, details), facts=facts)


def tell_each(*told: Told, facts: Sequence[Fact] = ()) -> None:
    """Notify people of what was done to something of theirs, and publish `facts` with it: rows are written, and events
    numbered, at once.
    """
    found = [(each, one.job) for one in told for each in wanted(_rows(one))]
    made = _stored([each for each, _job in found])
    publish(*facts, *(_created(row, f"notification.{row.pk}") for row in made if row.on_site))
    for each, job in found:
        announce([each.row], job)
        pushing.announce([each.row], job)


def take_back(user_ids: Iterable[int], subject: str, since: datetime) -> set[int]:
    """Withdraw what these people have been told about `subject` since then, as far as they have not read it. Returns
    those who have.
    """
    told = Notification.objects.filter(user__in=user_ids, subject=subject, created_at__gte=since)
    readers: set[int] = set()
    for row in told.exclude(read_at=None):
        row.details[UNDONE] = True  # its mail is not sent
        row.save(update_fields=["details"])
        readers.add(row.user_id)
    unread = list(told.filter(read_at=None).order_by("pk"))
    for row in unread:
        redact(f"notification.{row.pk}")
    Notification.objects.filter(pk__in=[row.pk for row in unread]).delete()
    _withdrawn([row for row in unread if row.on_site])
    return readers


def notifications_read(user_id: int, upto: int, unread: int) -> None:
    """Tell the person's other devices that what they were told up to the id `upto` is read; `unread` are left."""
    publish(_about_all(user_id, "notification.read", {"upto": upto, "unread": unread}))


def _withdrawn(rows: Sequence[Notification]) -> None:
    """Tell people which unread notifications of theirs are gone, and how many are left."""
    ids: dict[int, list[int]] = {}
    for row in rows:
        ids.setdefault(row.user_id, []).append(row.pk)
    others = Notification.objects.filter(user__in=ids, on_site=True, read_at=None).values_list("user_id")
    left = dict(others.annotate(n=Count("pk")).order_by()) if ids else {}
    told = [
        _about_all(person, "notification.withdrawn", {"ids": gone, "unread": left.get(person, 0)})
        for person, gone in ids.items()
    ]
    if told:
        publish(*told)


def _about_all(user_id: int, kind: str, data: dict[str, Any]) -> Fact:
    return Fact(f"user.{user_id}", kind, f"notifications.{user_id}", data)


def _stored(found: Sequence[Wanted]) -> list[Notification]:
    """Store these notifications, and note in which mails they belong."""
    rows = Notification.objects.bulk_create(each.row for each in found)
    await_mails(found)
    return rows


def _rows(told: Told) -> list[Notification]:
    made = {"kind": told.kind, "subject": told.subject, "title": told.title[:200], "url": told.url}
    return [Notification(user_id=each, details=told.details, **made) for each in told.people]


def _created(row: Notification, subject: str) -> Fact:
    return Fact(f"user.{row.user_id}", "notification.created", subject, notification_json(row))


def _tell(sanction: Sanction, kind: str) -> None:
    subject = f"sanction.{sanction.pk}"
    fact = Fact(f"user.{sanction.user_id}", kind, subject, sanction_json(sanction))
    known: dict[str, Any] = {"scope": sanction.scope, "reason": sanction.reason, "until": iso(sanction.until)}
    if kind == "sanction.imposed" and sanction.text:
        known["text"] = sanction.text
    if sanction.section is not None:
        known["section"] = in_words(frozenset([sanction.section]))
    tell([sanction.user_id], kind, subject, url="/accounts/profile/", facts=[fact], **known)
