"""Restrictions of people, and their end."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import events, sections
from accounts.access import acting, hold, must, must_outrank, must_somewhere, present
from accounts.actions.words import errors_of
from accounts.audit import record, values_of
from accounts.models import Sanction, User
from newsroom.errors import Conflict, Invalid, NotFound
from newsroom.text import clean

NOTE_LENGTH = 2000
RESTRICTS = ("scope", "section", "until", "reason")


class AlreadyLifted(Conflict):
    code = "already_decided"


@transaction.atomic
def impose_sanction(
    user_id: int,
    *,
    actor: User,
    scope: str,
    until: datetime | None,
    reason: str,
    note: str = "",
    text: str = "",
    section: int | None = None,
) -> Sanction:
    """Restrict a person until a time, or for good if `until` is None; everywhere, or in one section. Their sockets are
    cut. `note` is for moderators, `text` for the person.

    An action that publishes for a person holds that person's row, so none commits after this one. Raises NotFound,
    Forbidden (not a moderator, not of higher rank, oneself), Invalid.
    """
    must("accounts.impose_sanction", actor, section)
    held = hold(actor.pk, user_id)
    actor = must("accounts.impose_sanction", present(held.get(actor.pk)), section)
    user = held.get(user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    must_outrank(actor, user, section)
    text = clean(text)
    _check_sanction(scope, until, reason, note, text, section)
    chosen = {"scope": scope, "section": section, "until": until, "reason": reason}
    sanction = Sanction.objects.create(user=user, **chosen, note=clean(note), text=text, imposed_by=actor)
    if scope == Sanction.Scope.ALL and section is None:
        user.push_subscriptions.all().delete()
    record(actor, "sanction.imposed", f"user.{user.pk}", {}, values_of(sanction, RESTRICTS))
    events.sanction_imposed(sanction)
    return sanction


@transaction.atomic
def lift_sanction(sanction_id: int, *, actor: User) -> Sanction:
    """End a sanction before its time. Raises NotFound, Forbidden, AlreadyLifted."""
    must_somewhere("accounts.lift_sanction", actor)
    sanction = Sanction.objects.select_for_update(of=("self",)).select_related("user").filter(pk=sanction_id).first()
    actor = must_somewhere("accounts.lift_sanction", acting(actor))
    if sanction is None:
        raise NotFound(_("There is no such restriction."))
    must("accounts.lift_sanction", actor, sanction.section)
    must_outrank(actor, sanction.user, sanction.section)
    if sanction.lifted_at is not None:
        raise AlreadyLifted(_("This restriction is over already."))
    record(actor, "sanction.lifted", f"user.{sanction.user_id}", values_of(sanction, RESTRICTS), {})
    return end(sanction, actor)


def end_sanctions() -> int:
    """End the sanctions whose time is over. Returns their number."""
    due = Sanction.over(timezone.now())
    if not due.exists():
        return 0
    with transaction.atomic():
        ended = [end(each, None) for each in due.select_for_update(skip_locked=True).order_by("until")[:100]]
    return len(ended)


def _check_sanction(scope: str, until: datetime | None, reason: str, note: str, text: str, section: int | None) -> None:
    errors = errors_of(reason, text)
    if not sections.are_known([section]):
        errors["section"] = [_("There is no such section.")]
    if scope not in Sanction.Scope:
        errors["scope"] = [_("There is no such scope.")]
    if until is not None and until <= timezone.now():
        errors["until"] = [_("This lies in the past.")]
    if len(note) > NOTE_LENGTH:
        errors["note"] = [_("This is too long.")]
    if errors:
        raise Invalid(_("Some fields need another look."), errors)


def end(sanction: Sanction, actor: User | None) -> Sanction:
    sanction.lifted_at, sanction.lifted_by = timezone.now(), actor
    sanction.save(update_fields=["lifted_at", "lifted_by"])
    events.sanction_lifted(sanction)
    return sanction
