"""The way back from a decision: for a minute, for the person who decided."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_moderate_somewhere
from accounts.audit import record
from accounts.models import User
from comments import events, folds
from comments.actions import cases, marking, warnings
from comments.actions.deciding import TO, already_decided, locked
from comments.actions.discussions import lock
from comments.actions.guards import hold_comment
from comments.errors import AlreadyUndone, Busy, NotYourDecision, TooLate
from comments.models import UNDO_WINDOW, Comment, Decision
from comments.moderation import fingerprint
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, NotFound
from newsroom.live.outbox import catch_up, is_caught_up

TRIES = 5
_State = Comment.State


def undo_decision(decision_id: int, *, actor: User, is_bulk: bool = False) -> Comment:
    """Undo one's own decision within a minute: the comment is what it was, its cases are open again, and who was told
    and has not read it yet is told nothing. Readers see no trace. `comment.ruling` is the decision.

    `is_bulk`: together with others, in the time that the caller has checked; a text that its author has changed since
    stays as it is.

    Raises Forbidden, NotFound, NotYourDecision, AlreadyUndone, TooLate; AlreadyDecided if somebody has decided since;
    Conflict if readers have answered or reported since what they would no longer see.
    """
    must_moderate_somewhere(actor)
    comment_id = _comment_of(decision_id)
    for _try in range(TRIES):
        with transaction.atomic():
            stream = f"discussion.{hold_comment(comment_id).discussion_id}"
            if is_caught_up(stream):  # otherwise the fold would place the comment after we have taken it away
                return _undo(decision_id, comment_id, actor, is_bulk=is_bulk)
        catch_up(stream)
    raise Busy(_("Many are writing here: try again in a moment."))


def undoable(comment: Comment, actor: User) -> Decision | None:
    """The person's last decision about the comment if they may still undo it."""
    fresh = comment.decisions.standing().filter(created_at__gte=timezone.now() - UNDO_WINDOW)
    last = fresh.exclude(action=Decision.Action.HOLD).order_by("-id").first()
    return last if last and last.moderator_id == actor.pk else None


def _undo(decision_id: int, comment_id: int, actor: User, *, is_bulk: bool) -> Comment:
    peek = Comment.objects.only("discussion_id").get(pk=comment_id)
    discussion = lock(peek.discussion_id)  # nobody answers meanwhile
    actor = must_moderate_somewhere(acting(actor))
    warnings.hold_warned(comment_id)
    comment = locked(Comment.objects.told_to(actor), comment_id)
    must("comments.undo_decision", actor, comment.discussion.section_id)
    decision = Decision.objects.select_related("moderator").get(pk=decision_id)
    _must_be_ones_own_and_fresh(decision, actor, is_bulk=is_bulk)
    _must_be_the_last(decision, comment)
    if is_bulk and comment.edited_at is not None and comment.edited_at > decision.created_at:
        raise already_decided(comment)
    comment.discussion = discussion
    was, former = comment.state, _State(decision.former)
    is_unpublished = was == _State.PUBLISHED and former in {_State.HELD, _State.REJECTED}
    if decision.action == Decision.Action.EDIT:
        _give_back_text(comment, decision)
    elif decision.action in Decision.MARKS:
        marking.mark(comment, marking.OPPOSITE[Decision.Action(decision.action)])
    elif was != former:
        comment.state = former
        comment.change_version()
        if former == _State.PUBLISHED:
            marking.keep_marks(comment)
        comment.save(update_fields=["state", "version", "settled", "pinned_at"])
    if is_unpublished:
        folds.unplace(comment)
    decision.undone_at = timezone.now()
    decision.save(update_fields=["undone_at"])
    decision.comment, comment.ruling = comment, decision
    values = {"action": decision.action, "state": was}, {"action": "", "state": former}
    record(actor, "decision.undone", comment.subject, *values)
    closed = cases.close(comment) if decision.action == Decision.Action.REOPEN else events.Closed()
    opened = cases.take_back(comment, decision)
    events.decision_undone(comment, decision, opened, closed, is_unpublished=is_unpublished)
    warnings.take_back(comment, decision)
    return comment


def _give_back_text(comment: Comment, decision: Decision) -> None:
    """Raises AlreadyDecided if its author has changed it since."""
    since = list(comment.revisions.filter(replaced_at__gte=decision.created_at).order_by("version"))
    if len(since) != 1:
        raise already_decided(comment)
    before = comment.revisions.exclude(pk=since[0].pk).order_by("-version").first()
    comment.text, comment.html, comment.fingerprint = since[0].text, since[0].html, fingerprint(since[0].text)
    comment.edited_at = before.replaced_at if before else None
    comment.change_version()
    comment.save(update_fields=["text", "html", "fingerprint", "edited_at", "version", "settled"])
    since[0].hits.update(revision=None)
    since[0].delete()


def _comment_of(decision_id: int) -> int:
    found = Decision.objects.filter(pk=decision_id).first() if decision_id <= LARGEST_ID else None
    if found is None:
        raise NotFound(_("There is no such decision."))
    return found.comment_id


def _must_be_ones_own_and_fresh(decision: Decision, actor: User, *, is_bulk: bool) -> None:
    if decision.moderator != actor:
        raise NotYourDecision(_("Only the person who decided can undo it."))
    if decision.undone_at is not None:
        raise AlreadyUndone(_("This decision has been undone already."))
    if not is_bulk and timezone.now() > decision.created_at + UNDO_WINDOW:
        raise TooLate(_("A decision can be undone for a minute. Decide anew."))


def _must_be_the_last(decision: Decision, comment: Comment) -> None:
    later = comment.decisions.standing().filter(pk__gt=decision.pk)
    action = Decision.Action(decision.action)
    is_mark = action in Decision.MARKS
    is_gone = is_mark and not marking.is_done(comment, action)
    if comment.state != TO.get(action, _State(decision.former)) or is_gone or later.exists():
        raise already_decided(comment)
    is_hidden = decision.former in {_State.HELD, _State.REJECTED} and comment.state == _State.PUBLISHED
    waits = action == Decision.Action.EDIT and comment.state == _State.HELD
    stays_open = is_mark or action == Decision.Action.REOPEN or waits
    is_new = not stays_open and bool(cases.open_about(comment))
    if is_new or (is_hidden and comment.answers.exists()):
        raise Conflict(_("Readers have answered or reported the comment meanwhile. Decide anew."))
