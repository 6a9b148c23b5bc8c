"""Comments, their former texts, and the decisions about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, F, Lookup, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.duties import EVERYWHERE, Duty, within
from accounts.reasons import Reason
from articles.models import Section
from comments.models.discussions import AT_WORK, MAX_TEXT, Discussion
from newsroom.database.columns import LineField, ProseField
from newsroom.database.statements import loaded

if TYPE_CHECKING:
    from accounts.access import Viewer
    from accounts.models import User

MAX_NOTE = 1000  # characters of a note between moderators
MAX_WORDS = 1000  # characters of what a moderator writes to the author
UNDO_WINDOW = timedelta(seconds=60)  # in which a moderator may undo a decision
MAX_NORM = 100  # characters of "§ 5" or "§ 185 StGB"


_LOCK_ABOVE = """
WITH RECURSIVE above (id, parent_id, is_locked, steps) AS (
    SELECT id, parent_id, locked_at IS NOT NULL, 0 FROM comments_comment WHERE id = %s
    UNION ALL
    SELECT line.id, line.parent_id, line.locked_at IS NOT NULL, above.steps + 1
    FROM comments_comment AS line JOIN above ON line.id = above.parent_id WHERE NOT above.is_locked
)
SELECT id FROM above WHERE is_locked ORDER BY steps LIMIT 1
"""


class _Hidden(Lookup[None]):
    """The condition of the index `comment_hidden`, written out: a plan that is made for any values cannot use it."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        state, values = self.process_lhs(compiler, connection)
        return f"{state} IN ('held', 'rejected')", values


