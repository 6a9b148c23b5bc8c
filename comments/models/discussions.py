"""Discussions: the threads under articles, and chats."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.duties import Duty, within
from accounts.models import Sanction, User
from articles.models import Article, Section
from comments import hours
from newsroom.database.columns import LineField, ProseField
from newsroom.database.statements import loaded

if TYPE_CHECKING:
    from accounts.access import Viewer

AT_WORK = (Duty.MODERATE, Duty.EDIT)  # any of them works on discussions at the desk
MAX_TEXT = 5000  # characters of a comment
MAX_LINE = 1000  # characters of a line in a chat
MAX_REASON = 200  # characters of a sentence that readers see


def site_zone() -> str:
    return settings.TIME_ZONE


class OpeningHours(models.Model):
    """The weekly times at which discussions are closed or premoderated; `comments.hours` defines the `rules`."""

    name = LineField(_("name"), max_length=80)
    section = models.OneToOneField(
        Section,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="discussion_hours",
        verbose_name=_("section"),
        help_text=_("All threads under its articles keep these hours; without one, choose them in a discussion."),
    )
    zone = LineField(_("time zone"), max_length=40, default=site_zone)
    rules = ProseField(
        _("rules"),
        max_length=2000,
        help_text=_("One a line: days, from-until, state. daily 23:00-07:00 closed · sat,sun 00:00-24:00 premoderated"),
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")

    def __str__(self) -> str:
        return self.name

    def state_at(self, now: datetime) -> str | None:
        """ "closed", "premoderated", or None if no rule applies."""
        return hours.state_at(self.rules, self.zone, now)

    def next_change(self, now: datetime) -> datetime | None:
        return hours.next_change(self.rules, self.zone, now)

    def next_opening(self, now: datetime) -> datetime | None:
        return hours.next_opening(self.rules, self.zone, now)


def page_of(mode: str, article: str | None, pk: int) -> str:
    """The page of a discussion: that of its article (a slug) for a thread, one of its own for a chat."""
    return f"/articles/{article}/" if mode == Discussion.Mode.THREAD and article else f"/chats/{pk}/"


def public(relation: str = "") -> Q:
    """Discussions in public lists: without an article or under a published one, and not merged into another.

    `relation`: the path from the rows to their discussion, such as "discussion__".
    """
    alone, published = {f"{relation}article": None}, {f"{relation}article__state": Article.State.PUBLISHED}
    return (Q(**alone) | Q(**published)) & Q(**{f"{relation}merged_into": None})


class DiscussionQuerySet(models.QuerySet["Discussion"]):
    def on_the_desk_of(self, viewer: User) -> Self:
        """Those in the sections that `viewer` moderates or edits."""
        return self.filter(within(viewer.sections(*AT_WORK), "article__section"))

    def listed(self) -> Self:
        return self.filter(public())

    def visible_to(self, viewer: Viewer) -> Self:
        """Those without an article, or under one that `viewer` may read."""
        readable = Article.objects.visible_to(viewer).filter(
            pk=OuterRef("article")
        )  # without this filter the subquery would list all articles
        return self.filter(Q(article=None) | Exists(readable))


class Discussion(models.Model):
    """A discussion: the thread under an article, or a chat."""

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
    title = LineField(_("title"), max_length=200)
    article = models.ForeignKey(
        Article, models.CASCADE, null=True, blank=True, related_name="discussions", verbose_name=_("article")
    )
    # Requests for this discussion get that one.
    merged_into = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        db_index=False,
        verbose_name=_("merged into"),
    )
    url = models.URLField(_("foreign page"), max_length=500, null=True, blank=True)
    # Of a chat that came from another instance: the article that it stood beside there.
    beside = models.URLField(max_length=500, null=True, blank=True, editable=False)
    switch = models.CharField(_("switch"), max_length=12, choices=Switch, default=Switch.AUTO)
    until = models.DateTimeField(
        _("switch holds until"), null=True, blank=True, help_text=_("Then its times decide again; empty: for good.")
    )
    reason = LineField(_("reason shown to readers"), max_length=MAX_REASON, blank=True)
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    window = models.DurationField(null=True, editable=False)  # closes_at follows the publication at this distance
    hours = models.ForeignKey(
        OpeningHours,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="discussions",
        verbose_name=_("opening hours"),
    )
    # The time at which its state has to be checked next.
    next_change_at = models.DateTimeField(null=True, blank=True, editable=False)
    slow_mode_seconds = models.PositiveIntegerField(_("slow mode, seconds"), default=0)  # by hand
    slow_mode_until = models.DateTimeField(
        _("slow mode holds until"), null=True, blank=True, help_text=_("Then it ends by itself; empty: for good.")
    )
    rate_slow_seconds = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # by the rate of comments
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
            models.Index(fields=["id"], condition=Q(rate_slow_seconds__gt=0), name="discussion_slowed"),
            models.Index(
                fields=["slow_mode_until"], condition=Q(slow_mode_until__isnull=False), name="discussion_slow_until"
            ),
            # Without the others, which SQLite would take for few, and begin each list with them.
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="discussion_merged"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its place on its page: a thread is below its article."""
        return self.page if self.mode == self.Mode.CHAT or self.article is None else f"{self.page}#discussion"

    @property
    def page(self) -> str:
        """The path of its page, without an anchor."""
        return page_of(self.mode, self.article.slug if self.article else None, self.pk)

    @property
    def section_id(self) -> int | None:
        """The section of its article."""
        article = loaded(self, "article")
        if article is not None and "section_id" not in article.get_deferred_fields():
            return article.section_id  # type: ignore[no-any-return]
        known = Article.objects.filter(pk=self.article_id) if self.article_id else Article.objects.none()
        return known.values_list("section", flat=True).first()

    @property
    def stream(self) -> str:
        return f"discussion.{self.id}"

    @property
    def scope(self) -> str:
        """The scope of a sanction that bars from writing here."""
        return Sanction.Scope.CHAT if self.mode == self.Mode.CHAT else Sanction.Scope.COMMENT

    @property
    def max_length(self) -> int:
        """The maximum of characters in a comment here."""
        return MAX_LINE if self.mode == self.Mode.CHAT else MAX_TEXT

    def state_at(self, now: datetime) -> str:
        """The state at `now`: by the switch, or if that is automatic, by the times."""
        if self.is_by_hand(now):
            return self.State(self.switch)
        if self.is_early(now) or self.is_late(now):
            return self.State.CLOSED
        by_hours = self.hours.state_at(now) if self.hours else None
        return self.State(by_hours or self.State.OPEN)

    def next_change(self, now: datetime) -> datetime | None:
        """When the state changes next by its times; None: never."""
        if self.is_by_hand(now):
            return self.until
        if self.is_late(now):
            return None
        if self.is_early(now):
            return self.opens_at
        by_hours = self.hours.next_change(now) if self.hours else None
        return min((at for at in (self.closes_at, by_hours) if at is not None), default=None)

    def opens_next(self, now: datetime) -> datetime | None:
        """When a discussion that is closed at `now` opens by itself; None: never, or it is not closed."""
        if self.state_at(now) != self.State.CLOSED:
            return None
        at = self.until if self.is_by_hand(now) else now
        if at is not None and self.is_early(at):
            at = self.opens_at
        if at is not None and self.hours and self.hours.state_at(at) == self.State.CLOSED:
            at = self.hours.next_opening(at)
        return at if at is not None and not self.is_late(at) else None

    def is_by_hand(self, now: datetime) -> bool:
        """Whether the switch decides, not the times."""
        return self.switch != self.Switch.AUTO and (self.until is None or now < self.until)

    def is_early(self, now: datetime) -> bool:
        return self.opens_at is not None and now < self.opens_at

    def is_late(self, now: datetime) -> bool:
        return self.closes_at is not None and now >= self.closes_at

    @property
    def slow_seconds(self) -> int:
        """Seconds between two comments of one person: as set by hand, or more during slow mode."""
        return max(self.slow_mode_seconds, self.rate_slow_seconds)
