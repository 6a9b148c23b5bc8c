"""What somebody has been told: the list that the page of notifications and the API show."""

from __future__ import annotations

from accounts.models import Notification, User
from newsroom.api.paging import Page, keyset


def told(reader: User, *, limit: int, cursor: str = "") -> Page[Notification]:
    """A page of the reader's notifications, the newest first."""
    rows = Notification.objects.filter(user=reader, on_site=True)
    return keyset(rows, scope=f"notifications.{reader.pk}", keys=("pk",), limit=limit, cursor=cursor)


def unread(reader: User) -> int:
    """How many notifications the reader has not read."""
    return Notification.objects.filter(user=reader, on_site=True, read_at=None).count()
