"""What a person hears on their own stream."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.models import Notification, Sanction, User
from accounts.serializers import notification_json, sanction_json
from newsroom.api.renderers import iso
from newsroom.live.outbox import Fact, publish, rights_changed


def sanction_imposed(sanction: Sanction) -> None:
    _tell(sanction, "sanction.imposed")
    rights_changed(sanction.user_id)


def sanction_lifted(sanction: Sanction) -> None:
    _tell(sanction, "sanction.lifted")


def role_changed(user: User, before: str) -> None:
    """Told to the person; what they may hear is asked again."""
    tell([user.pk], "role.changed", f"user.{user.pk}", url="/accounts/profile/", before=before, role=user.role)
    standing_changed(user.pk)


def standing_changed(user_id: int) -> None:
    """Role, password, session, key: what this person may hear is asked again, and their sockets are cut."""
    rights_changed(user_id)


def notify(user_ids: Iterable[int], kind: str, subject: str, title: str, url: str) -> None:
    """Announce something to its followers: `kind` is what it is about, `subject` names it ("article.5").

    In the log it goes with its subject; what is kept says no more than that there was something.
    """
    _publish(_kept(user_ids, kind, subject, title, url, {}), by_subject=True)


def tell(user_ids: Iterable[int], kind: str, subject: str, *, title: str = "", url: str = "", **details: Any) -> None:
    """Tell people what became of something of theirs. It holds nothing that could be taken down, so it stays."""
    _publish(_kept(user_ids, kind, subject, title, url, details), by_subject=False)


def _kept(
    user_ids: Iterable[int], kind: str, subject: str, title: str, url: str, details: dict[str, Any]
) -> list[Notification]:
    made = {"kind": kind, "subject": subject, "title": title[:200], "url": url, "details": details}
    return Notification.objects.bulk_create(Notification(user_id=user_id, **made) for user_id in user_ids)


def _publish(notifications: list[Notification], *, by_subject: bool) -> None:
    if not notifications:
        return
    kind = "notification.created"
    publish(
        *[
            Fact(
                f"user.{row.user_id}",
                kind,
                row.subject if by_subject else f"notification.{row.pk}",
                notification_json(row),
            )
            for row in notifications
        ]
    )


def _tell(sanction: Sanction, kind: str) -> None:
    subject = f"sanction.{sanction.pk}"
    publish(Fact(f"user.{sanction.user_id}", kind, subject, sanction_json(sanction)))
    known: dict[str, Any] = {"scope": sanction.scope, "reason": sanction.reason, "until": iso(sanction.until)}
    tell([sanction.user_id], kind, subject, url="/accounts/profile/", **known)
