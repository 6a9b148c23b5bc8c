"""allauth's adapters: they save new people, send mails, and limit guesses."""

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
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _

from accounts import actions
from accounts.login.throttle import by_recipient
from accounts.login.vault import seal, unseal
from accounts.models import User
from accounts.names import name_key
from accounts.notifications import mails
from newsroom import limits
from newsroom.client import client_ip
from newsroom.errors import TooManyRequests
from newsroom.face.present import site_name
from newsroom.monitoring import security

EMAIL_LENGTH = 254
PASSWORD_LENGTH = 256
LOOPBACK = ("127.0.0.1", "::1")
COUNTED = "_mail_counted"  # on the request: the mail to this recipient was counted already
RETURNING = "_returning"  # on the request: the unconfirmed person who signs up again
# In the session: the hash of the password with which somebody waits for their confirmation
PROVED_WITH = "account_proved_with"
# Mails that anybody can cause to be sent to others, so that they are limited by recipient.
LIMITED = {
    "account/email/account_already_exists",
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/password_reset_key",
    "account/email/unknown_account",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def get_client_ip(self, request: HttpRequest) -> str:
        return client_ip(request) or "0.0.0.0"  # noqa: S104  stands for "unknown"; nothing listens on it

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Save a new person from a checked form. Raises TakenMeanwhile if another one took name or address just now."""
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
        """Remember the password's hash. A person who waits for a confirmation is then logged in only if it is still the
        same.
        """
        request.session[PROVED_WITH] = user.get_session_auth_hash()
        answer: HttpResponse | None = super().pre_login(request, user, **how)
        return answer

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        known = User.objects.filter(email__iexact=credentials.get("email") or "").values_list("pk", flat=True).first()
        security.note("login_failed", known, request)

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Leads staff who need a second factor to the page where they set it up."""
        answer: HttpResponse = super().post_login(request, user, **how)
        if not (user.lacks_second_factor and isinstance(answer, HttpResponseRedirect)):
            return answer
        return to_second_factor(request)

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        """Adds the page from which the person came, since the link may be opened on another device."""
        return with_way_back(str(super().get_email_confirmation_url(request, emailconfirmation)), way_back(request))

    def send_account_already_exists_mail(self, email: str) -> None:
        """A person who signs up again before having confirmed gets the link again. The page looks the same in both
        cases.
        """
        user = getattr(current.request, RETURNING, None)
        if user is None:
            super().send_account_already_exists_mail(email)
        else:
            EmailAddress.objects.get_for_user(user, email).send_confirmation(current.request, signup=True)

    def should_send_confirmation_mail(self, request: HttpRequest, email_address: EmailAddress, signup: bool) -> bool:
        """After a login with an unconfirmed address another mail is sent, within the limit. Earlier links stay
        valid.
        """
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


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """Redirects to the page where a second factor is set up, which says why."""
    sentence = _("Your duties begin once you have set up an authenticator app or a passkey as a second factor.")
    messages.warning(request, sentence)
    return HttpResponseRedirect(reverse("mfa_index"))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        return site_name()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the site's own name, not to the request's Host header.

        They cannot belong to an IP address: a site on a loopback address has them under "localhost".
        """
        host = urlsplit(settings.SITE_URL).hostname or ""
        return {"id": "localhost" if host in LOOPBACK else host, "name": site_name()}


def way_back(request: HttpRequest) -> str:
    """The path of our page from which somebody went to log in or to register; "" if there is none."""
    login = unstash_login(request, peek=True)
    back = get_next_redirect_url(request) or (login.redirect_url if login else "") or ""
    return back if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None) else ""


def with_way_back(address: str, back: str) -> str:
    return (
        f"{address}?{urlencode({REDIRECT_FIELD_NAME: back}).replace('%2F', '/')}" if back not in ("", "/") else address
    )


def count_mail(request: HttpRequest | None, email: str) -> None:
    """Count a mail to this recipient, once a request. Raises TooManyRequests."""
    if getattr(request, COUNTED, None) == email:
        return
    limits.hit("mails", by_recipient(email))
    setattr(request, COUNTED, email)
