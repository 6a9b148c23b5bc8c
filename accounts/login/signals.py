"""Reactions to the signals of allauth and Django."""

from __future__ import annotations

from functools import partial
from typing import Any

from allauth.account import signals
from allauth.account.models import EmailAddress
from allauth.mfa import signals as mfa
from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models.signals import post_delete, post_save

from accounts import actions
from accounts.avatars import files_of
from accounts.models import User
from newsroom.pictures import delete


def connect() -> None:
    signals.email_confirmed.connect(_confirmed, dispatch_uid="accounts.confirmed")
    signals.password_reset.connect(_password_reset, dispatch_uid="accounts.password_reset")
    for signal in (mfa.authenticator_added, mfa.authenticator_removed):
        signal.connect(_second_factor_changed, dispatch_uid="accounts.second_factor")
    post_save.connect(_saved, sender=User, dispatch_uid="accounts.saved")
    user_logged_out.connect(_logged_out, dispatch_uid="accounts.logged_out")
    post_delete.connect(_deleted, sender=User, dispatch_uid="accounts.deleted")
    post_delete.connect(_session_ended, sender=UserSession, dispatch_uid="accounts.session_ended")


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
