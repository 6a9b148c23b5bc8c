"""Where allauth asks us: who signs up, how mails leave, who may guess how often."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import mails
from accounts.models import User
from accounts.names import name_key
from accounts.throttle import by_recipient
from accounts.vault import seal, unseal
from newsroom import limits
from newsroom.client import client_ip
from newsroom.errors import Conflict, TooManyRequests

EMAIL_LENGTH = 254
PASSWORD_LENGTH = 256
LOOPBACK = ("127.0.0.1", "::1")
COUNTED = "_mail_counted"  # on the request: this recipient's mail has been counted already
# Mails that anybody can cause, so that they are limited by recipient; the others tell of what one did oneself.
LIMITED = {
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_key",
    "account/email/unknown_account",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "0.0.0.0"  # noqa: S104  not an address to listen on: "unknown"

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """A new person from a checked form. Raises Conflict if name or address were taken in the same moment."""
        data = form.cleaned_data
        user.email, user.name, user.name_key = data["email"], data["name"], name_key(data["name"])
        chosen = translation.get_language()
        user.language = chosen if chosen and settings.LANGUAGE_COOKIE_NAME in request.COOKIES else ""
        user.set_password(data.get("password1") or data.get("password"))
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError as error:
            raise Conflict(_("Somebody was faster by a moment. Please try again.")) from error
        return user

    def clean_email(self, email: str) -> str:
        if len(email) > EMAIL_LENGTH:
            raise ValidationError(_("An e-mail address has at most %d characters.") % EMAIL_LENGTH, code="too_long")
        return email

    def clean_password(self, password: str, user: User | None = None) -> str:
        if len(password) > PASSWORD_LENGTH:
            raise ValidationError(_("A password has at most %d characters.") % PASSWORD_LENGTH, code="too_long")
        return str(super().clean_password(password, user))

    def should_send_confirmation_mail(self, request: HttpRequest, email_address: EmailAddress, signup: bool) -> bool:
        """After a login with an unconfirmed address another mail is sent, as long as the limit allows; links keep."""
        if signup:
            return True
        try:
            count_mail(request, email_address.email)
        except TooManyRequests:
            return False
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        if template_prefix in LIMITED:
            count_mail(self.request, email)
        mails.send(template_prefix, email, context)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the site's own name, not to whatever Host header came.

        They cannot belong to a number: a site on this machine alone has them under "localhost".
        """
        host = urlsplit(settings.SITE_URL).hostname or ""
        return {"id": "localhost" if host in LOOPBACK else host, "name": settings.SITE_NAME}


def count_mail(request: HttpRequest | None, email: str) -> None:
    """Count a mail to somebody, once a request. Raises TooManyRequests."""
    if getattr(request, COUNTED, None) == email:
        return
    limits.hit("mails", by_recipient(email))
    setattr(request, COUNTED, email)
