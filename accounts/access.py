"""Who may take part."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Protocol

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.duties import Duties, Duty
from accounts.models import Sanction, User
from accounts.permissions import DEEDS
from newsroom.api.renderers import iso
from newsroom.database.keys import LARGEST_ID
from newsroom.database.statements import is_postgresql, planned_cursor, prepared
from newsroom.errors import Forbidden, NotFound, Refused
from newsroom.formats.moments import in_words
from newsroom.monitoring import security

type Viewer = User | AnonymousUser


class NotLoggedIn(Refused):
    code = "not_authenticated"
    status = 401


class Unconfirmed(Refused):
    """The e-mail address has not been confirmed yet."""

    code = "unconfirmed"
    status = 403


class SecondFactorRequired(Forbidden):
    """The duty is there, but waits for an authenticator or a passkey (STAFF_2FA=required)."""

    code = "second_factor_required"


class Barred(Refused):
    """A sanction is in force; `reason` is a Reason code, `until` a time or null for good, `text` are moderators' words,
    `retry_after` the seconds that are left.
    """

    code = "barred"
    status = 403


def person(viewer: Viewer | AbstractBaseUser) -> User:
    """The logged-in person. Raises NotLoggedIn."""
    if not isinstance(viewer, User):
        raise NotLoggedIn(_("Log in first."))
    return viewer


def moderates(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.moderates


def sees_addresses(viewer: User) -> bool:
    """Whether the viewer may read e-mail addresses. People belong to no section: the duty must hold everywhere."""
    return viewer.may(Duty.ADMINISTRATE, None)


def may_somewhere(deed: str, viewer: Viewer | AbstractBaseUser) -> bool:
    """Whether the viewer's duties allow the deed in some section."""
    need = DEEDS[deed]
    return isinstance(viewer, User) and bool(viewer.sections(*need.duties, *((need.own,) if need.own else ())))


def must(deed: str, viewer: Viewer | AbstractBaseUser, section: int | None, *, is_own: bool = False) -> User:
    """The viewer, whose duties must allow the deed ("comments.approve") to a thing in that section; None: to a thing
    without a section. `is_own`: the thing is the viewer's. Raises NotLoggedIn, Forbidden.
    """
    actor, need = person(viewer), DEEDS[deed]
    if not need.met_by(actor.in_force, section, is_own=is_own):
        raise _refusal(actor, need.duties)
    return actor


def must_somewhere(deed: str, viewer: Viewer | AbstractBaseUser) -> User:
    """The same where the section is not known yet: the viewer's duties must allow it in some section."""
    actor = person(viewer)
    if not may_somewhere(deed, actor):
        raise _refusal(actor, DEEDS[deed].duties)
    return actor


def must_moderate(viewer: Viewer | AbstractBaseUser, section: int | None = None) -> User:
    """The viewer as a moderator on duty in that section; None: of things without a section. Raises NotLoggedIn,
    Forbidden.
    """
    return _must(viewer, Duty.MODERATE, section)


def must_moderate_somewhere(viewer: Viewer | AbstractBaseUser) -> User:
    """The viewer as a moderator on duty of all sections, or of some. Raises NotLoggedIn, Forbidden."""
    moderator = person(viewer)
    if not moderator.sections(Duty.MODERATE):
        raise _refusal(moderator, (Duty.MODERATE,))
    return moderator


def must_head(viewer: Viewer | AbstractBaseUser, section: int | None = None) -> User:
    """The viewer as somebody on duty who leads the moderators of that section; None: of all. Raises NotLoggedIn,
    Forbidden.
    """
    return _must(viewer, Duty.HEAD, section)


def _must(viewer: Viewer | AbstractBaseUser, duty: Duty, section: int | None) -> User:
    actor = person(viewer)
    if not actor.may(duty, section):
        raise _refusal(actor, (duty,))
    return actor


def must_have_second_factor(viewer: Viewer | AbstractBaseUser) -> None:
    """Raises SecondFactorRequired for staff whose duties wait for it."""
    if isinstance(viewer, User) and viewer.lacks_second_factor:
        raise SecondFactorRequired(
            _("Your duties begin once you have set up an authenticator app or a passkey as a second factor.")
        )


def _refusal(actor: User, duties: Sequence[Duty]) -> Forbidden:
    security.note("refused", actor.pk, duty=",".join(duties))
    if actor.given.sections(*duties):
        must_have_second_factor(actor)
    if any(actor.sections(duty) for duty in duties):
        return Forbidden(_("Your duty does not cover this section."))
    match tuple(duties):
        case (Duty.MODERATE,):
            return Forbidden(_("Only moderators can do that."))
        case (Duty.HEAD,):
            return Forbidden(_("Only those who lead the moderators can do that."))
        case (Duty.EDIT,):
            return Forbidden(_("Only editors can do that."))
        case (Duty.ADMINISTRATE,):
            return Forbidden(_("Only administrators can do that."))
        case (Duty.MODERATE, Duty.EDIT):
            return Forbidden(_("Only moderators and editors can do that."))
    return Forbidden(_("Only journalists and editors can do that."))


