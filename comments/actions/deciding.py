"""Moderators' decisions about comments."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_moderate_somewhere
from accounts.audit import record
from accounts.models import User
from accounts.reasons import Reason
from comments import events
from comments.access import may_decide_about
from comments.actions import cases, looks, marking, warnings
from comments.actions.discussions import lock
from comments.actions.editing import replace
from comments.actions.guards import Said, hold_comment
from comments.actions.judging import set_hits_aside
from comments.errors import AlreadyDecided, HigherRank, OwnComment
from comments.models import MAX_NORM, MAX_NOTE, MAX_TEXT, MAX_WORDS, Comment, Decision
from comments.moderation import fingerprint
from comments.representations import ruling_json
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Invalid, NotFound, PreconditionFailed
from newsroom.text import clean, clean_line

_Action, _State = Decision.Action, Comment.State
FROM = {
    _Action.APPROVE: {_State.HELD},
    _Action.REJECT: {_State.HELD},
    _Action.REMOVE: {_State.PUBLISHED},
    _Action.RESTORE: {_State.REMOVED, _State.REJECTED},
    _Action.KEEP: {_State.PUBLISHED},
    _Action.REOPEN: {_State.REJECTED},
    _Action.EDIT: {_State.PUBLISHED, _State.HELD},
    **{each: {_State.PUBLISHED} for each in Decision.MARKS},
    **{each: {_State.PUBLISHED, *Comment.GONE} for each in Decision.LOCKS},  # what is below a tombstone goes on
}
TO = {
    _Action.APPROVE: _State.PUBLISHED,
    _Action.REJECT: _State.REJECTED,
    _Action.REMOVE: _State.REMOVED,
    _Action.RESTORE: _State.PUBLISHED,
    _Action.KEEP: _State.PUBLISHED,
    _Action.REOPEN: _State.HELD,
}
DONE = {
    _Action.APPROVE: "approved",
    _Action.REJECT: "rejected",
    _Action.REMOVE: "removed",
    _Action.RESTORE: "restored",
    _Action.KEEP: "let_stand",
    _Action.REOPEN: "reopened",
    _Action.EDIT: "rewritten",
    _Action.PIN: "pinned",
    _Action.UNPIN: "unpinned",
    _Action.FEATURE: "featured",
    _Action.UNFEATURE: "unfeatured",
    _Action.LOCK: "locked",
    _Action.UNLOCK: "unlocked",
}
WORDS = ("text", "ground", "norm")  # what is written to the author beside the reason
REVERSALS = {_Action.RESTORE, _Action.REOPEN}  # of a rejection or a removal
REASONED = {_Action.REJECT, _Action.REMOVE, _Action.EDIT}  # the author is told why


@transaction.atomic
def decide(
    comment_id: int,
    action: str,
    *,
    actor: User,
    reason: str = "",
    seen: Collection[int] | None = None,
    note: str = "",
    text: str = "",
    ground: str = "",
    norm: str = "",
    body: str = "",
    case: int | None = None,
    job: int | None = None,
) -> Comment:
    """Approve, reject, remove, restore, keep, reopen, edit or mark, with a note. `comment.ruling` is the decision.

    `reason`: a Reason code for the actions whose reason the author is told; it is ignored for the others. `seen`: the
    acceptable versions; None: any. But without `seen` a text that its author has edited cannot be approved, since
    perhaps nobody has read it. `text`: words to the author; `ground`: a Decision.Ground code, with the paragraph of
    the terms or the `norm` of the law. `body`: the new text, to edit. `job`: the BulkJob of which this is a part.
    `case`: the id of the case that is decided.

    Raises Forbidden, Invalid, NotFound; OwnComment and HigherRank; AlreadyDecided if the action does not apply to the
    comment's present state; PreconditionFailed, with the present text, if another version was seen; TooManyPinned.
    """
    action, reason, note = checked(actor, action, reason, note)
    told, said = checked_words(text, ground, norm), _checked_body(action, body)
    comment, actor = _hold_and_lock(comment_id, actor, action)
    section = comment.discussion.section_id
    must(f"comments.{'rewrite' if said else action}", actor, section)
    _must_be_of_others(comment, actor)
    if case is not None:
        _must_be_open(case, comment)
    _must_wait_for(comment, action)
    is_unsaid = seen is None and action == _Action.APPROVE and comment.edited_at is not None
    if is_unsaid or not comment.says_as_in(seen):
        sentence = _("The comment has changed meanwhile. Read it once more before you decide.")
        raise PreconditionFailed(sentence, version=comment.public_version, text=comment.text, html=comment.html)
    was_public, before = comment.published_at is not None, comment.state
    chosen = {"moderator": actor, "action": action, "reason": reason, "note": note, "is_bulk": job is not None}
    decision, version = Decision(**chosen, **told, section_id=section), comment.version
    decision.job = job
    if said:
        _rewrite(comment, said)
    _carry_out(comment, decision)
    now: dict[str, Any] = {"state": comment.state} | ({"reason": reason} if reason else {})
    was: dict[str, Any] = {"is_reported": True} if action == _Action.KEEP else {}
    if action in Decision.MARKS:
        was, now = {"marked": ""}, now | {"marked": action}
    if said:
        was, now = {"version": version}, now | {"version": comment.version}
    if job is not None:
        now |= {"job": job}
    record(actor, f"comment.{DONE[action]}", comment.subject, {"state": before} | was, now)
    stays_open = action in Decision.MARKS or (said is not None and comment.state == _State.HELD)
    closed = events.Closed() if stays_open else cases.close(comment, decision)
    _tell(comment, decision, closed, was_public=was_public)
    if action in REVERSALS:
        warnings.take_back(comment)
    looks.choose(decision)
    return comment


@transaction.atomic
def take_down(comment_id: int, *, rule: str, note: str) -> bool:
    """Remove or reject a comment by a rule, without a moderator. Returns whether it did.

    Does nothing to a comment in another state, or to one that a moderator has restored. Raises NotFound.
    """
    hold_comment(comment_id)
    comment = locked(Comment.objects.all(), comment_id)
    if not Comment.objects.standing().filter(pk=comment_id).exists():
        return False
    action = next(each for each in (_Action.REMOVE, _Action.REJECT) if comment.state in FROM[each])
    section = comment.discussion.section_id
    decision = Decision(action=action, reason=Reason.OTHER, rule=rule, note=note, section_id=section)
    _carry_out(comment, decision)
    _tell(comment, decision, cases.close(comment, decision), was_public=comment.published_at is not None)
    return True


def _carry_out(comment: Comment, decision: Decision) -> None:
    """Store decision and comment. The comment is locked, and in a state that the decision applies to."""
    decision.former = comment.state
    if decision.action in Decision.MARKS:
        marking.mark(comment, _Action(decision.action))
    elif decision.action in TO and decision.action != _Action.KEEP:
        comment.state = TO[_Action(decision.action)]
        comment.change_version()
        if comment.state == _State.PUBLISHED and comment.published_at is None:
            comment.published_at = timezone.now()
        if comment.state == _State.PUBLISHED:
            marking.lose_marks(comment)
        comment.save(update_fields=["state", "version", "settled", "published_at", "pinned_at", "featured_at"])
    decision.comment, decision.discussion = comment, comment.discussion
    decision.save()
    comment.ruling = decision


def checked(actor: User, action: str, reason: str, note: str) -> tuple[Decision.Action, str, str]:
    """The action, the reason if it has one, and the clean note. Raises Forbidden, Invalid."""
    must_moderate_somewhere(actor)
    note = clean(note)
    errors: dict[str, list[str]] = {}
    if action not in FROM:
        errors["action"] = [_("One of: %s.") % ", ".join(FROM)]
    if action in REASONED and not reason:
        errors["reason"] = [_("Choose a reason: the author is told.")]
    elif reason and reason not in Reason.values:
        errors["reason"] = [_("One of: %s.") % ", ".join(Reason.values)]
    if len(note) > MAX_NOTE:
        errors["note"] = [_("At most %d characters fit in here.") % MAX_NOTE]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)
    return Decision.Action(action), reason if action in REASONED else "", note


def checked_words(text: str, ground: str, norm: str) -> dict[str, str]:
    """The clean fields of the decision that its author reads. Raises Invalid."""
    found = {"text": clean(text), "ground": ground, "norm": clean_line(norm)}
    errors: dict[str, list[str]] = {}
    if ground and ground not in Decision.Ground.values:
        errors["ground"] = [_("One of: %s.") % ", ".join(Decision.Ground.values)]
    if bool(ground) is not bool(found["norm"]):
        errors["norm"] = [_("A ground and its paragraph belong together.")]
    for name, most in (("text", MAX_WORDS), ("norm", MAX_NORM)):
        if len(found[name]) > most:
            errors[name] = [_("At most %d characters fit in here.") % most]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)
    return found


def _checked_body(action: str, body: str) -> Said | None:
    """The new text, to edit. Raises Invalid."""
    if action != _Action.EDIT:
        return None
    said = Said.of(body, field="body")
    sentence = ""
    if not said.text:
        sentence = _("The comment needs a text.")
    elif len(said.text) > MAX_TEXT:
        sentence = _("At most %d characters fit in here.") % MAX_TEXT
    if sentence:
        raise Invalid(_("Some fields need another look."), errors={"body": [sentence]})
    return said


def _rewrite(comment: Comment, said: Said) -> None:
    """Raises Invalid for the text that the comment has already."""
    if said.text == comment.text:
        sentence = _("This is the text that it has.")
        raise Invalid(_("Some fields need another look."), errors={"body": [sentence]})
    set_hits_aside(replace(comment, said, fingerprint(said.text), timezone.now()))


def _must_be_of_others(comment: Comment, actor: User) -> None:
    """Raises OwnComment, HigherRank."""
    if may_decide_about(actor, comment):
        return
    if comment.author_id == actor.pk:
        raise OwnComment(_("This is your own comment: hand it over to somebody else."))
    raise HigherRank(_("Its author has a higher rank than you: hand it over to somebody else."))


def _must_be_open(case_id: int, comment: Comment) -> None:
    """Raises Invalid for a case that is not about this comment, AlreadyDecided for one that is closed."""
    found = comment.cases.filter(pk=case_id).first() if case_id <= LARGEST_ID else None
    if found is None:
        sentence = _("There is no such case about this comment.")
        raise Invalid(_("Some fields need another look."), errors={"case": [sentence]})
    if not found.is_open:
        raise already_decided(comment)


def _must_wait_for(comment: Comment, action: Decision.Action) -> None:
    """Raises AlreadyDecided."""
    is_done = action in Decision.MARKS and marking.is_done(comment, action)
    is_idle = action == _Action.KEEP and not cases.is_reported(comment)
    if comment.state not in FROM[action] or is_done or is_idle:
        raise already_decided(comment)


def already_decided(comment: Comment) -> AlreadyDecided:
    """The refusal that says who decided what."""
    sentence = _("Somebody has decided already: the comment is “%s” now.") % comment.get_state_display()
    last = comment.decisions.standing().select_related("moderator").exclude(moderator=None).order_by("-id").first()
    decision = ruling_json(last) | {"by": last.moderator.name if last.moderator else ""} if last else None
    return AlreadyDecided(sentence, state=comment.state, version=comment.public_version, decision=decision)


def _hold_and_lock(comment_id: int, actor: User, action: Decision.Action) -> tuple[Comment, User]:
    """The comment, and the moderator as they are now: they may have lost the duty while we waited for the lock."""
    held = hold_comment(comment_id)
    if action == _Action.LOCK:
        lock(held.discussion_id)  # an answer on its way comes first, and none afterwards
    actor = must_moderate_somewhere(acting(actor))
    if action in REVERSALS:
        warnings.hold_warned(comment_id)
    return locked(Comment.objects.told_to(actor), comment_id), actor


def locked(comments: QuerySet[Comment], comment_id: int) -> Comment:
    """The comment with all that a decision reads, its row locked. Raises NotFound if it is not among `comments`."""
    rows = comments.select_for_update(no_key=True, of=("self",)).filter(pk=comment_id)
    found = rows.select_related("discussion__article__section", "author", "tally", "parent").first()
    if found is None:
        raise NotFound(_("There is no such comment."))
    return found


def _tell(comment: Comment, decision: Decision, closed: events.Closed, *, was_public: bool) -> None:
    match decision.action:
        case _Action.APPROVE:
            events.comment_approved(comment, decision, closed)
        case _Action.REJECT:
            events.comment_rejected(comment, decision, closed)
        case _Action.REMOVE:
            events.comment_removed(comment, decision, closed)
        case _Action.EDIT:
            open_ones = cases.open_about(comment) if comment.state == _State.HELD else []
            events.comment_rewritten(comment, decision, closed, open_ones)
        case _Action.REOPEN:
            events.comment_reopened(comment, decision, cases.open_held(comment))
        case _Action.KEEP:
            events.comment_kept(comment, decision, closed)
        case mark if mark in Decision.MARKS:
            events.comment_marked(comment, decision)
        case _:
            events.comment_restored(comment, decision, closed, was_public=was_public)
