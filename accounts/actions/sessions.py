"""Sessions, and what cuts a person's sockets."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import events
from accounts.access import acting, hold, must
from accounts.audit import record
from accounts.models import ApiToken, User
from newsroom.errors import Forbidden, NotFound


@transaction.atomic
def touch_session(key: str) -> None:
    """Record that a session was used."""
    UserSession.objects.filter(session_key=key).update(last_seen_at=timezone.now())


@transaction.atomic
def end_session(key: str) -> None:
    """End a session; the sockets of its person are cut, and those with another session come back."""
    for each in UserSession.objects.filter(session_key=key):
        each.end()


@transaction.atomic
def log_out_everywhere(user_id: int, *, revoke_tokens: bool = False) -> None:
    """After a new password: cut the person's sockets, and after a reset delete the keys. Django ends the sessions."""
    if revoke_tokens:
        ApiToken.objects.filter(user_id=user_id).delete()
    events.standing_changed(user_id)


@transaction.atomic
def end_sessions(user_id: int, *, actor: User) -> User:
    """Log a person out on all devices and end their keys, as after somebody else got into their account. They are told.

    Raises NotFound, Forbidden (no administrator of all sections, or oneself: one's profile has that).
    """
    actor = must("accounts.end_sessions", acting(actor), None)
    if user_id == actor.pk:
        raise Forbidden(_("Your own sessions are in your profile."))
    user = hold(user_id).get(user_id)
    if user is None:
        raise NotFound(_("There is no such person."))
    sessions, keys = UserSession.objects.filter(user=user), ApiToken.objects.filter(user=user)
    was = {"sessions": sessions.count(), "keys": keys.count()}
    for each in sessions:
        each.end()
    keys.delete()
    record(actor, "sessions.ended", f"user.{user.pk}", was | {"ended": ""}, {"sessions": 0, "keys": 0, "ended": "all"})
    events.sessions_ended(user)
    return user


@transaction.atomic
def second_factor_changed(user_id: int) -> None:
    """After an authenticator or a passkey came or went: duties may wait for one, so rights are asked again."""
    events.standing_changed(user_id)