class _NotShown(_Hidden):
    """The same for `comment_states`."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        state, values = self.process_lhs(compiler, connection)
        return f"{state} IN ('rejected', 'withdrawn', 'removed', 'erased')", values


class CommentQuerySet(models.QuerySet["Comment"]):
    def listed(self) -> Self:
        """What public lists show: the published ones, and the places of those that were taken down."""
        return self.filter(order__isnull=False)

    def visible_to(self, viewer: Viewer) -> Self:
        """For single look-ups: every comment that was ever public, the viewer's own, and all that they moderate."""
        here = Exists(Discussion.objects.visible_to(viewer).filter(pk=OuterRef("discussion")))
        return self.filter(here).told_to(viewer)

    def told_to(self, viewer: Viewer) -> Self:
        """Like `visible_to`, but without a check of the discussion, which `viewer` may no longer be able to read."""
        if not viewer.is_authenticated:  # an erased author is NULL, and so is this viewer
            return self.filter(published_at__isnull=False)
        here = viewer.sections(Duty.MODERATE)
        if here == EVERYWHERE:
            return self.all()
        known = Q(published_at__isnull=False) | Q(author=viewer)
        return self.filter(known | Q(discussion__article__section__in=here) if here else known)

    def moderated_by(self, viewer: User) -> Self:
        """Those in the sections that `viewer` moderates."""
        return self.filter(within(viewer.sections(Duty.MODERATE), "discussion__article__section"))

    def on_the_desk_of(self, viewer: User) -> Self:
        """Those in the sections that `viewer` moderates or edits."""
        return self.filter(within(viewer.sections(*AT_WORK), "discussion__article__section"))

    def waiting(self) -> Self:
        """The moderators' queue."""
        return self.filter(state="held")

    def hidden(self) -> Self:
        """Held and rejected ones, which their author alone sees."""
        return self.filter(_Hidden(F("state"), None))

    def in_state(self, state: str) -> Self:
        """Those in this state: by an index, unless it is `published`."""
        found = self.filter(state=state)
        return found.filter(_NotShown(F("state"), None)) if state in Comment.NOT_SHOWN else found

    def pinned(self) -> Self:
        """Those that stand on top of their discussion."""
        return self.filter(pinned_at__isnull=False, state="published")

    def locked(self) -> Self:
        """Those that nobody can answer, or anything below them."""
        return self.filter(locked_at__isnull=False)

    def lock_above(self, pk: int) -> int | None:
        """The nearest locked comment among this one and those above it. One statement, up to the top of the thread."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_ABOVE, [pk])
            found = cursor.fetchone()
        return found[0] if found else None

    def standing(self) -> Self:
        """Published or held, and never restored: a moderator has not decided that it stays."""
        restored = Decision.objects.standing().filter(comment=OuterRef("pk"), action=Decision.Action.RESTORE)
        return self.filter(~Exists(restored), state__in=["published", "held"])


class Comment(models.Model):
    """A reader's comment. `order` is its place in the discussion, which the fold sets when it becomes public."""

    class State(models.TextChoices):
        HELD = "held", _("Waits for a moderator")
        PUBLISHED = "published", _("Published")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn by its author")
        REMOVED = "removed", _("Removed by a moderator")
        ERASED = "erased", _("Erased with the account")

    GONE = frozenset({State.WITHDRAWN, State.REMOVED, State.ERASED})  # a tombstone keeps the place

    NOT_SHOWN = frozenset({State.REJECTED, State.WITHDRAWN, State.REMOVED, State.ERASED})

    discussion = models.ForeignKey(
        Discussion, models.CASCADE, related_name="comments", db_index=False, verbose_name=_("discussion")
    )
    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="answers", db_index=False)
    root = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="replies", db_index=False
    )  # the top-level comment above; NULL at the top, and for every line of a chat
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="comments",
        db_index=False,
        verbose_name=_("author"),
    )
    author_name = LineField(_("imported name"), max_length=80, blank=True)  # until a person claims the comment
    # By what the source tells its authors from each other; "": a guest, or an account of ours.
    author_key = LineField(max_length=100, blank=True, default="", db_default="", editable=False)
    text = ProseField(_("text"), max_length=MAX_TEXT)
    html = models.TextField(_("HTML"))
    state = models.CharField(_("state"), max_length=9, choices=State)
    order = models.BigIntegerField(null=True, blank=True, editable=False)  # microseconds, unique in the discussion
    score = models.BigIntegerField(default=0, db_default=0, editable=False)  # in the order `best`, by the fold
    # The offset of the event that gave it this score.
    ranked_at = models.BigIntegerField(default=0, db_default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)  # readers see it plus the tally's rounds
    # The version since which text and state are unchanged.
    settled = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    key = models.UUIDField(null=True, blank=True, editable=False)  # the request's idempotency key, repeated in events
    created_at = models.DateTimeField(_("written at"), default=timezone.now, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Marks by moderators. Readers see them as long as the comment is published.
    pinned_at = models.DateTimeField(null=True, editable=False)
    featured_at = models.DateTimeField(null=True, editable=False)
    # Its author has written the article above, as that says: see `actions.authorship`.
    by_author = models.BooleanField(default=False, db_default=False, editable=False)
    # Since when nobody can answer it or anything below it.
    locked_at = models.DateTimeField(null=True, editable=False)
    # The same for the same text; NULL for a short one. See `comments.moderation.fingerprint`.
    fingerprint = models.BigIntegerField(null=True, editable=False)
    source = models.CharField(max_length=20, blank=True, editable=False)  # the importer's name
    source_id = LineField(max_length=100, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()
    ruling: Decision | None = None  # the decision made just now, in this object only

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
                fields=["discussion", "-score", "-order"],
                condition=Q(order__isnull=False, root__isnull=True),
                name="comment_best",
            ),
            models.Index(fields=["root", "order"], condition=Q(root__isnull=False), name="comment_below"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="comment_parent"),
            models.Index(
                fields=["author", "discussion", "-id"], condition=Q(author__isnull=False), name="comment_said"
            ),
            models.Index(
                fields=["author_key"], condition=Q(author__isnull=True) & ~Q(author_key=""), name="comment_author_key"
            ),
            models.Index(fields=["id"], condition=Q(state="held"), name="comment_queue"),
            models.Index(
                fields=["author", "discussion", "-id"],
                condition=Q(state__in=["held", "rejected"]),
                name="comment_hidden",
            ),
            models.Index(fields=["author", "-id"], condition=Q(author__isnull=False), name="comment_by"),
            models.Index(
                fields=["fingerprint", "-id"], condition=Q(fingerprint__isnull=False), name="comment_fingerprint"
            ),
            # A post never touches it. See `in_state`.
            models.Index(
                fields=["state", "id"],
                condition=Q(state__in=["rejected", "withdrawn", "removed", "erased"]),
                name="comment_states",
            ),
            models.Index(fields=["discussion"], condition=Q(pinned_at__isnull=False), name="comment_pinned"),
            models.Index(fields=["author"], condition=Q(featured_at__isnull=False), name="comment_featured"),
            models.Index(fields=["discussion"], condition=Q(locked_at__isnull=False), name="comment_locked"),
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

    @property
    def rounds(self) -> int:
        """How often the fold has counted reactions to it. Reads `tally` if that was loaded with the row."""
        tally = loaded(self, "tally")
        return tally.rounds if tally else 0

    @property
    def public_version(self) -> int:
        """The `version` that readers see: it rises with each change of the comment and with each count of reactions."""
        return self.version + self.rounds

    def says_as_in(self, versions: Collection[int] | None) -> bool:
        """Whether text and state are the same as in one of these versions; None: any version."""
        return versions is None or any(self.settled <= seen <= self.public_version for seen in versions)

    def change_version(self) -> None:
        """Record that text or state has changed. The caller holds the stream, so that no reactions are counted
        meanwhile.
        """
        self.version += 1
        self.settled = self.public_version


class CommentRevision(models.Model):
    """A text that an edit replaced, for moderators."""

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField(_("version"))
    text = ProseField(_("text"))
    html = models.TextField()
    replaced_at = models.DateTimeField(_("replaced at"), default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "version"], name="one_revision_a_version")]

    def __str__(self) -> str:
        return f"{self.comment_id} v{self.version}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> Self:
        """Without those that were undone."""
        return self.filter(undone_at=None)

    def teaching(self) -> Self:
        """Those from which the rule `learned` learns: the last about a comment, by a person who looked at this one, and
        about the text and in the state that the comment still has. So none that was undone or overturned.
        """
        good = Q(action__in=["approve", "restore", "keep"], comment__state="published")
        bad = Q(action__in=["reject", "remove"], comment__state__in=["rejected", "removed"])
        later = Decision.objects.standing().filter(comment=OuterRef("comment"), pk__gt=OuterRef("pk"))
        later = later.exclude(action__in=Decision.MARKS)
        as_it_was = Q(comment__edited_at=None) | Q(comment__edited_at__lt=F("created_at"))
        return self.standing().filter(good | bad, as_it_was, ~Exists(later), rule="", is_bulk=False)

    def hold_of(self, comment: int) -> Decision | None:
        """The last one that holds this comment for a moderator."""
        return self.filter(comment=comment, action=Decision.Action.HOLD).order_by("-id").first()


