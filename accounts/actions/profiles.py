"""What a person shows of themselves."""

from __future__ import annotations

from functools import partial
from typing import IO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import avatars, events
from accounts.access import hold, may_take_part, must, must_outrank, present
from accounts.actions.words import errors_of
from accounts.audit import record
from accounts.models import User
from accounts.names import checked_name, name_key
from accounts.notifications import mailing
from newsroom import limits, pictures
from newsroom.errors import Invalid, NotFound
from newsroom.formats.moments import time_zones
from newsroom.live.outbox import site_changed
from newsroom.text import clean


@transaction.atomic
def change_profile(
    user_id: int,
    *,
    name: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    hidden: bool | None = None,
) -> User:
    """Change a person's own name, language or time zone, or whether others see their page; None leaves it. Raises
    Invalid.
    """
    user = present(User.objects.select_for_update(no_key=True).filter(pk=user_id).first())
    if language is not None:
        if language not in ("", *dict(settings.LANGUAGES)):
            raise Invalid(
                _("The site does not have this language."), {"language": [_("The site does not have this language.")]}
            )
        user.language = language
    if time_zone is not None:
        if time_zone not in ("", *time_zones()):
            raise Invalid(_("There is no such time zone."), {"time_zone": [_("There is no such time zone.")]})
        user.time_zone = time_zone
        mailing.reschedule(user)
    is_renamed = name is not None and name != user.name
    is_turned = hidden is not None and hidden != user.is_hidden
    user.is_hidden = user.is_hidden if hidden is None else hidden
    if name is not None and is_renamed:
        user.name = checked_name(name, is_staff=user.is_staff)
        user.name_key = name_key(user.name)
    try:
        with transaction.atomic():
            user.save(update_fields=["name", "name_key", "language", "time_zone", "is_hidden"])
    except IntegrityError as error:
        taken = _("This name is taken, or looks too much like another one.")
        raise Invalid(taken, {"name": [taken]}) from error
    if is_renamed or is_turned:
        site_changed()
    return user


def show_avatar(user: User, upload: IO[bytes]) -> User:
    """Show this picture beside the person's name, instead of one that they had. Raises Invalid, with the field `file`;
    TooManyRequests; and what `may_take_part` raises.
    """
    may_take_part(user)
    limits.hit("avatars", user.pk)
    name, files = avatars.encode(upload)
    with transaction.atomic():
        found = present(hold(user.pk).get(user.pk))
        may_take_part(found)  # again, since encoding took some time
        pictures.keep(files)
        _show(found, name)
    return found


@transaction.atomic
def drop_avatar(user: User) -> None:
    """Show the first letter of the person's name instead of their picture; idempotent."""
    _show(present(hold(user.pk).get(user.pk)), "")


@transaction.atomic
def remove_avatar(user_id: int, *, actor: User, reason: str, text: str = "") -> User:
    """Take down a person's picture and tell them why; `text` are words to them. They may show another one.

    Raises NotFound (no such person, or no picture), Forbidden (no moderator, not of higher rank, oneself), Invalid.
    """
    must("accounts.remove_avatar", actor, None)
    held = hold(actor.pk, user_id)
    actor = must("accounts.remove_avatar", present(held.get(actor.pk)), None)
    user = held.get(user_id)
    if user is None or not user.avatar:
        raise NotFound(_("There is no such picture."))
    must_outrank(actor, user, None)
    text = clean(text)
    errors = errors_of(reason, text)
    if errors:
        raise Invalid(_("Some fields need another look."), errors)
    record(actor, "avatar.removed", f"user.{user.pk}", {"avatar": user.avatar}, {"reason": reason})
    _show(user, "")
    events.avatar_removed(user, reason, text)
    return user


def _show(user: User, avatar: str) -> None:
    """The user is locked. The former picture's files go once nothing leads to them any more."""
    if user.avatar == avatar:
        return
    unused, user.avatar = avatars.files_of(user.avatar), avatar
    user.save(update_fields=["avatar"])
    transaction.on_commit(partial(pictures.delete, unused), robust=True)
    site_changed()
