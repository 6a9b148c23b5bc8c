"""Discussions and what is said in them. Rows are written by `comments.actions`, tallies by `comments.folds` alone."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.reasons import Reason
from articles.models import Article

if TYPE_CHECKING:
    from accounts.access import Viewer

MAX_TEXT = 5000  # characters of a comment
MAX_LINE = 1000  # characters of a line in a chat
MAX_REASON = 200  # characters of a sentence that readers see
MAX_NOTE = 1000  # characters of what moderators tell each other


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


class CommentQuerySet(models.QuerySet["Comment"]):
    def listed(self) -> Self:
        """What every list shows to everybody: the published and the places of what was taken down."""
        return self.exclude(order=None)

    def visible_to(self, viewer: Viewer) -> Self:
        """Single look-ups: whatever was public once, one's own, and all of it for moderators."""
        here = self.filter(discussion__in=Discussion.objects.visible_to(viewer))
        if not viewer.is_authenticated:  # an erased author is NULL, and so is this viewer
            return here.filter(published_at__isnull=False)
        if viewer.moderates:
            return here
        return here.filter(Q(published_at__isnull=False) | Q(author=viewer))

    def waiting(self) -> Self:
        """The moderators' queue."""
        return self.filter(state="held")


class Comment(models.Model):
    """What a reader says. `order` is its place in the discussion, given by the fold when it becomes public."""

    class State(models.TextChoices):
        HELD = "held", _("Waits for a moderator")
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn by its author")
        REMOVED = "removed", _("Removed by a moderator")
        ERASED = "erased", _("Erased with the account")

    GONE = frozenset({State.WITHDRAWN, State.REMOVED, State.ERASED})  # a tombstone keeps the place

    discussion = models.ForeignKey(Discussion, models.CASCADE, related_name="comments", db_index=False)
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answers", db_index=False)
    root = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies", db_index=False
    )  # the top-level comment above; NULL at the top, and for every line of a chat
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="comments", db_index=False
    )
    author_name = models.CharField(max_length=80, blank=True)  # of an imported comment that nobody has claimed
    text = models.TextField(_("text"), max_length=MAX_TEXT)
    html = models.TextField(_("HTML"))
    state = models.CharField(_("state"), max_length=9, choices=State)
    order = models.BigIntegerField(null=True, blank=True, editable=False)  # microseconds, unique in the discussion
    version = models.PositiveIntegerField(default=1, editable=False)
    key = models.UUIDField(null=True, blank=True, editable=False)  # the composer's, echoed in events
    created_at = models.DateTimeField(_("written at"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True, editable=False)
    source = models.CharField(max_length=20, blank=True, editable=False)  # the importer's name
    source_id = models.CharField(max_length=100, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.UniqueConstraint(
                fields=["discussion", "order"], condition=Q(order__isnull=False), name="comment_order"
            ),
            models.UniqueConstraint(fields=["source", "source_id"], condition=~Q(source=""), name="comment_source"),
            models.CheckConstraint(condition=~Q(text="") | Q(state="erased"), name="comment_has_text"),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False), name="comment_published_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(order=None) | Q(published_at__isnull=False), name="comment_order_is_public"
            ),
            models.CheckConstraint(condition=Q(root=None) | Q(parent__isnull=False), name="comment_root_has_reply"),
        ]
        indexes = [
            models.Index(
                fields=["discussion", "order"],
                condition=Q(order__isnull=False, root__isnull=True),
                name="comment_list",
            ),
            models.Index(
                fields=["root", "order"],
                condition=Q(order__isnull=False, root__isnull=False),
                name="comment_replies",
            ),
            models.Index(fields=["root"], condition=Q(root__isnull=False), name="comment_root"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="comment_parent"),
            models.Index(fields=["author", "-id"], condition=Q(author__isnull=False), name="comment_author"),
            models.Index(fields=["id"], condition=Q(state="held"), name="comment_queue"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"

    @property
    def subject(self) -> str:
        """Its name in the log."""
        return f"comment.{self.pk}"

    @property
    def is_gone(self) -> bool:
        return self.state in self.GONE


class CommentRevision(models.Model):
    """A text that an edit replaced, for moderators."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()
    text = models.TextField()
    html = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "version"], name="one_revision_a_version")]

    def __str__(self) -> str:
        return f"{self.comment_id} v{self.version}"


class Decision(models.Model):
    """A moderator or a rule decided about a comment. Never changed afterwards."""

    class Action(models.TextChoices):
        HOLD = "hold", _("Hold")
        APPROVE = "approve", _("Approve")
        REJECT = "reject", _("Reject")
        REMOVE = "remove", _("Remove")
        RESTORE = "restore", _("Restore")

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="decisions", verbose_name=_("comment"))
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("moderator"),
    )
    action = models.CharField(_("action"), max_length=7, choices=Action)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    note = models.CharField(_("note"), max_length=MAX_NOTE, blank=True)
    rule = models.CharField(_("rule"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("decided at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(condition=~Q(action="hold") | ~Q(rule=""), name="a_hold_names_its_rule"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} #{self.comment_id}"


class DiscussionTally(models.Model):
    """What the fold counted in a discussion up to its stream's top."""

    discussion = models.OneToOneField(Discussion, models.CASCADE, primary_key=True, related_name="tally")
    comment_count = models.PositiveIntegerField(default=0)  # published, replies included
    last_activity = models.DateTimeField(default=timezone.now)  # of the last comment, else of the discussion itself
    last_comment = models.ForeignKey(Comment, models.SET_NULL, null=True, related_name="+", db_index=False)
    last_order = models.BigIntegerField(default=0)  # the highest order given so far
    version = models.PositiveBigIntegerField(default=0)  # of the discussion as a public object: rises with each event
    announced = models.PositiveBigIntegerField(default=0)  # the version that `chats` has heard of
    announced_at = models.DateTimeField(null=True)
    followers_told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-last_activity", "-discussion"], name="discussion_active"),
            models.Index(fields=["discussion"], condition=Q(version__gt=F("announced")), name="discussion_unannounced"),
        ]

    def __str__(self) -> str:
        return f"{self.discussion_id}: {self.comment_count}"


class CommentTally(models.Model):
    """What the fold counted for one comment; no row means nothing yet."""

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="tally")
    reply_count = models.PositiveIntegerField(default=0)  # published; of a top-level comment all below it
    is_out = models.BooleanField(default=False)  # taken down, hence no longer counted above

    def __str__(self) -> str:
        return f"{self.comment_id}: {self.reply_count}"


class IdempotencyKey(models.Model):
    """The first answer to a key of the composer; a repeat gets the same status. Kept 48 hours."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.UUIDField()
    body_hash = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    comment = models.ForeignKey(Comment, models.CASCADE, null=True, related_name="+")  # NULL: not committed yet
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["author", "key"], name="one_answer_a_key")]

    def __str__(self) -> str:
        return str(self.key)
