"""Reactions to the signals of allauth and Django."""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal
from django.http import HttpRequest

from accounts import actions
from accounts.avatars import files_of
from accounts.models import User
from newsroom.monitoring import security
from newsroom.pictures import delete

NOTED: dict[str, Signal] = {
    "login": user_logged_in,
    "logout": user_logged_out,
    "password_changed": signals.password_changed,
    "password_reset": signals.password_reset,
    "address_changed": signals.email_changed,
    "factor_added": mfa.authenticator_added,
    "factor_removed": mfa.authenticator_removed,
    "factor_failed": mfa.authentication_failed,
}


def connect() -> None:
    for event, noted in NOTED.items():
        noted.connect(partial(_note, event), dispatch_uid=f"accounts.noted.{event}", weak=False)
    signals.authentication_step_completed.connect(_reauthenticated, dispatch_uid="accounts.reauthenticated")
    signals.email_confirmed.connect(_confirmed, dispatch_uid="accounts.confirmed")
    signals.password_reset.connect(_password_reset, dispatch_uid="accounts.password_reset")
    for signal in (mfa.authenticator_added, mfa.authenticator_removed):
        signal.connect(_second_factor_changed, dispatch_uid="accounts.second_factor")
    post_save.connect(_saved, sender=User, dispatch_uid="accounts.saved")
    user_logged_out.connect(_logged_out, dispatch_uid="accounts.logged_out")
    post_delete.connect(_deleted, sender=User, dispatch_uid="accounts.deleted")
    post_delete.connect(_session_ended, sender=UserSession, dispatch_uid="accounts.session_ended")


def _note(event: str, request: HttpRequest, user: User | None, **unused: Any) -> None:
    if user is not None:
        security.note(event, user.pk, request)


def _reauthenticated(request: HttpRequest, user: User, reauthenticated: bool = False, **unused: Any) -> None:
    if reauthenticated:
        security.note("reauthentication", user.pk, request)


def _confirmed(email_address: EmailAddress, **unused: Any) -> None:
    actions.confirm(email_address.user_id)


def _second_factor_changed(user: User, **unused: Any) -> None:
    actions.second_factor_changed(user.pk)


def _saved(instance: User, created: bool, **unused: Any) -> None:
    """A new password, wherever it was set: `manage.py changepassword` sends no other signal. `_password` is set between
    set_password() and save().
    """
    if not created and getattr(instance, "_password", None) is not None:
        actions.log_out_everywhere(instance.pk)


def _deleted(instance: User, **unused: Any) -> None:
    transaction.on_commit(partial(delete, files_of(instance.avatar)), robust=True)


def _password_reset(user: User, **unused: Any) -> None:
    actions.log_out_everywhere(user.pk, revoke_tokens=True)


def _logged_out(user: User | None, **unused: Any) -> None:
    if user is not None:
        actions.log_out_everywhere(user.pk)


def _session_ended(instance: UserSession, **unused: Any) -> None:
    actions.log_out_everywhere(instance.user_id)
