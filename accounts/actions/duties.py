"""Who has which duties."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import events, sections
from accounts.access import hold, must_somewhere, present
from accounts.actions.sanctions import end
from accounts.audit import record
from accounts.duties import Duties, Duty
from accounts.models import Sanction, User
from newsroom.errors import Forbidden, Invalid, NotFound
from newsroom.live.outbox import site_changed


@transaction.atomic
def give_duties(user_id: int, *, actor: User, duties: Duties) -> User:
    """Give a person these duties instead of those that they have; their sockets are cut. An administrator of some
    sections gives and takes duties there only.

    Raises NotFound, Forbidden, Invalid.
    """
    must_somewhere("accounts.give_duties", actor)
    if user_id == actor.pk:  # hence there is always an administrator left
        raise Forbidden(_("You cannot change your own duties."))
    held = hold(actor.pk, user_id)
    actor = present(held.get(actor.pk))  # of two administrators who take the duty from each other, the second fails
    must_somewhere("accounts.give_duties", actor)
    if user_id not in held:
        raise NotFound(_("There is no such person."))
    user = held[user_id]
    before = user.given
    if not all(actor.may(Duty.ADMINISTRATE, section) for _duty, section in before.given ^ duties.given):
        raise Forbidden(_("You can give and take only duties that you have yourself, and only where you have them."))
    if not sections.are_known(section for _duty, section in duties.given - before.given):
        raise Invalid(_("There is no such section."), {"given": [_("There is no such section.")]})
    _give(user, duties, actor)
    return user


def drop_section(section_id: int, *, actor: User) -> None:
    """Take the duties, and end the sanctions, that name a section which the actor deletes, in the same transaction."""
    staff = User.objects.exclude(role=User.Role.READER)
    concerned = [each.pk for each in staff if any(at == section_id for _duty, at in each.given.given)]
    for user in hold(*concerned).values():
        _give(user, Duties.of(pair for pair in user.given.given if pair[1] != section_id), actor)
    for sanction in Sanction.objects.select_for_update(of=("self",)).filter(section=section_id, lifted_at=None):
        end(sanction, actor)


def _give(user: User, duties: Duties, actor: User) -> None:
    """The user is locked."""
    before, role = user.given, user.role
    if before == duties:
        return
    user.give(duties)
    user.save(update_fields=["duties", "role"])
    record(actor, "duties.changed", f"user.{user.pk}", before.stored(), duties.stored())
    events.duties_changed(user, role)
    site_changed()
