"""Where allauth asks us: who signs up, how mails leave, who may guess how often."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import unstash_login
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from accounts import actions, mails
from accounts.models import User
from accounts.names import name_key
from accounts.throttle import by_recipient
from accounts.vault import seal, unseal
from newsroom import limits
from newsroom.client import client_ip
from newsroom.errors import TooManyRequests

EMAIL_LENGTH = 254
PASSWORD_LENGTH = 256
LOOPBACK = ("127.0.0.1", "::1")
COUNTED = "_mail_counted"  # on the request: this recipient's mail has been counted already
RETURNING = "_returning"  # on the request: who signs up once more, before having confirmed the address
PROVED_WITH = "account_proved_with"  # in the session: the password's hash by which somebody waits to be let in
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
        """A new person from a checked form. Raises TakenMeanwhile if name or address were taken in the same moment."""
        data = form.cleaned_data
        user.email, user.name, user.name_key = data["email"], data["name"], name_key(data["name"])
        chosen = translation.get_language()
        user.language = chosen if chosen and settings.LANGUAGE_COOKIE_NAME in request.COOKIES else ""
        user.set_password(data.get("password1") or data.get("password"))
        return actions.join(user)

    def clean_email(self, email: str) -> str:
        if len(email) > EMAIL_LENGTH:
            raise ValidationError(_("An e-mail address has at most %d characters.") % EMAIL_LENGTH, code="too_long")
        return email

    def clean_password(self, password: str, user: User | None = None) -> str:
        if len(password) > PASSWORD_LENGTH:
            raise ValidationError(_("A password has at most %d characters.") % PASSWORD_LENGTH, code="too_long")
        return str(super().clean_password(password, user))

    def pre_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse | None:
        """Whoever has to wait for a confirmation is let in afterwards by the password of today, not by an older one."""
        request.session[PROVED_WITH] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """The mail's link knows where the person was, since it may be opened on another device."""
        return with_way_back(str(super().get_email_confirmation_url(request, emailconfirmation)), way_back(request))

    def send_account_already_exists_mail(self, email: str) -> None:
        """Whoever signs up again before having confirmed gets the link again; the answer is everybody's."""
        user = getattr(current.request, RETURNING, None)
        if user is None:
            super().send_account_already_exists_mail(email)
        else:
            EmailAddress.objects.get_for_user(user, email).send_confirmation(current.request, signup=True)

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


def way_back(request: HttpRequest) -> str:
    """The page of ours (a path) from which somebody went to log in or to register; empty if there is none."""
    login = unstash_login(request, peek=True)
    back = get_next_redirect_url(request) or (login.redirect_url if login else "") or ""
    return back if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def with_way_back(address: str, back: str) -> str:
    return (
        f"{address}?{urlencode({REDIRECT_FIELD_NAME: back}).replace('%2F', '/')}" if back not in ("", "/") else address
    )


def count_mail(request: HttpRequest | None, email: str) -> None:
    """Count a mail to somebody, once a request. Raises TooManyRequests."""
    if getattr(request, COUNTED, None) == email:
        return
    limits.hit("mails", by_recipient(email))
    setattr(request, COUNTED, email)
