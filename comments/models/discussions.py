"""Conversations: the threads under articles, and chats."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models import Article

if TYPE_CHECKING:
    from accounts.access import Viewer

MAX_TEXT = 5000  # characters of a comment
MAX_LINE = 1000  # characters of a line in a chat
MAX_REASON = 200  # characters of a sentence that readers see


class DiscussionQuerySet(models.QuerySet["Discussion"]):
    def listed(self) -> Self:
        """What every list shows to everybody: those that stand alone or under a published article."""
        return self.filter(Q(article=None) | Q(article__state=Article.State.PUBLISHED))

    def visible_to(self, viewer: Viewer) -> Self:
        """Those that stand alone or under an article that `viewer` may read."""
        return self.filter(Q(article=None) | Q(article__in=Article.objects.visible_to(viewer)))


class Discussion(models.Model):
    """A conversation: the thread under an article, or a chat."""

    class Mode(models.TextChoices):
        THREAD = "thread", _("Thread")
        CHAT = "chat", _("Chat")

    class Switch(models.TextChoices):
        AUTO = "auto", _("By its times")
        OPEN = "open", _("Open")
        PREMODERATED = "premoderated", _("Premoderated")
        CLOSED = "closed", _("Closed")

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        PREMODERATED = "premoderated", _("Premoderated")
        CLOSED = "closed", _("Closed")

    mode = models.CharField(_("mode"), max_length=6, choices=Mode, default=Mode.THREAD)
    title = models.CharField(_("title"), max_length=200)
    article = models.ForeignKey(
        Article, models.CASCADE, null=True, blank=True, related_name="discussions", verbose_name=_("article")
    )
    url = models.URLField(_("foreign page"), max_length=500, null=True, blank=True)
    switch = models.CharField(_("switch"), max_length=12, choices=Switch, default=Switch.AUTO)
    reason = models.CharField(_("reason shown to readers"), max_length=MAX_REASON, blank=True)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    next_change_at = models.DateTimeField(null=True, blank=True, editable=False)  # claimed by the due deed
    slow_mode_seconds = models.PositiveIntegerField(_("slow mode, seconds"), default=0)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = DiscussionQuerySet.as_manager()

    class Meta:
        verbose_name = _("discussion")
        verbose_name_plural = _("discussions")
        constraints = [
            models.UniqueConstraint(fields=["article"], condition=Q(mode="thread"), name="one_thread_an_article"),
            models.UniqueConstraint(fields=["url"], condition=Q(url__isnull=False), name="one_discussion_a_page"),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(opens_at__lt=F("closes_at")),
                name="discussion_opens_before_it_closes",
            ),
        ]
        indexes = [
            models.Index(fields=["next_change_at"], condition=Q(next_change_at__isnull=False), name="discussion_due"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where it is read: a chat on its own page, a thread under its article."""
        if self.mode == self.Mode.CHAT or self.article is None:
            return f"/chats/{self.pk}/"
        return f"{self.article.get_absolute_url()}#discussion"

    @property
    def stream(self) -> str:
        return f"discussion.{self.pk}"

    @property
    def max_length(self) -> int:
        """Characters that one comment may have here."""
        return MAX_LINE if self.mode == self.Mode.CHAT else MAX_TEXT

    def state_at(self, now: datetime) -> str:
        """What holds at `now`: the switch, or where it is automatic, the times."""
        if self.switch != self.Switch.AUTO:
            return self.State(self.switch)
        early = self.opens_at is not None and now < self.opens_at
        late = self.closes_at is not None and now >= self.closes_at
        return self.State.CLOSED if early or late else self.State.OPEN

    def next_change(self, now: datetime) -> datetime | None:
        """When the state changes by itself next; None: not by itself."""
        if self.switch != self.Switch.AUTO:
            return None
        return min((at for at in (self.opens_at, self.closes_at) if at is not None and at > now), default=None)
