"""Second looks: which decisions are judged once more, and that judgement."""

from __future__ import annotations

from secrets import SystemRandom

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import acting, must, must_moderate_somewhere
from accounts.models import User
from accounts.reasons import Reason
from comments.models import UNDO_WINDOW, Decision, SecondLook
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, Invalid, NotFound

_CHANCE = SystemRandom()
_Action, _Verdict = Decision.Action, SecondLook.Verdict
_MEANS = {  # a decision that says the same
    _Action.APPROVE: _Verdict.STAND,
    _Action.KEEP: _Verdict.STAND,
    _Action.RESTORE: _Verdict.STAND,
    _Action.REJECT: _Verdict.DOWN,
    _Action.REMOVE: _Verdict.DOWN,
}


def choose(decision: Decision) -> None:
    """Have some decisions of people judged once more: SECOND_LOOK_PERCENT of them, by chance. None of many at once."""
    is_one = decision.action in _MEANS and not decision.is_bulk and not decision.rule
    if not is_one or _CHANCE.uniform(0, 100) >= settings.SECOND_LOOK_PERCENT:
        return
    hold = Decision.objects.hold_of(decision.comment_id)
    is_held = decision.action in {_Action.APPROVE, _Action.REJECT}
    SecondLook.objects.create(
        decision=decision,
        section_id=decision.section_id,
        rule=hold.rule if hold and is_held else "",
        opens_at=decision.created_at + UNDO_WINDOW,
    )


@transaction.atomic
def judge_again(look_id: int, verdict: str, *, actor: User, reason: str = "") -> SecondLook:
    """Say what one would have decided. It changes nothing about the comment, and nobody is told.

    Raises Forbidden, Invalid; NotFound for one that is not for this moderator, or no longer; Conflict if another one
    was first.
    """
    _check(verdict, reason)
    actor = must_moderate_somewhere(acting(actor))
    rows = SecondLook.objects.select_for_update(no_key=True, of=("self",))
    look = rows.filter(pk=look_id).first() if look_id <= LARGEST_ID else None
    if look is None:
        raise NotFound(_("There is no such case."))
    must("comments.judge_again", actor, look.section_id)
    now = timezone.now()
    if look.judged_at is not None:
        raise Conflict(_("Somebody else has judged this already."))
    if not SecondLook.objects.waiting_for(actor, now).filter(pk=look_id).exists():
        raise NotFound(_("There is no such case."))
    look.verdict, look.moderator, look.judged_at = verdict, actor, now
    look.reason = reason if verdict == _Verdict.DOWN else ""
    look.agrees = _MEANS[_Action(look.decision.action)] == verdict
    look.save(update_fields=["verdict", "reason", "moderator", "judged_at", "agrees"])
    return look


def _check(verdict: str, reason: str) -> None:
    errors: dict[str, list[str]] = {}
    if verdict not in _Verdict.values:
        errors["verdict"] = [_("One of: %s.") % ", ".join(_Verdict.values)]
    if verdict == _Verdict.DOWN and not reason:
        errors["reason"] = [_("Choose a reason.")]
    elif reason and reason not in Reason.values:
        errors["reason"] = [_("One of: %s.") % ", ".join(Reason.values)]
    if errors:
        raise Invalid(_("Some fields need another look."), errors=errors)
