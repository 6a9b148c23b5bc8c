"""Warnings: issued, acknowledged, taken back. Each action keeps `User.warned_at` true, under the lock of that row."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import NotLoggedIn, hold, must, must_outrank, must_somewhere
from accounts.audit import record
from accounts.models import User
from accounts.reasons import Reason
from accounts.sections import are_known
from comments import events
from comments.errors import AlreadyUndone, Unacknowledged
from comments.models import MAX_WORDS, Comment, Decision, FormalWarning
from comments.representations import warning_json
from newsroom.database.keys import LARGEST_ID
from newsroom.errors import Conflict, Invalid, NotFound
from newsroom.text import clean

UNDOABLE = timedelta(seconds=65)  # so long no mail about it has gone out


@transaction.atomic
def warn_person(
    person_id: int,
    *,
    actor: User,
    reason: str,
    text: str = "",
    section: int | None = None,
    decision: Decision | None = None,
) -> FormalWarning:
    """Warn a person, who must acknowledge it before they write the next comment. `section`: the id of that for which
    the actor speaks; None: of all. `decision`: about their comment; with it the warning is taken back.

    Raises NotFound, Forbidden (no moderator there, not of higher rank, oneself), Invalid.
    """
    must("comments.warn_person", actor, section)
    held = hold(actor.pk, person_id)
    if (present := held.get(actor.pk)) is None or not present.is_active:
        raise NotLoggedIn(_("Log in first."))
    actor = must("comments.warn_person", present, section)
    person = held.get(person_id)
    if person is None:
        raise NotFound(_("There is no such person."))
    must_outrank(actor, person, section)
    text = clean(text)
    _check(reason, text, section)
    made = {"reason": reason, "text": text, "section_id": section, "decision": decision}
    warning = FormalWarning.objects.create(person=person, issued_by=actor, **made)
    _renew(person.pk)
    record(actor, "person.warned", f"user.{person.pk}", {}, {"warning": warning.pk, "reason": reason})
    events.person_warned(warning)
    return warning


@transaction.atomic
def withdraw_warning(warning_id: int, *, actor: User) -> FormalWarning:
    """Take back a warning that came with no decision; who may know of it already is told.

    Raises NotFound; Forbidden (no moderator there, not of higher rank); AlreadyUndone; Conflict for one that goes with
    its decision.
    """
    must_somewhere("comments.withdraw_warning", actor)
    found = FormalWarning.objects.filter(pk=warning_id).first() if warning_id <= LARGEST_ID else None
    held = hold(actor.pk, found.person_id) if found else {}
    person = held.get(found.person_id) if found else None
    if found is None or person is None:
        raise NotFound(_("There is no such warning."))
    if (present := held.get(actor.pk)) is None or not present.is_active:
        raise NotLoggedIn(_("Log in first."))
    actor = must("comments.withdraw_warning", present, found.section_id)
    must_outrank(actor, person, found.section_id)
    warning = FormalWarning.objects.select_related("section", "issued_by").get(pk=found.pk)  # as it is under the lock
    if warning.decision_id is not None:
        raise Conflict(_("This warning came with a decision: it is taken back with that."))
    if warning.withdrawn_at is not None:
        raise AlreadyUndone(_("This warning was taken back already."))
    record(actor, "person.unwarned", f"user.{person.pk}", {"warning": warning.pk, "reason": warning.reason}, {})
    _withdraw(warning, timezone.now())
    return warning


@transaction.atomic
def acknowledge_warning(warning_id: int, *, actor: User) -> FormalWarning:
    """Record that the person has read their warning; idempotent. Raises NotFound for one of somebody else."""
    present = hold(actor.pk).get(actor.pk)
    if present is None or not present.is_active:
        raise NotLoggedIn(_("Log in first."))
    found = FormalWarning.objects.filter(pk=warning_id, person=present) if warning_id <= LARGEST_ID else None
    warning = found.first() if found is not None else None
    if warning is None:
        raise NotFound(_("There is no such warning."))
    if warning.waits:
        warning.acknowledged_at = timezone.now()
        warning.save(update_fields=["acknowledged_at"])
        _renew(present.pk)
    return warning


def must_have_acknowledged(author: User) -> None:
    """Raises Unacknowledged, which names the oldest warning that waits. The author's row is locked."""
    if author.warned_at is None:
        return
    warning = FormalWarning.objects.waiting().filter(person=author).order_by("id").first()
    if warning is not None:
        sentence = _("Moderators have warned you. Read the warning and confirm it; then you can write again.")
        raise Unacknowledged(sentence, warning=warning_json(warning))


def hold_warned(comment_id: int) -> None:
    """Lock whoever was warned because of this comment, before the comment: the first step of `take_back`."""
    people = FormalWarning.objects.filter(decision__comment=comment_id, withdrawn_at=None)
    if found := set(people.values_list("person", flat=True)):
        hold(*found)


def take_back(comment: Comment, decision: Decision | None = None) -> None:
    """Take back the warnings that came with decisions about this comment, or with this decision only. Who may know of
    one already is told. The caller has called `hold_warned`.
    """
    rows = FormalWarning.objects.filter(decision__comment=comment, withdrawn_at=None)
    now = timezone.now()
    for warning in rows if decision is None else rows.filter(decision=decision):
        _withdraw(warning, now)


def _withdraw(warning: FormalWarning, now: datetime) -> None:
    """The person's row is locked."""
    warning.withdrawn_at = now
    warning.save(update_fields=["withdrawn_at"])
    _renew(warning.person_id)
    is_known = warning.acknowledged_at is not None or now - warning.created_at > UNDOABLE
    events.warning_withdrawn(warning, is_known=is_known)


def _renew(person: int) -> None:
    """The person's row is locked."""
    oldest = FormalWarning.objects.waiting().filter(person=person).order_by("id")
    since = oldest.values_list("created_at", flat=True).first()
    User.objects.filter(pk=person).update(warned_at=since)


def _check(reason: str, text: str, section: int | None) -> None:
    errors: dict[str, list[str]] = {}
    if reason not in Reason.values:
        errors["reason"] = [_("There is no such reason.")]
    if len(text) > MAX_WORDS:
        errors["text"] = [_("At most %d characters fit in here.") % MAX_WORDS]
    if not are_known([section]):
        errors["section"] = [_("There is no such section.")]
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
