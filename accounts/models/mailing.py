"""Mails about notifications: what waits for one and until when, what is being sent, and who gets none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Min, Q
from django.utils import timezone

from accounts.models.people import User
from accounts.models.records import Notification
from newsroom.models import Chore

REFUSALS = 2  # of an address, after which it gets no more mails


class MailingQuerySet(models.QuerySet["Mailing"]):
    def put_off(self, waiting: Mapping[int, tuple[int, str, datetime]]) -> None:
        """Have notifications (id → person, series, when it is due) wait for their mails. Nothing is locked that others
        might wait for.
        """
        MailItem.objects.bulk_create(
            MailItem(notification_id=pk, user_id=user, series=series, due_at=at)
            for pk, (user, series, at) in waiting.items()
        )

    def put_together(self, now: datetime, most: int) -> list[Mailing]:
        """Make a mailing of what is due for each person and series, for at most so many; in the caller's transaction.

        One process does it at a time, or two might each make a mailing of parts of the same.
        """
        if not Chore.objects.begin("mailings", timedelta()):
            return []
        due = MailItem.objects.due(now)
        oldest = due.values_list("user_id", "series").annotate(oldest=Min("due_at")).order_by("oldest")[:most]
        made = self.bulk_create(self.model(user_id=user, series=series) for user, series, _oldest in oldest)
        for each in made:
            due.filter(user=each.user_id, series=each.series).update(mailing=each)
        return made

    def move(self, user: User, due: Mapping[str, datetime]) -> None:
        """Set when the person's next mails of these series are due."""
        for series, at in due.items():
            MailItem.objects.filter(user=user, series=series, mailing=None).update(due_at=at)

    def forget(self, before: datetime) -> None:
        """Delete what was made before then."""
        self.filter(made_at__lt=before).delete()

    def end(self, pk: int) -> None:
        """Note that nothing is left to send of a mailing."""
        self.filter(pk=pk).update(sent_at=timezone.now())


class Mailing(models.Model):
    """One mail to one person, about the notifications that its items name. It holds no text: that is made when it is
    sent, so that what was removed meanwhile is left out.

    A series is a kind of notification that is mailed at once ("reply"), or a digest: "hourly", "daily", "weekly".
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="mailings")
    series = models.CharField(max_length=10)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)
    sent_at = models.DateTimeField(null=True)  # or it turned out that there is nothing to send

    objects: ClassVar[MailingQuerySet] = MailingQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.series} for {self.user_id}, {self.made_at}"


class MailItemQuerySet(models.QuerySet["MailItem"]):
    def due(self, now: datetime) -> Self:
        """What waits for a mail that should be under way."""
        return self.filter(mailing=None, due_at__lte=now)


class MailItem(models.Model):
    """A notification that belongs into a mail of that series; `mailing` is None while it waits."""

    notification = models.OneToOneField(Notification, models.CASCADE, primary_key=True, related_name="mail_item")
    user = models.ForeignKey(User, models.CASCADE)
    series = models.CharField(max_length=10)
    due_at = models.DateTimeField()
    mailing = models.ForeignKey(Mailing, models.CASCADE, null=True, related_name="items")

    objects: ClassVar[MailItemQuerySet] = MailItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], name="mail_item_due", condition=Q(mailing=None)),
            models.Index(fields=["user", "series"], name="mail_item_waits", condition=Q(mailing=None)),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} in {self.series}"


class MailboxQuerySet(models.QuerySet["Mailbox"]):
    def paused(self) -> Self:
        """Those whose person gets no more mails at their present address."""
        return self.filter(refusals__gte=REFUSALS, address=models.F("user__email"))

    def count_refusal(self, user: User) -> None:
        """A mail server said for good that it takes nothing for the person's address."""
        known, is_new = self.get_or_create(user=user, defaults={"address": user.email, "refusals": 1})
        if not is_new:
            count = known.refusals + 1 if known.address == user.email else 1
            self.filter(pk=user.pk).update(address=user.email, refusals=count)

    def forgive(self, user: User) -> None:
        """Forget refusals: a mail has arrived, or the person says that their address is right."""
        self.filter(pk=user.pk).delete()


class Mailbox(models.Model):
    """How often mail servers have refused an address of a person in a row."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="mailbox")
    address = models.EmailField()
    refusals = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[MailboxQuerySet] = MailboxQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.refusals} refusals of {self.user_id}"
