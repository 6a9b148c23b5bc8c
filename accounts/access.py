"""Who may take part."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Sanction, User
from newsroom.api.renderers import iso
from newsroom.errors import Refused
from newsroom.prepared import is_postgresql, planned_cursor, prepared
from newsroom.times import in_words

type Viewer = User | AnonymousUser


class NotLoggedIn(Refused):
    code = "not_authenticated"
    status = 401


class Unconfirmed(Refused):
    """The e-mail address has not been confirmed yet."""

    code = "unconfirmed"
    status = 403


class Barred(Refused):
    """A sanction is in force; `reason` is a Reason code, `until` a time or null for good."""

    code = "barred"
    status = 403


def moderates(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.moderates


def edits(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.edits


def writes(viewer: Viewer) -> bool:
    return isinstance(viewer, User) and viewer.writes


def is_this_person(viewer: AbstractBaseUser | AnonymousUser, key: str) -> bool:
    """Who may hear the stream "user.<key>"."""
    return viewer.is_authenticated and str(viewer.pk) == key


def acting(actor: User) -> User:
    """Whoever does something, as they stand now; taking their role and barring them wait until we have committed.

    In the order of locks after streams and discussions: what the request knew of them may be over. Raises NotLoggedIn.
    """
    if is_postgresql():  # Django knows no FOR SHARE; on SQLite we are alone
        with planned_cursor() as cursor:
            cursor.execute("SELECT 1 FROM accounts_user WHERE id = %s FOR SHARE", [actor.pk])
    found = _person(actor.pk or 0)
    if not found or not found[0].is_active:
        raise NotLoggedIn(_("Log in first."))
    return found[0]


@prepared(int)
def _person(pk: int) -> QuerySet[User]:
    return User.objects.filter(pk=pk)


def may_take_part(viewer: Viewer, scope: str = Sanction.Scope.ALL) -> None:
    """Whether `viewer` may do in public what `scope` names. Raises NotLoggedIn, Unconfirmed, Barred. One query.

    To hold against a sanction that is being imposed, call it with the viewer's row locked (`FOR SHARE` will do).
    """
    if not isinstance(viewer, User) or not viewer.is_active:
        raise NotLoggedIn(_("Log in first."))
    if not viewer.is_confirmed:
        raise Unconfirmed(_("Confirm your e-mail address first."))
    sanction = Sanction.objects.barring(viewer, scope).first() if _unlifted(viewer.pk) else None
    if sanction:
        raise Barred(sentence_of(sanction), reason=sanction.reason, until=iso(sanction.until), scope=sanction.scope)


@prepared(int)
def _unlifted(person: int) -> QuerySet[Sanction, int]:
    """Hardly anybody has any; whether one bars is asked of those alone."""
    return Sanction.objects.filter(user=person, lifted_at=None).values_list("pk", flat=True)[:1]


def sentence_of(sanction: Sanction) -> str:
    """From what, why, and until when in the site's time."""
    known = {"reason": sanction.get_reason_display(), "scope": sanction.get_scope_display()}
    is_all = sanction.scope == Sanction.Scope.ALL
    if sanction.until is None:
        for_good = _("You can no longer take part. Reason: {reason}")
        return (for_good if is_all else _("Closed to you for good: {scope}. Reason: {reason}")).format(**known)
    until = in_words(sanction.until)
    for_now = _("You cannot take part until {until}. Reason: {reason}")
    return (for_now if is_all else _("Closed to you until {until}: {scope}. Reason: {reason}")).format(
        **known, until=until
    )