def duties_of(viewer: Viewer) -> Duties | None:
    """What decides about the rows that `viewer` may read beside their own; None for a stranger."""
    return viewer.in_force if isinstance(viewer, User) else None


def somebody(duties: Duties | None, pk: int) -> Viewer:
    """A viewer with these duties, to compile a statement with: see `newsroom.database.statements`."""
    if duties is None:
        return AnonymousUser()
    found = User(pk=pk)
    found.give(duties)
    found.is_on_duty = True
    return found


STATEMENTS = 50  # that are kept compiled: one for each set of duties that somebody has


def is_this_person(viewer: AbstractBaseUser | AnonymousUser, key: str) -> bool:
    """Who may read the stream "user.<key>": that person only."""
    return viewer.is_authenticated and str(viewer.pk) == key


def owner_of_feed(key: str) -> User:
    """The person whose own feed has this key. Raises NotFound, also for one whose account is locked or unconfirmed."""
    found = User.objects.filter(feed_key__key=key, is_active=True, is_confirmed=True).first() if key.isascii() else None
    if found is None:
        raise NotFound(_("There is no such feed."))
    return found


def acting(actor: User) -> User:
    """Lock the actor's row for sharing and return the person as they are now. A change of their role, or a sanction,
    waits until this transaction has committed.

    The request's user may be outdated. In the lock order this comes after streams and discussions. Raises NotLoggedIn.
    """
    if is_postgresql():  # Django has no FOR SHARE; SQLite has a single writer
        with planned_cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s FOR SHARE", [actor.pk])
    return present(User.objects.filter(pk=actor.pk).first())


def present(person: User | None) -> User:
    """The person, unless there is none or no longer. Raises NotLoggedIn."""
    if person is None or not person.is_active:
        raise NotLoggedIn(_("Log in first."))
    return person


def hold(*ids: int) -> dict[int, User]:
    """Lock these people's rows and return them as they are now. Actions of these people wait until we have
    committed.
    """
    known = [each for each in ids if each <= LARGEST_ID]
    rows = User.objects.select_for_update(no_key=True).filter(pk__in=known)
    return {each.pk: each for each in rows.order_by("pk")}


def must_outrank(actor: User, user: User, section: int | None) -> None:
    """Where a sanction or a warning holds: in its section, or everywhere. Nobody outranks themselves. Raises
    Forbidden.
    """
    theirs = user.rank if section is None else user.given.rank(section)
    if theirs >= actor.in_force.rank(section):
        raise Forbidden(_("You may only restrict people of a lower rank than your own."))


class Place(Protocol):
    """Something in a section, or in none. It is asked only for people who have a sanction."""

    @property
    def section_id(self) -> int | None: ...


def may_take_part(
    viewer: Viewer,
    scope: str = Sanction.Scope.ALL,
    place: Place | None = None,
    *,
    has_sanctions: bool | None = None,
) -> None:
    """Raise unless `viewer` may do in public what `scope` names, at that place: NotLoggedIn, Unconfirmed, Barred. One
    query, and none for somebody of whom it is known that they have no sanctions that were not lifted.

    Lock the viewer's row first (`FOR SHARE` is enough); otherwise a concurrent sanction may be missed.
    """
    if not isinstance(viewer, User) or not viewer.is_active:
        raise NotLoggedIn(_("Log in first."))
    if not viewer.is_confirmed:
        raise Unconfirmed(_("Confirm your e-mail address first."))
    if has_sanctions is None:
        has_sanctions = bool(_unlifted(viewer.pk))
    if not has_sanctions:
        return
    sanction = Sanction.objects.barring(viewer, scope, place.section_id if place else None).first()
    if sanction:
        until = sanction.until
        raise Barred(
            sentence_of(sanction),
            reason=sanction.reason,
            until=iso(until),
            scope=sanction.scope,
            text=sanction.text,
            retry_after=max(1, ceil((until - timezone.now()).total_seconds())) if until else None,
        )


def restrictions_of(viewer: User) -> Sequence[Sanction]:
    """The sanctions that are in force, the longest first."""
    return list(Sanction.objects.barring(viewer)) if _unlifted(viewer.pk) else []


@prepared(int)
def _unlifted(person: int) -> QuerySet[Sanction, int]:
    """A fast check: hardly anybody has a sanction. Only for those people a second query asks which ones bar."""
    return Sanction.objects.filter(user=person, lifted_at=None).values_list("pk", flat=True)[:1]


def sentence_of(sanction: Sanction) -> str:
    """What the sanction bars from, why, and until when in the site's time zone."""
    known = {"reason": sanction.get_reason_display(), "scope": sanction.what}
    is_all = sanction.scope == Sanction.Scope.ALL and sanction.section is None
    if sanction.until is None:
        for_good = _("You can no longer take part. Reason: {reason}")
        return (for_good if is_all else _("Closed to you for good: {scope}. Reason: {reason}")).format(**known)
    until = in_words(sanction.until)
    for_now = _("You cannot take part until {until}. Reason: {reason}")
    return (for_now if is_all else _("Closed to you until {until}: {scope}. Reason: {reason}")).format(
        **known, until=until
    )
