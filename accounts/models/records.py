"""Notifications to people, and the record of what staff have done."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import User
from newsroom.database.columns import LineField


class NotificationQuerySet(models.QuerySet["Notification"]):
    def claim_push(self, pk: int) -> bool:
        """Whether it was not pushed yet; it is from now on, so only one caller hears that."""
        return self.filter(pk=pk, pushed_at=None).update(pushed_at=timezone.now()) == 1


class Notification(models.Model):
    """A notification to a person. It is kept until their account is erased, or 90 days after they have read it.

    `kind` and `subject` ("comment.17") name the cause; `title` and `url` lead to it, and `details` holds codes. Never
    store readers' text here: it would survive its removal.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications", verbose_name=_("person"))
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=80)
    title = LineField(max_length=200, blank=True, default="")
    url = models.CharField(max_length=300, blank=True, default="")
    details = models.JSONField(default=dict)  # reason, scope, until, role …
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, editable=False)
    pushed_at = models.DateTimeField(null=True, editable=False)
    on_site = models.BooleanField(default=True, db_default=True, editable=False)  # False: wanted by mail or push alone

    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="notification_of"),
            models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class PreferenceQuerySet(models.QuerySet["Preference"]):
    def put(self, user: User, kind: str, differing: dict[str, Any]) -> None:
        """Store what differs from the defaults; nothing if nothing does."""
        if any(value is not None for value in differing.values()):
            self.update_or_create(user=user, kind=kind, defaults=differing)
        else:
            self.filter(user=user, kind=kind).delete()


class Preference(models.Model):
    """How a person is told of a kind of notification (`accounts.notifications.preferences`). None: as by default."""

    user = models.ForeignKey(User, models.CASCADE, related_name="preferences", db_index=False)
    kind = models.CharField(max_length=20)
    web = models.BooleanField(null=True)
    mail = models.CharField(max_length=6, null=True)
    push = models.BooleanField(null=True)

    objects: ClassVar[PreferenceQuerySet] = PreferenceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("user", "kind", name="preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.user_id}"


class FeedKey(models.Model):
    """The secret in the address of a person's own feed. It opens that feed, and nothing else."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="feed_key")
    key = models.CharField(max_length=43, unique=True, editable=False)  # stored as it is: the profile shows the address

    def __str__(self) -> str:
        return f"{self.user}"


class AuditEntry(models.Model):
    """A deed of a member of staff: who, what, when, and the values before and after."""

    actor = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="audit_entries", db_index=False, verbose_name=_("person")
    )
    role = models.CharField(_("role"), max_length=13, choices=User.Role)  # the person's role at that time
    deed = models.CharField(_("action"), max_length=40)  # "comment.removed"
    subject = models.CharField(_("subject"), max_length=80)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    created_at = models.DateTimeField(_("time"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("record of a deed")
        verbose_name_plural = _("record of deeds")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["actor", "-id"], name="audit_of", condition=models.Q(actor__isnull=False)),
            models.Index(fields=["subject", "-id"], name="audit_about"),
            models.Index(fields=["deed", "-id"], name="audit_deeds"),
            models.Index(fields=["role", "-id"], name="audit_roles"),
        ]

    def __str__(self) -> str:
        return f"{self.deed} {self.subject}"
