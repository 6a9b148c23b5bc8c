"""Authors' actions on their own comments."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import acting
from accounts.models import User
from comments import events
from comments.access import must_be_open
from comments.actions import cases, marking
from comments.actions.asking import Answers, with_answers
from comments.actions.guards import Said, hold_comment, lock_both
from comments.actions.judging import facts_of_edit, judged, keep_hits, published_form, set_hits_aside
from comments.actions.refusing import kept_if_refused
from comments.errors import AlreadyDecided, EditWindowOver, NotYourComment, RefusedByRule, UndoWindowOver
from comments.models import Comment, CommentRevision, Decision
from newsroom.errors import PreconditionFailed

EDIT_WINDOW = timedelta(minutes=5)
UNDO_WINDOW = timedelta(minutes=1)
ALIVE = (Comment.State.PUBLISHED, Comment.State.HELD)


def edit(comment_id: int, *, actor: User, text: str, seen: Collection[int] | None = None) -> Comment:
    """Replace the text of one's own comment within five minutes. Moderators can still read the old text.

    `seen`: the versions of If-Match; None: any. Raises NotFound, NotYourComment, AlreadyDecided, PreconditionFailed,
    EditWindowOver, and for the text what `post` raises. If a rule would hold the new text, the old one stays: Refused.
    """
    said = Said.of(text)
    with kept_if_refused(actor, comment_id):
        return with_answers(lambda answers: _edit(comment_id, actor, said, seen, answers))


@transaction.atomic
def _edit(comment_id: int, actor: User, said: Said, seen: Collection[int] | None, answers: Answers) -> Comment:
    peek, now = hold_comment(comment_id), timezone.now()
    discussion, author = lock_both(peek.discussion_id, actor)
    comment = _lock(comment_id, actor, seen)
    _must_be_fresh(comment, now)
    must_be_open(discussion, now)
    facts = facts_of_edit(said, comment, author, now)
    judgement = judged(said, discussion, author, facts, now, answers)
    is_public = comment.state == Comment.State.PUBLISHED
    if is_public and not judgement.is_public:
        sentence = _("Changed like this, a moderator would have to see it first.")
        raise RefusedByRule(sentence, judgement=judgement, text=said.text, discussion=discussion.pk)
    said = published_form(said, judgement)
    if said.text == comment.text:
        return comment
    marking.lose_marks(comment)  # no moderator has read this text
    set_hits_aside(replace(comment, said, facts.fingerprint, now))
    keep_hits(comment, judgement)
    if is_public:
        known = cases.open_about(comment)
        events.comment_edited(comment, known, cases.open_flagged(comment, known) if judgement.is_flagged else ())
    else:
        events.held_comment_edited(comment, Decision.objects.hold_of(comment.pk), cases.open_held(comment))
    return comment


@transaction.atomic
def withdraw(comment_id: int, *, actor: User, seen: Collection[int] | None = None) -> Comment:
    """Take one's own comment back; its place and its replies stay.

    Raises NotFound, NotYourComment, AlreadyDecided, PreconditionFailed.
    """
    hold_comment(comment_id)
    comment = _lock(comment_id, acting(actor), seen)
    was_public = comment.state == Comment.State.PUBLISHED
    comment.state, comment.withdrawn_at = Comment.State.WITHDRAWN, timezone.now()
    comment.change_version()
    comment.save(update_fields=["state", "version", "settled", "withdrawn_at"])
    events.comment_withdrawn(comment, cases.close(comment), was_public=was_public)
    return comment


@transaction.atomic
def undo(comment_id: int, *, actor: User) -> Comment:
    """Undo a withdrawal within a minute: the comment returns to its place, or to the moderators' queue.

    Raises NotFound, NotYourComment, AlreadyDecided, UndoWindowOver, DiscussionClosed, Unconfirmed, Barred.
    """
    peek, now = hold_comment(comment_id), timezone.now()
    discussion, _author = lock_both(peek.discussion_id, actor)
    comment = _lock(comment_id, actor, None, states={Comment.State.WITHDRAWN})
    if comment.withdrawn_at is None or now > comment.withdrawn_at + UNDO_WINDOW:
        raise UndoWindowOver(_("A withdrawn comment can be brought back for a minute."))
    must_be_open(discussion, now)
    was_public = comment.published_at is not None
    comment.state = Comment.State.PUBLISHED if was_public else Comment.State.HELD
    comment.withdrawn_at = None
    comment.change_version()
    marking.keep_marks(comment)
    comment.save(update_fields=["state", "version", "settled", "withdrawn_at", "pinned_at"])
    if was_public:
        events.comment_brought_back(comment, None, cases.reopen(comment))
    else:
        events.comment_brought_back(comment, Decision.objects.hold_of(comment.pk), [cases.open_held(comment)])
    return comment


def _lock(comment_id: int, actor: User, seen: Collection[int] | None, *, states: Collection[str] = ALIVE) -> Comment:
    rows = Comment.objects.select_for_update(no_key=True, of=("self",))
    comment = rows.select_related("discussion", "author", "tally").get(pk=comment_id)
    if comment.author_id != actor.pk:
        raise NotYourComment(_("Only its author can change or withdraw a comment."))
    if comment.state not in states:
        sentence = _("The comment is “%s” now.") % comment.get_state_display()
        raise AlreadyDecided(sentence, state=comment.state, version=comment.public_version)
    if not comment.says_as_in(seen):
        raise PreconditionFailed(_("The comment has changed meanwhile."), version=comment.public_version)
    return comment


def _must_be_fresh(comment: Comment, now: datetime) -> None:
    if now > comment.created_at + EDIT_WINDOW:
        minutes = EDIT_WINDOW // timedelta(minutes=1)
        sentence = ngettext(
            "A comment can be changed for %d minute.", "A comment can be changed for %d minutes.", minutes
        )
        raise EditWindowOver(sentence % minutes)


def replace(comment: Comment, said: Said, fingerprint: int | None, now: datetime) -> CommentRevision:
    """Returns the revision, which keeps the former text."""
    revision = CommentRevision.objects.create(
        comment=comment, version=comment.version, text=comment.text, html=comment.html, replaced_at=now
    )
    comment.text, comment.html, comment.fingerprint, comment.edited_at = said.text, said.html, fingerprint, now
    comment.change_version()
    changed = ["text", "html", "fingerprint", "edited_at", "version", "settled", "pinned_at", "featured_at"]
    comment.save(update_fields=changed)
    return revision
