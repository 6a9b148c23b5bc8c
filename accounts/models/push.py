"""Browsers to which notifications are pushed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from accounts.models.people import User


class PushSubscriptionQuerySet(models.QuerySet["PushSubscription"]):
    def postpone(self, pk: int, notification: int, until: datetime) -> None:
        """Note that its service wants nothing until then, and which notification it gets afterwards."""
        self.filter(pk=pk).update(wait_until=until, waits_for=notification)

    def claim(self, pk: int, notification: int) -> bool:
        """Whether this notification still waits; then it no longer does, so only one caller hears that."""
        waiting = self.filter(pk=pk, waits_for=notification)
        return waiting.update(wait_until=None, waits_for=None) == 1

    def forget(self, pk: int) -> None:
        """The browser is gone."""
        self.filter(pk=pk).delete()


class PushSubscription(models.Model):
    """A browser that shows what its person is told, also while no page is open. It ends with the session that made it.

    `endpoint` is an address of the browser's push service; `key` and `secret` are what messages are sealed with, as
    base64url.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="push_subscriptions")
    session = models.ForeignKey(Session, models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=600, unique=True)
    key = models.CharField(max_length=90)
    secret = models.CharField(max_length=24)
    wait_until = models.DateTimeField(null=True, editable=False)  # its service said so (429)
    waits_for = models.BigIntegerField(null=True, editable=False)  # the notification that is sent then
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[PushSubscriptionQuerySet] = PushSubscriptionQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.user_id} {self.pk}"
