"""What a person hears on their own stream."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Sanction
from accounts.serializers import sanction_json
from newsroom.live.outbox import Fact, publish, rights_changed


def sanction_imposed(sanction: Sanction) -> None:
    _tell(sanction, "sanction.imposed")
    rights_changed(sanction.user_id)


def sanction_lifted(sanction: Sanction) -> None:
    _tell(sanction, "sanction.lifted")


def standing_changed(user_id: int) -> None:
    """Role, password, session, key: what this person may hear is asked again, and their sockets are cut."""
    rights_changed(user_id)


def notify(user_ids: Iterable[int], kind: str, subject: str, title: str, url: str) -> None:
    """Announce something to its followers: `kind` is what it is about, `subject` names it ("article.5")."""
    data = {"kind": kind, "subject": subject, "title": title, "url": url}
    publish(*[Fact(f"user.{user_id}", "notification.created", subject, data) for user_id in user_ids])


def _tell(sanction: Sanction, kind: str) -> None:
    publish(Fact(f"user.{sanction.user_id}", kind, f"sanction.{sanction.pk}", sanction_json(sanction)))