class Decision(models.Model):
    """A decision of a moderator or a rule about a comment. Nothing but its undoing changes it."""

    class Action(models.TextChoices):
        HOLD = "hold", _("Hold")
        APPROVE = "approve", _("Approve")
        REJECT = "reject", _("Reject")
        REMOVE = "remove", _("Remove")
        RESTORE = "restore", _("Restore")
        KEEP = "keep", _("Keep")  # the comment stands, though it was reported
        REOPEN = "reopen", _("Reopen")  # a rejected comment waits again
        EDIT = "edit", _("Edit")  # by a moderator; its author's own edits are no decisions
        PIN = "pin", _("Pin")  # it stands on top of its discussion
        UNPIN = "unpin", _("Unpin")
        FEATURE = "feature", _("Feature")  # readers see that moderators recommend it
        UNFEATURE = "unfeature", _("No longer feature")
        LOCK = "lock", _("Close the replies")  # to the comment and to all that is below it
        UNLOCK = "unlock", _("Open the replies")

    # They mark a comment, and say nothing about whether it may stand.
    LOCKS = frozenset({Action.LOCK, Action.UNLOCK})
    MARKS = frozenset({Action.PIN, Action.UNPIN, Action.FEATURE, Action.UNFEATURE}) | LOCKS

    class Ground(models.TextChoices):
        TERMS = "terms", _("The terms of this site")
        LAW = "law", _("The law")

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="decisions", verbose_name=_("comment"))
    # Where the comment stood then; NULL: in no section, or (both) an earlier release has decided.
    discussion = models.ForeignKey(
        Discussion, models.PROTECT, null=True, related_name="+", db_index=False, editable=False
    )
    section = models.ForeignKey(Section, models.SET_NULL, null=True, related_name="+", db_index=False, editable=False)
    moderator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="decisions",
        verbose_name=_("moderator"),
    )
    action = models.CharField(_("action"), max_length=9, choices=Action)
    reason = models.CharField(_("reason"), max_length=20, choices=Reason, blank=True)
    ground = models.CharField(_("ground"), max_length=5, choices=Ground, blank=True, default="", db_default="")
    norm = LineField(_("paragraph"), max_length=MAX_NORM, blank=True, default="", db_default="")  # of the ground
    text = ProseField(_("words to the author"), max_length=MAX_WORDS, blank=True, default="", db_default="")
    note = LineField(_("note"), max_length=MAX_NOTE, blank=True)
    rule = LineField(_("rule"), max_length=40, blank=True)
    former = models.CharField(
        max_length=9, choices=Comment.State, blank=True, default="", db_default="", editable=False
    )
    is_bulk = models.BooleanField(default=False, db_default=False, editable=False)  # one of many at once
    created_at = models.DateTimeField(_("decided at"), default=timezone.now, editable=False)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True, editable=False)
    # What the fold has counted of it, see DayTally.wait; NULL: nothing.
    tallied_wait = models.SmallIntegerField(null=True, editable=False)

    objects = DecisionQuerySet.as_manager()
    job: int | None = None  # of the many at once that it is made with just now, in this object only

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(condition=~Q(action="hold") | ~Q(rule=""), name="a_hold_names_its_rule"),
        ]
        indexes = [  # of the log, the newest first
            models.Index(fields=["created_at", "id"], name="decision_when"),
            models.Index(fields=["section", "created_at", "id"], name="decision_section"),
            models.Index(fields=["discussion", "created_at", "id"], name="decision_where"),
            models.Index(fields=["moderator", "created_at", "id"], name="decision_by"),
            models.Index(fields=["action", "created_at", "id"], name="decision_action"),
            models.Index(fields=["reason", "created_at", "id"], name="decision_reason"),
            models.Index(fields=["rule", "created_at", "id"], name="decision_rule"),
            models.Index(fields=["id"], condition=Q(discussion=None), name="decision_unplaced"),
            models.Index(fields=["id"], condition=Q(tallied_wait=None, undone_at=None), name="decision_uncounted"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} #{self.comment_id}"

    @property
    def words(self) -> str:
        """What its author reads beside the reason: what it rests on, and what was written to them."""
        ground = f"({self.get_ground_display()}, {self.norm})" if self.ground else ""
        return " ".join(part for part in (ground, self.text) if part)
