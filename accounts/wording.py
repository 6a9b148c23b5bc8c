"""Sentences of allauth that our catalogue says anew, since its German calls readers "du"; nothing reads this list."""

from __future__ import annotations

from django.utils.translation import gettext_noop

OURS = (
    gettext_noop("Please type your current password."),
    gettext_noop("You must type the same password each time."),
    gettext_noop("Too many failed login attempts. Try again later."),
    gettext_noop("Enter a valid email address."),
    gettext_noop("Invalid or expired key."),
    gettext_noop("You cannot add more than %d email addresses."),
    gettext_noop("Your primary email address must be verified."),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("Your password has been changed."),
    gettext_noop("You cannot remove your primary email address (%(email)s)."),
    gettext_noop("You are about to generate a new set of recovery codes for your account."),
    gettext_noop("You are about to deactivate authenticator app based authentication. Are you sure?"),
)
